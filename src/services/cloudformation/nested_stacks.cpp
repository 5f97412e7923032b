// What the stack around a nested one takes back, where its update fails: the nested one becomes
// what it was, by the template that was kept of it. What its URL has by then is not looked at.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/requests.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

/// Slots of definitions: "outer TOKEN".
constexpr std::string_view outer_prefix = "outer ";

std::string outer_slot(const std::string& token) {
  return std::string(outer_prefix) + token;
}

/// What is to be gone back to; empty where nothing is kept.
std::string find_kept(const Catalog& catalog, const StackKey& key) {
  std::string slot;
  catalog.definitions.scan(catalog.definitions.prefix(key),
                           [&](const DefinitionKey& found, const DefinitionRecord&) {
                             if (!std::get<1>(found).starts_with(outer_prefix)) return true;
                             slot = std::get<1>(found);
                             return false;
                           });
  return slot;
}

bool is_same(const DefinitionRecord& a, const DefinitionRecord& b) {
  return a.parameters == b.parameters && a.tags == b.tags &&
         a.notification_arns == b.notification_arns;
}

}  // namespace

void Service::keep_for_outer(const std::string& id, const std::string& token) {
  const std::optional<StackKey> key = key_of_arn(id);
  if (!key) return;
  const std::string slot = outer_slot(token);
  const std::string kept = find_kept(catalog_, *key);
  if (kept == slot) return;
  // An update that failed and was not taken back is not what it goes back to.
  const bool is_changing = catalog_.definitions.contains({*key, previous_slot});
  const std::string from = is_changing ? previous_slot : current_slot;
  const auto definition = catalog_.definitions.find({*key, from});
  const auto text = catalog_.templates.find({*key, from});
  if (!definition || !text) return;
  storage::Transaction transaction(store_);
  if (!kept.empty()) {
    catalog_.definitions.erase({*key, kept});
    catalog_.templates.erase({*key, kept});
  }
  catalog_.definitions.put({*key, slot}, *definition);
  catalog_.templates.put({*key, slot}, *text);
  transaction.commit();
}

bool Service::is_going_back(const std::string& id) const {
  const std::optional<StackKey> key = key_of_arn(id);
  const auto operation = key ? catalog_.operations.find(*key) : std::nullopt;
  return operation && (operation->phase == Phase::going_back || operation->is_rollback);
}

bool Service::return_to_kept(const std::string& id, const std::string& outer) {
  const std::optional<StackKey> key = key_of_arn(id);
  const std::optional<StackKey> outer_key = key_of_arn(outer);
  if (!key || !outer_key) return false;
  const std::string slot = find_kept(catalog_, *key);
  const auto operation = catalog_.operations.find(*outer_key);
  const auto definition = catalog_.definitions.find({*key, slot});
  const auto text = catalog_.templates.find({*key, slot});
  std::optional<StackRecord> record = catalog_.stacks.find(*key);
  if (slot.empty() || !operation || !definition || !text || !record) return false;
  const bool is_half_back = record->status == "UPDATE_ROLLBACK_FAILED";
  const auto current = catalog_.definitions.find({*key, current_slot});
  const auto current_text = catalog_.templates.find({*key, current_slot});
  if (!is_half_back && !record->status.ends_with("_FAILED") && current && current_text &&
      is_same(*current, *definition) && current_text->processed == text->processed)
    return false;
  if (!is_half_back && !is_updatable(record->status))
    throw resources::HandlerError(
        "", fmt::format("Embedded stack {} is in {} state and can not be rolled back.", id,
                        record->status));
  storage::Transaction transaction(store_);
  keep_previous(*key);
  catalog_.definitions.put({*key, current_slot}, *definition);
  catalog_.templates.put({*key, current_slot}, *text);
  const FoundStack found{.key = *key, .record = *record};
  begin(found, *record,
        {.type = "ROLLBACK",
         .client_token = operation->client_token,
         .caller = operation->caller,
         .rolls_back = false,
         .is_rollback = true},
        "UPDATE_ROLLBACK_IN_PROGRESS");
  transaction.commit();
  return true;
}

}  // namespace matinee::cloudformation

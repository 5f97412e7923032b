// Change sets of nested stacks, which are made with that of the stack around them, told by their
// ids, and executed and removed with it.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/preparing/parameter_values.h"
#include "services/cloudformation/requests.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view no_changes_left =
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set.";

/// "AROUND-LOGICALID-RANDOM12"
std::string nested_name(std::string_view around, std::string_view logical_id,
                        std::string_view uuid) {
  constexpr std::size_t most_letters = 128;
  constexpr std::size_t random_letters = 12;
  std::string random;
  for (const char c : uuid)
    if (c != '-' && random.size() < random_letters)
      random.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c);
  const std::string begin = fmt::format("{}-{}", around, logical_id);
  return fmt::format("{}-{}", begin.substr(0, most_letters - random_letters - 1), random);
}

void add_tags(std::vector<Tag>& tags, const std::vector<Tag>& more) {
  for (const Tag& tag : more)
    if (std::ranges::find(tags, tag.key, &Tag::key) == tags.end()) tags.push_back(tag);
}

/// What is asked of a nested stack by its properties, and by the request of the one around it.
CreateChangeSetRequest nested_request(const CreateChangeSetRequest& request,
                                      const Value& properties) {
  CreateChangeSetRequest nested;
  nested.template_url = properties.text_or("TemplateURL");
  nested.capabilities = request.capabilities;
  nested.role_arn = request.role_arn;
  nested.include_nested_stacks = true;
  nested.deployment_config = request.deployment_config;
  nested.parameters.emplace();
  if (const Value* given = properties.find("Parameters"))
    for (const templates::Member& member : given->members()) {
      Parameter parameter;
      parameter.parameter_key = member.name;
      parameter.parameter_value = member.value.text();
      nested.parameters->push_back(std::move(parameter));
    }
  if (const Value* arns = properties.find("NotificationARNs")) {
    nested.notification_ar_ns.emplace();
    for (const Value& arn : arns->elements()) nested.notification_ar_ns->push_back(arn.text());
  }
  nested.tags.emplace();
  if (const Value* tags = properties.find("Tags"))
    for (const Value& tag : tags->elements())
      nested.tags->push_back({.key = tag.text_or("Key"), .value = tag.text_or("Value")});
  if (request.tags) add_tags(*nested.tags, *request.tags);
  return nested;
}

bool has_no_changes(const ChangeSetRecord& set) {
  return set.status == "FAILED" && set.reason == no_changes_left;
}

/// Whether all that speaks for a change is that the template may be another one.
bool is_automatic(const ChangeRecord& change) {
  return change.action == "Modify" &&
         std::ranges::all_of(change.details, [](const DetailRecord& detail) {
           return detail.source == "Automatic";
         });
}

/// Whose the tables are that a run works on; nobody calls.
services::Context place_of(const StackKey& key) {
  services::Context context;
  context.account = std::get<0>(key);
  context.region = std::get<1>(key);
  return context;
}

/// A template that names itself would make change sets without end.
void check_depth(const Catalog& catalog, const FoundChangeSet& set) {
  constexpr std::size_t deepest = 10;
  const services::Context context = place_of(std::get<0>(set.key));
  std::string around = set.record.parent;
  for (std::size_t depth = 1; !around.empty(); ++depth) {
    if (depth >= deepest)
      throw ValidationError(fmt::format(
          "Stacks can be nested {} deep at most: does a template name itself?", deepest));
    const auto found = catalog.find_change_set(context, around, std::nullopt);
    around = found ? found->record.parent : "";
  }
}

}  // namespace

runtime::Task<bool> Service::add_nested_change_set(const Context& context,
                                                   CreateChangeSetRequest nested,
                                                   const FoundChangeSet& around, ChangeKey place) {
  ChangeRecord change = catalog_.changes.find(place).value_or(ChangeRecord{});
  const StackKey& outer = std::get<0>(around.key);
  const bool is_new = change.physical_id.empty();
  nested.change_set_name =
      nested_name(around.record.name, change.logical_id, runtime_.random.uuid());
  nested.change_set_type = is_new ? "CREATE" : "UPDATE";
  nested.stack_name = is_new
                          ? nested_name(name_of(outer), change.logical_id, runtime_.random.uuid())
                          : change.physical_id;
  const CreateChangeSetResponse made = co_await make_change_set(context, nested, &around);
  const auto set = catalog_.find_change_set(context, *made.id, std::nullopt);
  if (!set) co_return true;  // removed by somebody else meanwhile
  const bool is_empty = has_no_changes(set->record);
  const bool is_dropped = is_empty && is_automatic(change);
  storage::Transaction transaction(store_);
  if (is_empty) {
    remove_change_set(set->key, set->record);
  } else {
    change.nested_change_set = *made.id;
    catalog_.changes.put(place, change);
  }
  if (is_dropped) catalog_.changes.erase(place);
  auto stack = catalog_.stacks.find(std::get<0>(set->key));
  const auto outer_stack = catalog_.stacks.find(outer);
  if (is_new && stack && outer_stack) {
    stack->parent_id = arn_of(outer);
    stack->root_id = outer_stack->root_id.empty() ? arn_of(outer) : outer_stack->root_id;
    catalog_.stacks.put(std::get<0>(set->key), *stack);
  }
  transaction.commit();
  if (!is_empty && set->record.status != "CREATE_COMPLETE")
    throw ValidationError(
        fmt::format("Nested change set {} was not successfully created: Currently in {}.", *made.id,
                    set->record.status));
  co_return !is_dropped;
}

runtime::Task<> Service::add_nested_change_sets(const Context& context,
                                                const CreateChangeSetRequest& request,
                                                FoundChangeSet set, Plan plan) {
  std::string failure;
  std::size_t left = set.record.changes;
  try {
    check_depth(catalog_, set);
    for (std::uint32_t number = 0; number < set.record.changes; ++number) {
      const ChangeRecord& change = plan.changes[number];
      const auto nested = plan.nested.find(change.logical_id);
      if (nested == plan.nested.end() || (change.action != "Add" && change.action != "Modify"))
        continue;
      CreateChangeSetRequest wish = nested_request(request, nested->second);
      if (!co_await add_nested_change_set(context, std::move(wish), set, {set.key, number})) --left;
    }
  } catch (const protocol::ServiceError& error) {
    failure = error.message();
  }
  const auto now = catalog_.change_sets.find(set.key);
  if (!now) co_return;  // removed meanwhile
  set.record = *now;
  if (failure.empty() && left == 0 && !plan.changes_more && set.record.type == "UPDATE")
    failure = std::string(no_changes_left);
  set.record.status = "CREATE_COMPLETE";
  set.record.execution_status = "AVAILABLE";
  if (!failure.empty()) set.record.fail(failure);
  storage::Transaction transaction(store_);
  catalog_.change_sets.put(set.key, set.record);
  transaction.commit();
}

void Service::remove_nested_change_sets(const ChangeSetKey& key) {
  const services::Context context = place_of(std::get<0>(key));
  std::vector<std::string> nested;
  catalog_.changes.scan(catalog_.changes.prefix(key),
                        [&](const ChangeKey&, const ChangeRecord& change) {
                          if (!change.nested_change_set.empty())
                            nested.push_back(change.nested_change_set);
                          return true;
                        });
  for (const std::string& arn : nested) {
    const auto set = catalog_.find_change_set(context, arn, std::nullopt);
    if (!set || set->record.execution_status.starts_with("EXECUTE")) continue;
    remove_change_set(set->key, set->record);
    // A stack that it would have made is nobody's any more.
    const StackKey& stack = std::get<0>(set->key);
    const auto record = catalog_.stacks.find(stack);
    if (!record || record->status != "REVIEW_IN_PROGRESS") continue;
    erase_stack(stack);
    catalog_.live.erase({context.account, context.region, name_of(stack)});
  }
}

std::optional<NestedChangeSet> Service::nested_change_set(const std::string& outer,
                                                          const std::string& logical_id) const {
  const std::optional<StackKey> key = key_of_arn(outer);
  const auto operation = key ? catalog_.operations.find(*key) : std::nullopt;
  if (!operation || operation->change_set.empty()) return std::nullopt;
  std::string arn;
  catalog_.changes.scan(catalog_.changes.prefix(ChangeSetKey{*key, operation->change_set}),
                        [&](const ChangeKey&, const ChangeRecord& change) {
                          if (change.logical_id == logical_id) arn = change.nested_change_set;
                          return arn.empty();
                        });
  if (arn.empty()) return std::nullopt;
  const auto set = catalog_.find_change_set(place_of(*key), arn, std::nullopt);
  if (!set) return std::nullopt;
  return NestedChangeSet{.arn = arn,
                         .stack_id = arn_of(std::get<0>(set->key)),
                         .is_executed = set->record.execution_status.starts_with("EXECUTE")};
}

void Service::execute_nested(const resources::Subject& subject, const NestedChangeSet& nested,
                             const Value& parameters) {
  const auto gone = [&] {
    return resources::HandlerError("NotFound",
                                   fmt::format("ChangeSet [{}] does not exist", nested.arn));
  };
  const std::optional<StackKey> outer = key_of_arn(subject.stack_id);
  const auto operation = outer ? catalog_.operations.find(*outer) : std::nullopt;
  if (!operation) throw gone();
  const auto set = catalog_.find_change_set(place_of(*outer), nested.arn, std::nullopt);
  if (!set) throw gone();
  const auto& [key, uuid] = set->key;
  auto definition = catalog_.definitions.find({key, uuid});
  auto record = catalog_.stacks.find(key);
  if (!definition || !record) throw gone();
  for (ParameterValue& parameter : definition->parameters) {
    const Value* now = parameters.find(parameter.name);
    if (!is_known_later(parameter.given) || !now) continue;
    if (parameter.type.starts_with("AWS::SSM::Parameter::Value<"))
      throw resources::HandlerError(
          "InvalidRequest",
          fmt::format("The parameter {} of the nested stack names a value in SSM, and which one "
                      "was not known when the change set was made.",
                      parameter.name));
    parameter.given = now->text();
  }
  storage::Transaction transaction(store_);
  catalog_.definitions.put({key, uuid}, *definition);
  if (const auto around = catalog_.stacks.find(*outer))
    record->disable_rollback = around->disable_rollback;
  begin_execution(*set, *std::move(record),
                  {.client_token = operation->client_token, .caller = operation->caller});
  if (subject.made && set->record.type == "CREATE") subject.made(nested.stack_id);
  transaction.commit();
}

}  // namespace matinee::cloudformation

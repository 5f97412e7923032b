// Resources that are there already and become a stack's: those that a change set of type IMPORT
// names, and those that ImportExistingResources finds.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "services/cloudformation/planning/import_candidates.h"
#include "services/cloudformation/planning/owners.h"
#include "services/cloudformation/running/failures.h"
#include "services/cloudformation/service.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

namespace {

/// Reads a resource in order to see whether it is there. One of another kind, or that the caller
/// may not see, is not: then it is made, and that says what stands in its way. Throws HandlerError.
runtime::Task<bool> is_there(resources::Subject& subject, const ImportCandidate& candidate) {
  static const std::set<std::string, std::less<>> unseen = {"NotFound", "InvalidRequest",
                                                            "UnsupportedAction", "AccessDenied"};
  std::optional<resources::HandlerError> failure;
  try {
    co_await candidate.type->read(subject, candidate.id);
  } catch (const resources::HandlerError& error) {
    failure = error;
  } catch (const protocol::ServiceError& error) {
    failure = handler_error(error);
  }
  if (failure && !unseen.contains(failure->code)) throw *failure;
  co_return !failure;
}

/// The message names what was read: not where that is secret.
resources::HandlerError hide_identity(const resources::HandlerError& error,
                                      const ImportCandidate& candidate) {
  if (same_value(candidate.identifying, candidate.shown)) return error;
  return {error.code, std::string(hidden_value)};
}

/// The section as it stands in a template after its transforms.
std::string outputs_of(const Prepared* prepared) {
  const Value* outputs = prepared ? prepared->root.find("Outputs") : nullptr;
  return outputs ? templates::to_json(*outputs) : "{}";
}

void refuse_unless_empty(const std::vector<std::string>& ids, std::string_view before,
                         std::string_view after) {
  if (!ids.empty())
    throw ValidationError(fmt::format("{} [{}] {}", before, fmt::join(ids, ", "), after));
}

}  // namespace

void Service::check_imports(const ChangeSetRecord& set, const StackKey& key,
                            const PlannedImport& planned) const {
  const auto& [existing, wanted, plan] = planned;
  const Prepared& prepared = *wanted.definition;
  std::vector<std::string> missing;
  std::vector<std::string> owned;
  std::vector<std::string> unprotected;
  std::set<std::pair<std::string, std::string>> taken;  // types and physical ids
  for (const auto& [id, physical] : set.imports) {
    const templates::Resource* resource = prepared.checked->find_resource(id);
    const auto& made = prepared.selection.resources;
    if (!resource || std::ranges::find(made, id) == made.end()) {
      missing.push_back(id);
      continue;
    }
    const bool is_taken = !taken.emplace(resource->type, physical).second;
    if (is_taken || existing.resources.contains(id) || owner_of(key, resource->type, physical))
      owned.push_back(id);
    if (evaluate_resource(*resource, prepared.environment).deletion_policy.empty())
      unprotected.push_back(id);
  }
  refuse_unless_empty(missing, "The logical resource ids",
                      "provided in Resource To Import do not exist in the template.");
  refuse_unless_empty(owned, "Resources",
                      "passed in ResourceToImport are already in a stack and cannot be imported.");
  refuse_unless_empty(unprotected, "The following resources to import",
                      "must have DeletionPolicy attribute specified in the template.");
  std::vector<std::string> others;
  for (const ChangeRecord& change : plan.changes)
    if (change.action != "Import" && !change.only_without_values)
      others.push_back(change.logical_id);
  if (!existing.definition)
    refuse_unless_empty(others, "Resources", "is missing from ResourceToImport list");
  refuse_unless_empty(others, "You have modified resources",
                      "in your template that are not being imported. Update, create or delete "
                      "operations cannot be executed during import operations.");
  if (outputs_of(existing.definition) != outputs_of(&prepared))
    throw ValidationError("As part of the import operation, you cannot modify or add [Outputs]");
}

std::optional<StackKey> Service::owner_of(const StackKey& asking, std::string_view type,
                                          std::string_view physical_id) const {
  return find_owner(catalog_, {asking, ""}, type, physical_id);
}

/// Notes in the change set what it takes in, or why it cannot.
runtime::Task<> Service::find_existing(resources::Calls& calls, const StackKey& key,
                                       const Prepared& prepared, ChangeSetRecord& set) {
  const auto has = [&](std::string_view id) {
    const auto record = catalog_.resources.find({key, std::string(id)});
    return record && !record->state.id.empty() && record->status != "CREATE_FAILED";
  };
  std::vector<std::string> unprotected;
  std::set<std::pair<std::string, std::string>> taken;  // types and physical ids
  for (const ImportCandidate& candidate : find_import_candidates(
           prepared, has, [this](std::string_view name) { return find_type(name); })) {
    const std::string_view type = candidate.type->schema().type_name();
    if (owner_of(key, type, candidate.id)) continue;
    // Of two that are the same the second is to be made: it fails as one that is there already.
    if (!taken.emplace(type, candidate.id).second) continue;
    resources::Subject subject{.calls = calls,
                               .runtime = runtime_,
                               .account = std::get<0>(key),
                               .region = std::get<1>(key),
                               .stack_name = name_of(key),
                               .stack_id = arn_of(key),
                               .logical_id = candidate.logical_id,
                               .token = runtime_.random.uuid(),
                               .known = candidate.identifying};
    std::string reason;
    try {
      if (!co_await is_there(subject, candidate)) continue;
    } catch (const resources::HandlerError& error) {
      reason = told_failure(hide_identity(error, candidate), subject.token);
    }
    if (!reason.empty()) co_return set.fail(std::move(reason));
    if (keeps_what_is_imported(candidate.deletion_policy))
      set.imports[candidate.logical_id] = candidate.id;
    else
      unprotected.push_back(told_candidate(candidate));
  }
  if (!unprotected.empty())
    set.fail(fmt::format(
        "CloudFormation is attempting to import some resources because they already exist in your "
        "account. The resources must have the DeletionPolicy attribute set to 'Retain' or "
        "'RetainExceptOnCreate' in the template for successful import. The affected resources are "
        "{}",
        fmt::join(unprotected, ", ")));
}

}  // namespace matinee::cloudformation

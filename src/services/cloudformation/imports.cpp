// Resources that are there already and become a stack's: those that a change set of type IMPORT
// names, and those that ImportExistingResources finds.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "services/cloudformation/planning/import_candidates.h"
#include "services/cloudformation/running/failures.h"
#include "services/cloudformation/service.h"

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

}  // namespace

std::optional<StackKey> Service::owner_of(const Context& context, std::string_view type,
                                          std::string_view physical_id) const {
  std::optional<StackKey> owner;
  catalog_.resources.scan(
      catalog_.resources.prefix(context.account, context.region),
      [&](const ResourceKey& key, const ResourceRecord& record) {
        if (record.state.id != physical_id || record.state.type != type) return true;
        if (record.status == "DELETE_COMPLETE" || record.status == "DELETE_SKIPPED") return true;
        owner = std::get<0>(key);
        return false;
      });
  return owner;
}

/// Notes in the change set what it takes in, or why it cannot.
runtime::Task<> Service::find_existing(const Context& context, resources::Calls& calls,
                                       const StackKey& key, const Prepared& prepared,
                                       ChangeSetRecord& set) {
  const auto has = [&](std::string_view id) {
    const auto record = catalog_.resources.find({key, std::string(id)});
    return record && !record->state.id.empty() && record->status != "CREATE_FAILED";
  };
  std::vector<std::string> unprotected;
  for (const ImportCandidate& candidate : find_import_candidates(
           prepared, has, [this](std::string_view name) { return find_type(name); })) {
    if (owner_of(context, candidate.type->schema().type_name(), candidate.id)) continue;
    resources::Subject subject{.calls = calls,
                               .runtime = runtime_,
                               .account = context.account,
                               .region = context.region,
                               .stack_name = name_of(key),
                               .stack_id = arn_of(key),
                               .logical_id = candidate.logical_id,
                               .token = runtime_.random.uuid(),
                               .known = candidate.identifying};
    std::string reason;
    try {
      if (!co_await is_there(subject, candidate)) continue;
    } catch (const resources::HandlerError& error) {
      reason = told_failure(error, subject.token);
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

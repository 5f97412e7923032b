#include "services/insight/service.h"

#include <fmt/format.h>

#include "identity/suggestion.h"
#include "insight/errors.h"
#include "insight/operations.h"

namespace matinee::insight {

Service::Service(const identity::Activity& activity, const identity::Directory* directory)
    : ServiceBase(insight::model), activity_(activity), directory_(directory) {}

SuggestPolicyResponse Service::suggest_policy(const Context& context,
                                              const SuggestPolicyRequest& request) {
  if (request.user_name.has_value() == request.role_name.has_value())
    throw protocol::ServiceError("ValidationException", 400,
                                 "Exactly one of UserName and RoleName must be given.");
  const bool is_user = request.user_name.has_value();
  const std::string& name = is_user ? *request.user_name : *request.role_name;
  std::shared_ptr<const identity::Identity> found;
  if (directory_)
    found = is_user ? directory_->find_user(context.account, name)
                    : directory_->find_role(context.account, name);
  if (!found)
    throw NoSuchEntityException(
        fmt::format("The {} with name {} cannot be found.", is_user ? "user" : "role", name));
  std::vector<identity::ActionUse> uses = activity_.uses_of(found->arn);
  if (request.since)
    std::erase_if(uses, [&](const identity::ActionUse& use) { return use.last < *request.since; });
  SuggestPolicyResponse response{.principal_arn = found->arn,
                                 .policy_document = identity::suggest_policy(uses)};
  std::vector<Use>& told = response.uses.emplace();
  for (identity::ActionUse& use : uses) {
    Use& one = told.emplace_back(Use{.action = std::move(use.action),
                                     .resource = std::move(use.resource),
                                     .region = std::move(use.region),
                                     .first = use.first,
                                     .last = use.last,
                                     .count = static_cast<std::int64_t>(use.count)});
    if (use.refused == 0) continue;
    one.refused = static_cast<std::int64_t>(use.refused);
    one.refusal = std::move(use.refusal);
  }
  return response;
}

}  // namespace matinee::insight

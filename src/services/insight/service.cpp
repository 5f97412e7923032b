#include "services/insight/service.h"

#include <fmt/format.h>

#include "identity/suggestion.h"
#include "insight/errors.h"
#include "insight/operations.h"
#include "services/arn.h"
#include "services/insight/hops.h"

namespace matinee::insight {

namespace {

struct Named {
  std::string account;
  std::string name;
};

/// By name in the caller's account, or by ARN; of other accounts only to callers in process.
Named named(const Context& context, const std::string& name_or_arn) {
  const std::optional<services::Arn> arn = services::parse_arn(name_or_arn);
  if (!arn) return {.account = context.account, .name = name_or_arn};
  if (arn->account != context.account && !is_in_process(context))
    throw protocol::ServiceError("AccessDeniedException", 400,
                                 "Only the calls of one's own account are told.");
  return {.account = arn->account, .name = arn->resource.substr(arn->resource.rfind('/') + 1)};
}

}  // namespace

Service::Service(const Sources& sources)
    : ServiceBase(insight::model),
      activity_(sources.activity),
      directory_(sources.directory),
      clock_(sources.clock),
      journal_(sources.journal),
      loop_(sources.loop) {}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  if (inquiry.resource == "arn:aws:matinee::*:cloud") return {.account = "*"};
  return {};
}

SuggestPolicyResponse Service::suggest_policy(const Context& context,
                                              const SuggestPolicyRequest& request) {
  if (request.user_name.has_value() == request.role_name.has_value())
    throw protocol::ServiceError("ValidationException", 400,
                                 "Exactly one of UserName and RoleName must be given.");
  const bool is_user = request.user_name.has_value();
  const auto [account, name] = named(context, is_user ? *request.user_name : *request.role_name);
  std::shared_ptr<const identity::Identity> found;
  if (directory_)
    found = is_user ? directory_->find_user(account, name) : directory_->find_role(account, name);
  if (!found)
    throw NoSuchEntityException(fmt::format("The {} with name {} cannot be found in account {}.",
                                            is_user ? "user" : "role", name, account));
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

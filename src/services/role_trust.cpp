#include "services/role_trust.h"

#include <fmt/format.h>

#include "services/arn.h"

namespace matinee::services {

std::optional<std::string> why_not_trusted(Decider& decider, const identity::Directory& directory,
                                           const TakingOn& taking) {
  const std::string account(account_of_arn(taking.role));
  const auto role = directory.find_role(account, taking.role.substr(taking.role.rfind('/') + 1));
  if (!role || !role->trust_document) return fmt::format("The role {} does not exist", taking.role);
  const Inquiry assuming{.context = taking.taker,
                         .operation = taking.operation,
                         .request = nullptr,
                         .action = "sts:AssumeRole",
                         .resource = taking.role};
  const Guarded guarded{.account = account,
                        .policy = role->trust_document,
                        .policy_rules = true,
                        .is_trust_policy = true};
  const identity::Decision decision = decider.decide(
      assuming, guarded,
      [](std::string_view) -> std::optional<std::vector<std::string>> { return std::nullopt; });
  if (decision.allowed) return std::nullopt;
  return decider.sentence(assuming, guarded, decision);
}

}  // namespace matinee::services

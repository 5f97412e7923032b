#include "services/role_trust.h"

#include "services/arn.h"

namespace matinee::services {

bool is_trusted(Decider& decider, const ServiceBase& service, const identity::Directory& directory,
                const TakingOn& taking) {
  const std::string account(account_of_arn(taking.role));
  const auto role = directory.find_role(account, taking.role.substr(taking.role.rfind('/') + 1));
  if (!role || !role->trust_document) return false;
  const Inquiry assuming{.context = taking.taker,
                         .operation = taking.told_by.operation,
                         .request = taking.told_by.request,
                         .action = "sts:AssumeRole",
                         .resource = taking.role};
  return decider
      .decide(service, assuming,
              {.account = account,
               .policy = role->trust_document,
               .policy_rules = true,
               .is_trust_policy = true})
      .allowed;
}

}  // namespace matinee::services

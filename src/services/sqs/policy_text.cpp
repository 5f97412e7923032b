#include "services/sqs/policy_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/policy_statements.h"

namespace matinee::sqs {

using services::PolicyParts;

namespace {

std::string statement_of(const Permission& permission, std::string_view queue_arn) {
  std::vector<std::string> principals;
  for (const std::string& account : permission.accounts)
    principals.push_back(fmt::format("arn:aws:iam::{}:root", account));
  std::vector<std::string> actions;
  for (const std::string& action : permission.actions) actions.push_back("SQS:" + action);
  return fmt::format(
      R"({{"Sid":"{}","Effect":"Allow","Principal":{{"AWS":{}}},"Action":{},"Resource":"{}"}})",
      permission.label, services::one_or_list(principals), services::one_or_list(actions),
      queue_arn);
}

}  // namespace

bool has_statement(const std::string& policy, std::string_view label) {
  const PolicyParts parts = services::take_apart(policy);
  return std::ranges::any_of(parts.statements,
                             [&](const auto& statement) { return statement.first == label; });
}

std::string with_permission(const std::string& policy, const Permission& permission,
                            std::string_view queue_arn) {
  PolicyParts parts = services::take_apart(policy);
  if (!parts.valid)
    parts.others = {R"("Version":"2008-10-17")",
                    fmt::format(R"("Id":"{}/SQSDefaultPolicy")", queue_arn)};
  parts.statements.emplace_back(permission.label, statement_of(permission, queue_arn));
  return services::put_together(parts);
}

std::string without_permission(const std::string& policy, std::string_view label) {
  PolicyParts parts = services::take_apart(policy);
  std::erase_if(parts.statements, [&](const auto& statement) { return statement.first == label; });
  return parts.statements.empty() ? std::string() : services::put_together(parts);
}

}  // namespace matinee::sqs

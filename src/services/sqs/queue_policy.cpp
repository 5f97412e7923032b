#include "services/sqs/queue_policy.h"

#include <fmt/format.h>

#include "policy/wildcard.h"
#include "services/sqs/rules.h"

namespace matinee::sqs {

namespace {

constexpr std::size_t max_bytes = 8192;
constexpr std::size_t max_statements = 20;
constexpr std::size_t max_principals = 50;
constexpr std::size_t max_conditions = 10;
constexpr std::size_t max_actions = 7;

void require_at_most(std::size_t most, std::size_t count, std::string_view what) {
  if (count > most)
    throw OverLimit(fmt::format("{} {} were found, maximum allowed is {}.", count, what, most));
}

bool is_about_queues(std::string_view action) {
  constexpr std::string_view prefix = "sqs:";
  return action == "*" || (action.size() > prefix.size() &&
                           policy::equals_ignoring_case(action.substr(0, prefix.size()), prefix));
}

std::size_t count_principals(const policy::Principals& principals) {
  return principals.accounts.size() + principals.arns.size() + principals.services.size() +
         principals.federated.size() + principals.canonical.size() + (principals.everyone ? 1 : 0);
}

}  // namespace

std::shared_ptr<const policy::Document> read_policy(const std::string& json) {
  auto document = policy::parse(json);
  if (!document) return nullptr;
  return std::make_shared<const policy::Document>(std::move(*document));
}

void require_policy(const std::string& json) {
  const auto document = policy::parse(json);
  if (!document) throw InvalidAttributeValue("Invalid value for the parameter Policy.");
  if (json.size() > max_bytes)
    throw OverLimit(
        fmt::format("The policy has {} bytes, maximum allowed is {}.", json.size(), max_bytes));
  require_at_most(max_statements, document->statements.size(), "Statements");
  std::size_t principals = 0;
  std::size_t conditions = 0;
  for (const policy::Statement& statement : document->statements) {
    require_at_most(max_actions, statement.actions.patterns.size(), "Actions");
    for (const std::string& action : statement.actions.patterns)
      if (!is_about_queues(action))
        refuse_value("Policy", json, "Policy statement action out of service scope!");
    principals += count_principals(*statement.principals);
    conditions += statement.conditions.size();
  }
  require_at_most(max_principals, principals, "Principals");
  require_at_most(max_conditions, conditions, "Conditions");
}

}  // namespace matinee::sqs

// Who else may use a queue: AddPermission and RemovePermission, which edit its Policy attribute.
#include <fmt/format.h>

#include "services/sqs/policy_text.h"
#include "services/sqs/queue_policy.h"
#include "services/sqs/rules.h"
#include "services/sqs/service.h"

namespace matinee::sqs {

namespace {

constexpr std::size_t max_actions = 7;

/// What an owner may let others do.
constexpr std::string_view grantable_actions[] = {
    "*",           "ChangeMessageVisibility",    "DeleteMessage", "GetQueueAttributes",
    "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue",    "ReceiveMessage",
    "SendMessage"};

void require_actions(const std::vector<std::string>& actions) {
  if (actions.empty()) refuse_missing("Actions");
  if (actions.size() > max_actions)
    throw OverLimit(
        fmt::format("{} Actions were found, maximum allowed is {}.", actions.size(), max_actions));
  for (const std::string& action : actions) {
    if (is_owners_action(action))
      refuse_value("ActionName", "SQS:" + action,
                   "Only the queue owner is allowed to invoke this action.");
    if (std::ranges::find(grantable_actions, action) == std::end(grantable_actions))
      refuse_value("ActionName", "SQS:" + action,
                   "Please refer to the appropriate WSDL for a list of valid actions.");
  }
}

void require_accounts(const std::vector<std::string>& accounts) {
  if (accounts.empty()) refuse_missing("AWSAccountIds");
  for (const std::string& account : accounts)
    if (account.size() != 12 ||
        !std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; }))
      refuse_value("PrincipalId", account, "Unable to verify principal.");
}

}  // namespace

AddPermissionResponse Service::add_permission(const Context& context,
                                              const AddPermissionRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  require_label(request.label);
  require_actions(request.actions);
  require_accounts(request.aws_account_ids);
  QueueRecord record = queue.record;
  std::string& policy = record.attributes["Policy"];
  if (has_statement(policy, request.label)) refuse_value("Label", request.label, "Already exists.");
  policy = with_permission(
      policy,
      {.label = request.label, .accounts = request.aws_account_ids, .actions = request.actions},
      queue.arn);
  require_policy(policy);
  record.modified_at = clock_.now();
  change_record(queue, std::move(record));
  return {};
}

RemovePermissionResponse Service::remove_permission(const Context& context,
                                                    const RemovePermissionRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  require_label(request.label);
  QueueRecord record = queue.record;
  const auto policy = record.attributes.find("Policy");
  if (policy == record.attributes.end()) refuse_value("Label", request.label, "can't find label.");
  if (!has_statement(policy->second, request.label))
    refuse_value("Label", request.label, "can't find label on existing policy.");
  policy->second = without_permission(policy->second, request.label);
  if (policy->second.empty()) record.attributes.erase(policy);
  record.modified_at = clock_.now();
  change_record(queue, std::move(record));
  return {};
}

}  // namespace matinee::sqs

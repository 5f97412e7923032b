// AddPermission and RemovePermission: statements of a topic's policy.
#include <fmt/format.h>

#include <algorithm>

#include "protocol/json_writer.h"
#include "services/policy_statements.h"
#include "services/sns/named.h"
#include "services/sns/permitted.h"

namespace matinee::sns {

namespace {

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string json_text(std::string_view text) {
  std::string out;
  protocol::json::append_string(out, text);
  return out;
}

std::string policy_of(const LiveTopic& topic) {
  const std::string given = attribute_of(topic.record, "Policy");
  return given.empty() ? default_policy(topic.key) : given;
}

}  // namespace

AddPermissionResponse Service::add_permission(const Context& context,
                                              const AddPermissionRequest& request) {
  LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  if (request.label.empty()) refuse("Label");
  std::vector<std::string> principals;
  for (const std::string& account : request.aws_account_id) {
    if (!is_account(account)) refuse("AWSAccountId");
    principals.push_back(fmt::format("arn:aws:iam::{}:root", account));
  }
  std::vector<std::string> actions;
  for (const std::string& action : request.action_name) {
    if (std::ranges::find(permitted, action) == std::end(permitted))
      refuse("Policy statement action out of service scope!");
    actions.push_back("SNS:" + action);
  }
  if (principals.empty() || actions.empty()) refuse("Policy Error: null");
  services::PolicyParts parts = services::take_apart(policy_of(topic));
  for (const auto& [sid, json] : parts.statements)
    if (sid == request.label) refuse("Statement already exists");
  parts.statements.emplace_back(
      request.label,
      fmt::format(
          R"({{"Sid":{},"Effect":"Allow","Principal":{{"AWS":{}}},"Action":{},"Resource":"{}"}})",
          json_text(request.label), services::one_or_list(principals),
          services::one_or_list(actions), topic.arn));
  TopicRecord record = topic.record;
  record.attributes["Policy"] = services::put_together(parts);
  change_record(topic, std::move(record));
  return {};
}

RemovePermissionResponse Service::remove_permission(const Context& context,
                                                    const RemovePermissionRequest& request) {
  LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  services::PolicyParts parts = services::take_apart(policy_of(topic));
  const auto gone = std::erase_if(
      parts.statements, [&](const auto& statement) { return statement.first == request.label; });
  if (gone == 0) return {};
  TopicRecord record = topic.record;
  record.attributes["Policy"] = services::put_together(parts);
  change_record(topic, std::move(record));
  return {};
}

}  // namespace matinee::sns

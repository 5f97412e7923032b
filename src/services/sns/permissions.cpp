// AddPermission and RemovePermission: statements of a topic's policy.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>

#include "protocol/json_writer.h"
#include "services/sns/named.h"

namespace matinee::sns {

namespace {

/// What a policy of a topic may let others do.
constexpr std::string_view permitted[] = {"AddPermission",
                                          "DeleteTopic",
                                          "GetDataProtectionPolicy",
                                          "GetTopicAttributes",
                                          "ListSubscriptionsByTopic",
                                          "ListTagsForResource",
                                          "Publish",
                                          "PutDataProtectionPolicy",
                                          "RemovePermission",
                                          "SetTopicAttributes",
                                          "Subscribe"};

/// A policy taken apart: its statements, and what else it has, in order.
struct Parts {
  std::vector<std::string> others;                              // "name":value
  std::vector<std::pair<std::string, std::string>> statements;  // Sid, JSON
};

Parts take_apart(const std::string& policy) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  Parts parts;
  if (parser.parse(policy).get(object)) return parts;
  for (const auto& [name, value] : object) {
    if (name != "Statement") {
      parts.others.push_back(fmt::format("\"{}\":{}", name, simdjson::minify(value)));
      continue;
    }
    const auto add = [&](simdjson::dom::element statement) {
      std::string_view sid;
      const bool unnamed = statement["Sid"].get(sid) != simdjson::SUCCESS;
      parts.statements.emplace_back(unnamed ? "" : std::string(sid), simdjson::minify(statement));
    };
    if (simdjson::dom::array statements; !value.get(statements))
      std::ranges::for_each(statements, add);
    else
      add(value);
  }
  return parts;
}

std::string put_together(const Parts& parts) {
  std::vector<std::string> statements;
  for (const auto& [sid, json] : parts.statements) statements.push_back(json);
  std::vector<std::string> members = parts.others;
  members.push_back(fmt::format("\"Statement\":[{}]", fmt::join(statements, ",")));
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

/// As AWS writes it: a string where there is one, a list where there are several.
std::string one_or_list(const std::vector<std::string>& values) {
  if (values.size() == 1) return fmt::format("\"{}\"", values.front());
  return fmt::format("[\"{}\"]", fmt::join(values, "\",\""));
}

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
  Parts parts = take_apart(policy_of(topic));
  for (const auto& [sid, json] : parts.statements)
    if (sid == request.label) refuse("Statement already exists");
  parts.statements.emplace_back(
      request.label,
      fmt::format(
          R"({{"Sid":{},"Effect":"Allow","Principal":{{"AWS":{}}},"Action":{},"Resource":"{}"}})",
          json_text(request.label), one_or_list(principals), one_or_list(actions), topic.arn));
  TopicRecord record = topic.record;
  record.attributes["Policy"] = put_together(parts);
  change_record(topic, std::move(record));
  return {};
}

RemovePermissionResponse Service::remove_permission(const Context& context,
                                                    const RemovePermissionRequest& request) {
  LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  Parts parts = take_apart(policy_of(topic));
  const auto gone = std::erase_if(
      parts.statements, [&](const auto& statement) { return statement.first == request.label; });
  if (gone == 0) return {};
  TopicRecord record = topic.record;
  record.attributes["Policy"] = put_together(parts);
  change_record(topic, std::move(record));
  return {};
}

}  // namespace matinee::sns

#include "services/sqs/policy_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>

namespace matinee::sqs {

namespace {

using simdjson::dom::element;

/// A policy taken apart: its statements, and what else it has.
struct Parts {
  bool valid = false;
  std::vector<std::string> others;                              // "name":value
  std::vector<std::pair<std::string, std::string>> statements;  // Sid, JSON
};

std::string sid_of(element statement) {
  std::string_view sid;
  return statement["Sid"].get(sid) ? std::string() : std::string(sid);
}

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
    const auto add = [&](element statement) {
      parts.statements.emplace_back(sid_of(statement), simdjson::minify(statement));
    };
    parts.valid = value.is_array() || value.is_object();
    if (simdjson::dom::array statements; !value.get(statements))
      std::ranges::for_each(statements, add);
    else if (value.is_object())
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

std::string statement_of(const Permission& permission, std::string_view queue_arn) {
  std::vector<std::string> principals;
  for (const std::string& account : permission.accounts)
    principals.push_back(fmt::format("arn:aws:iam::{}:root", account));
  std::vector<std::string> actions;
  for (const std::string& action : permission.actions) actions.push_back("SQS:" + action);
  return fmt::format(
      R"({{"Sid":"{}","Effect":"Allow","Principal":{{"AWS":{}}},"Action":{},"Resource":"{}"}})",
      permission.label, one_or_list(principals), one_or_list(actions), queue_arn);
}

}  // namespace

bool has_statement(const std::string& policy, std::string_view label) {
  const Parts parts = take_apart(policy);
  return std::ranges::any_of(parts.statements,
                             [&](const auto& statement) { return statement.first == label; });
}

std::string with_permission(const std::string& policy, const Permission& permission,
                            std::string_view queue_arn) {
  Parts parts = take_apart(policy);
  if (!parts.valid)
    parts.others = {R"("Version":"2008-10-17")",
                    fmt::format(R"("Id":"{}/SQSDefaultPolicy")", queue_arn)};
  parts.statements.emplace_back(permission.label, statement_of(permission, queue_arn));
  return put_together(parts);
}

std::string without_permission(const std::string& policy, std::string_view label) {
  Parts parts = take_apart(policy);
  std::erase_if(parts.statements, [&](const auto& statement) { return statement.first == label; });
  return parts.statements.empty() ? std::string() : put_together(parts);
}

}  // namespace matinee::sqs

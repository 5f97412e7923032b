#include "services/policy_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>

namespace matinee::services {

namespace {

using simdjson::dom::element;

std::string sid_of(element statement) {
  std::string_view sid;
  return statement["Sid"].get(sid) ? std::string() : std::string(sid);
}

}  // namespace

PolicyParts take_apart(const std::string& policy) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  PolicyParts parts;
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

std::string put_together(const PolicyParts& parts) {
  std::vector<std::string> statements;
  for (const auto& [sid, json] : parts.statements) statements.push_back(json);
  std::vector<std::string> members = parts.others;
  members.push_back(fmt::format("\"Statement\":[{}]", fmt::join(statements, ",")));
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

std::string one_or_list(const std::vector<std::string>& values) {
  if (values.size() == 1) return fmt::format("\"{}\"", values.front());
  return fmt::format("[\"{}\"]", fmt::join(values, "\",\""));
}

}  // namespace matinee::services

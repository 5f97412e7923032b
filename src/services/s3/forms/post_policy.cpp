#include "services/s3/forms/post_policy.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "policy/wildcard.h"
#include "protocol/base64.h"
#include "protocol/timestamps.h"
#include "s3/errors.h"

namespace matinee::s3 {

namespace {

using simdjson::dom::element;

[[noreturn]] void refuse(const std::string& reason) {
  throw InvalidPolicyDocument("Invalid Policy: " + reason);
}

[[noreturn]] void deny(const std::string& reason) {
  throw AccessDenied("Invalid according to Policy: " + reason);
}

struct Condition {
  std::string operation;  // "eq", "starts-with"; empty where it never holds
  std::string field;      // in lower case, without the dollar sign
  std::string value;
  std::string text;  // as the error shows it
};

/// The members of a policy, once they are known to be of the right types.
struct Policy {
  runtime::Time expiration;
  std::vector<Condition> conditions;
  LengthRange lengths;
};

std::uint64_t length_of(element value) {
  std::uint64_t number = 0;
  if (!value.get(number)) return number;
  std::string_view text;
  if (value.get(text)) refuse("Invalid content-length-range: bounds must be numbers.");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    refuse("Invalid content-length-range: bounds must be numbers.");
  return number;
}

/// As errors show a condition: JSON with a space behind each comma.
std::string show(const simdjson::dom::array& list) {
  std::string text;
  for (const element each : list) text += (text.empty() ? "" : ", ") + simdjson::minify(each);
  return "[" + text + "]";
}

/// What makes no sense is a condition that never holds.
void add_list_condition(Policy& policy, const simdjson::dom::array& list) {
  if (list.size() != 3) refuse("Invalid Condition: wrong number of arguments.");
  std::string_view name;
  std::string_view field;
  std::string_view value;
  const bool is_text = !list.at(0).get(name);
  const std::string operation = policy::to_lower(name);
  if (operation == "content-length-range") {
    policy.lengths = {.minimum = length_of(list.at(1)), .maximum = length_of(list.at(2))};
    return;
  }
  Condition condition{.operation = "", .field = "", .value = "", .text = show(list)};
  const bool makes_sense = is_text && (operation == "eq" || operation == "starts-with") &&
                           !list.at(1).get(field) && field.starts_with('$') &&
                           !list.at(2).get(value);
  if (makes_sense) {
    condition.operation = operation;
    condition.field = policy::to_lower(field.substr(1));
    condition.value = value;
  }
  policy.conditions.push_back(std::move(condition));
}

void add_condition(Policy& policy, element condition) {
  if (simdjson::dom::array list; !condition.get(list)) return add_list_condition(policy, list);
  simdjson::dom::object members;
  if (condition.get(members)) refuse("Invalid Condition: must be an object or a list.");
  if (members.size() != 1)
    refuse("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
  for (const auto& [name, member] : members) {
    std::string_view value;
    if (member.get(value)) refuse("Invalid Condition: the value must be a string.");
    policy.conditions.push_back({.operation = "eq",
                                 .field = policy::to_lower(name),
                                 .value = std::string(value),
                                 .text = fmt::format(R"(["eq", "${}", "{}"])", name, value)});
  }
}

Policy read_policy(const std::string& base64) {
  const std::optional<std::string> json = protocol::base64_decode(base64);
  if (!json) refuse("Invalid base64.");
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(*json).get(members)) refuse("Invalid JSON.");
  Policy policy;
  std::string_view expiration;
  if (members["expiration"].get(expiration)) refuse("Policy missing expiration.");
  const auto time = protocol::parse_iso8601(expiration);
  if (!time) refuse(fmt::format("Invalid 'expiration' value: '{}'", expiration));
  policy.expiration = *time;
  simdjson::dom::array conditions;
  if (members["conditions"].get(conditions)) refuse("Policy missing conditions.");
  for (const element condition : conditions) add_condition(policy, condition);
  return policy;
}

/// The field of a form that nobody needs to have allowed.
bool is_free(std::string_view name) {
  return name == "policy" || name == "file" || name == "x-amz-signature" || name == "signature" ||
         name == "awsaccesskeyid" || name.starts_with("x-ignore-");
}

bool holds(const Condition& condition, const std::string& value) {
  if (condition.operation.empty()) return false;
  if (condition.operation == "eq") return value == condition.value;
  if (condition.field != "content-type") return value.starts_with(condition.value);
  // A list of types begins with the prefix in each of its members.
  for (std::string_view rest = value;;) {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    if (!rest.starts_with(condition.value)) return false;
    const std::size_t comma = rest.find(',');
    if (comma == std::string_view::npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

LengthRange check_post_policy(const FormFields& fields, const std::string& bucket,
                              runtime::Time now) {
  const std::string* text = find_field(fields, "policy");
  if (!text) return {};
  const Policy policy = read_policy(*text);
  if (now >= policy.expiration) deny("Policy expired.");
  std::set<std::string, std::less<>> covered;
  for (const Condition& condition : policy.conditions) {
    covered.insert(condition.field);
    const std::string* value =
        condition.field == "bucket" ? &bucket : find_field(fields, condition.field);
    if (!holds(condition, value ? *value : std::string()))
      deny("Policy Condition failed: " + condition.text);
  }
  for (const auto& [name, value] : fields)
    if (name != "bucket" && !is_free(name) && !covered.contains(name))
      deny("Extra input fields: " + name);
  if (!covered.contains("bucket")) deny("Extra input fields: bucket");
  return policy.lengths;
}

}  // namespace matinee::s3

#include "services/ssm/parameter_policies.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "protocol/timestamps.h"
#include "services/ssm/faults.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

using Element = simdjson::dom::element;

constexpr std::size_t most_policies = 10;
constexpr std::string_view expiration = "Expiration";
constexpr std::string_view notification = "ExpirationNotification";
constexpr std::string_view no_change = "NoChangeNotification";

InvalidPolicyAttributeException bad_attribute() {
  return InvalidPolicyAttributeException("A policy attribute or its value is invalid.");
}

std::string_view text_of(const Element& object, std::string_view member) {
  std::string_view text;
  if (object[member].get(text)) throw bad_attribute();
  return text;
}

// "15" or 15.
std::int64_t number_of(const Element& object, std::string_view member) {
  std::int64_t number = 0;
  if (!object[member].get(number)) return number;
  const std::string_view text = text_of(object, member);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw bad_attribute();
  return number;
}

runtime::Duration span_of(const Element& attributes, std::string_view member) {
  const std::int64_t number = number_of(attributes, member);
  const std::string_view unit = text_of(attributes, "Unit");
  constexpr std::int64_t most = 365'000;
  if (number < 1 || number > most) throw bad_attribute();
  if (unit == "Days") return std::chrono::days(number);
  if (unit == "Hours") return std::chrono::hours(number);
  throw bad_attribute();
}

PolicyRecord parse_policy(const Element& element) {
  PolicyRecord policy;
  std::string_view type;
  if (element["Type"].get(type) ||
      (type != expiration && type != notification && type != no_change))
    throw InvalidPolicyTypeException(
        "The policy type isn't supported. Parameter Store supports the following policy types: "
        "Expiration, ExpirationNotification, and NoChangeNotification.");
  Element attributes;
  if (text_of(element, "Version") != "1.0" || element["Attributes"].get(attributes))
    throw bad_attribute();
  policy.type = type;
  policy.text = simdjson::minify(element);
  if (type == expiration) {
    const auto time = protocol::parse_iso8601(text_of(attributes, "Timestamp"));
    if (!time) throw bad_attribute();
    policy.at = *time;
  } else {
    policy.span = span_of(attributes, type == notification ? "Before" : "After");
  }
  return policy;
}

// One expiration at most, and notifications of it only where there is one.
void require_compatible(const std::vector<PolicyRecord>& policies) {
  const auto expirations = std::ranges::count(policies, expiration, &PolicyRecord::type);
  const auto notifications = std::ranges::count(policies, notification, &PolicyRecord::type);
  if (expirations > 1 || (notifications > 0 && expirations == 0))
    throw IncompatiblePolicyException(
        "There is a conflict in the policies specified for this parameter. You can't, for example, "
        "specify two Expiration policies for a parameter. Review your policies, and try again.");
}

}  // namespace

std::optional<runtime::Time> moment_of(const PolicyRecord& policy, const VersionDetails& details) {
  if (policy.type == expiration) return policy.at;
  if (policy.type == no_change) return details.modified + policy.span;
  const auto end = std::ranges::find(details.policies, expiration, &PolicyRecord::type);
  if (end == details.policies.end() || !end->at) return std::nullopt;
  return *end->at - policy.span;
}

std::vector<PolicyRecord> parse_policies(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::array array;
  const simdjson::padded_string padded(json);
  if (parser.parse(padded).get(array))
    throw validation("Invalid policies input: the policies of a parameter are a JSON array.");
  std::vector<PolicyRecord> policies;
  for (const Element element : array) {
    simdjson::dom::object object;
    if (element.get(object)) throw bad_attribute();
    if (object.size() > 0) policies.push_back(parse_policy(element));
  }
  if (policies.size() > most_policies)
    throw PoliciesLimitExceededException(
        "You specified more than the maximum number of allowed policies for the parameter. The "
        "maximum is 10.");
  require_compatible(policies);
  return policies;
}

std::vector<ParameterInlinePolicy> describe_policies(const VersionDetails& details,
                                                     runtime::Time now) {
  std::vector<ParameterInlinePolicy> described;
  for (const PolicyRecord& policy : details.policies) {
    const auto moment = moment_of(policy, details);
    described.push_back({.policy_text = policy.text,
                         .policy_type = policy.type,
                         .policy_status = moment && *moment <= now ? "Finished" : "Pending"});
  }
  return described;
}

}  // namespace matinee::ssm

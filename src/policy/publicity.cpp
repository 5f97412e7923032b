#include "policy/publicity.h"

#include <algorithm>

#include "policy/conditions.h"
#include "policy/wildcard.h"

namespace matinee::policy {

namespace {

/// Keys whose fixed values limit a statement to somebody in particular.
constexpr std::string_view limiting_keys[] = {"aws:principalaccount",
                                              "aws:principalarn",
                                              "aws:principalorgid",
                                              "aws:principalorgpaths",
                                              "aws:sourceaccount",
                                              "aws:sourcearn",
                                              "aws:sourceowner",
                                              "aws:sourcevpc",
                                              "aws:sourcevpce",
                                              "aws:userid",
                                              "s3:dataaccesspointaccount",
                                              "s3:dataaccesspointarn",
                                              "s3:x-amz-server-side-encryption-aws-kms-key-id"};

bool is_fixed(std::string_view key, std::string_view value) {
  if (value.find("${") != std::string_view::npos) return false;
  // Of a session of a role only the role's id is fixed; AWS accepts any session of it.
  if (key == "aws:userid" && value.ends_with(":*")) value.remove_suffix(2);
  return !has_wildcards(value);
}

bool is_private(const IpRange& range) {
  const auto byte = [&](std::size_t index) {
    return static_cast<unsigned char>(range.bytes[index]);
  };
  if (range.bytes.size() != 4) return false;
  return (byte(0) == 10 && range.prefix >= 8) ||
         (byte(0) == 172 && (byte(1) & 0xf0) == 16 && range.prefix >= 12) ||
         (byte(0) == 192 && byte(1) == 168 && range.prefix >= 16);
}

/// Ranges broader than /8, and /32 for IPv6, are as good as everyone.
bool is_narrow(const std::string& text) {
  const std::optional<IpRange> range = parse_ip_range(text);
  if (!range) return false;
  return is_private(*range) || range->prefix >= (range->bytes.size() == 4 ? 8U : 32U);
}

bool limits(const Condition& condition) {
  if (condition.negated || condition.if_exists || condition.values.empty() ||
      condition.quantifier == Quantifier::all_values)
    return false;
  if (condition.key == "aws:sourceip")
    return condition.comparison == Comparison::ip_address &&
           std::ranges::all_of(condition.values, is_narrow);
  const bool compares_text = condition.comparison == Comparison::string_equals ||
                             condition.comparison == Comparison::string_equals_ignore_case ||
                             condition.comparison == Comparison::string_like ||
                             condition.comparison == Comparison::arn_like;
  return compares_text &&
         std::ranges::find(limiting_keys, condition.key) != std::end(limiting_keys) &&
         std::ranges::all_of(condition.values, [&](const std::string& value) {
           return is_fixed(condition.key, value);
         });
}

}  // namespace

bool is_public(const Statement& statement) {
  if (!statement.allows) return false;
  const bool to_everyone =
      statement.not_principals || !statement.principals || statement.principals->everyone;
  return to_everyone && std::ranges::none_of(statement.conditions, limits);
}

bool is_public(const Document& document) {
  return std::ranges::any_of(document.statements,
                             [](const Statement& statement) { return is_public(statement); });
}

}  // namespace matinee::policy

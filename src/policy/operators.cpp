// The names of condition operators.
#include <algorithm>

#include "policy/document.h"

namespace matinee::policy {

namespace {

struct Operator {
  std::string_view name;
  Comparison comparison;
  bool negated = false;
};

constexpr Operator operators[] = {
    {"StringEquals", Comparison::string_equals},
    {"StringNotEquals", Comparison::string_equals, true},
    {"StringEqualsIgnoreCase", Comparison::string_equals_ignore_case},
    {"StringNotEqualsIgnoreCase", Comparison::string_equals_ignore_case, true},
    {"StringLike", Comparison::string_like},
    {"StringNotLike", Comparison::string_like, true},
    {"NumericEquals", Comparison::numeric_equals},
    {"NumericNotEquals", Comparison::numeric_equals, true},
    {"NumericLessThan", Comparison::numeric_less},
    {"NumericLessThanEquals", Comparison::numeric_less_equals},
    {"NumericGreaterThan", Comparison::numeric_greater},
    {"NumericGreaterThanEquals", Comparison::numeric_greater_equals},
    {"DateEquals", Comparison::date_equals},
    {"DateNotEquals", Comparison::date_equals, true},
    {"DateLessThan", Comparison::date_less},
    {"DateLessThanEquals", Comparison::date_less_equals},
    {"DateGreaterThan", Comparison::date_greater},
    {"DateGreaterThanEquals", Comparison::date_greater_equals},
    {"Bool", Comparison::boolean},
    {"BinaryEquals", Comparison::binary_equals},
    {"IpAddress", Comparison::ip_address},
    {"NotIpAddress", Comparison::ip_address, true},
    {"ArnEquals", Comparison::arn_like},
    {"ArnNotEquals", Comparison::arn_like, true},
    {"ArnLike", Comparison::arn_like},
    {"ArnNotLike", Comparison::arn_like, true},
    {"Null", Comparison::null},
};

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<Condition> find_operator(std::string_view name) {
  Condition condition{.operation = std::string(name)};
  if (remove_prefix(name, "ForAllValues:"))
    condition.quantifier = Quantifier::all_values;
  else if (remove_prefix(name, "ForAnyValue:"))
    condition.quantifier = Quantifier::any_value;
  if (name.ends_with("IfExists")) {
    condition.if_exists = true;
    name.remove_suffix(std::string_view("IfExists").size());
  }
  const auto found = std::ranges::find(operators, name, &Operator::name);
  if (found == std::end(operators)) return std::nullopt;
  if (found->comparison == Comparison::null && condition.if_exists) return std::nullopt;
  condition.comparison = found->comparison;
  condition.negated = found->negated;
  return condition;
}

}  // namespace matinee::policy

#include "policy/conditions.h"

#include <algorithm>
#include <charconv>

#include "policy/arn_pattern.h"
#include "policy/wildcard.h"
#include "protocol/base64.h"
#include "protocol/timestamps.h"

namespace matinee::policy {

namespace {

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A date in ISO 8601, or in seconds since 1970.
std::optional<double> date_of(std::string_view text) {
  std::optional<protocol::Timestamp> time = protocol::parse_iso8601(text);
  if (!time) time = protocol::parse_unix_seconds(text);
  if (!time) return std::nullopt;
  return static_cast<double>(time->time_since_epoch().count());
}

bool compare_order(Comparison comparison, double found, double expected) {
  switch (comparison) {
    case Comparison::numeric_equals:
    case Comparison::date_equals:
      return found == expected;
    case Comparison::numeric_less:
    case Comparison::date_less:
      return found < expected;
    case Comparison::numeric_less_equals:
    case Comparison::date_less_equals:
      return found <= expected;
    case Comparison::numeric_greater:
    case Comparison::date_greater:
      return found > expected;
    default:
      return found >= expected;
  }
}

bool is_within(std::string_view address, std::string_view range_text) {
  const std::optional<IpRange> found = parse_ip_range(address);
  const std::optional<IpRange> range = parse_ip_range(range_text);
  if (!found || !range || found->bytes.size() != range->bytes.size()) return false;
  for (unsigned bit = 0; bit < range->prefix; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    const auto one = static_cast<unsigned char>(found->bytes[bit / 8]);
    const auto other = static_cast<unsigned char>(range->bytes[bit / 8]);
    if ((one & mask) != (other & mask)) return false;
  }
  return true;
}

/// Without the marks of literals, for operators that know no wildcards.
std::string without_marks(std::string_view pattern) {
  std::string text;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == literal_mark && at + 1 < pattern.size()) ++at;
    text += pattern[at];
  }
  return text;
}

bool is_number(Comparison comparison) {
  return comparison >= Comparison::numeric_equals &&
         comparison <= Comparison::numeric_greater_equals;
}

bool equals(std::string_view pattern, std::string_view found) {
  if (pattern.find(literal_mark) == std::string_view::npos) return pattern == found;
  return without_marks(pattern) == found;
}

bool compare(Comparison comparison, std::string_view found, std::string_view pattern) {
  switch (comparison) {
    case Comparison::string_like:
      return matches_wildcards(pattern, found);
    case Comparison::arn_like:
      return matches_arn(pattern, found, nullptr);
    case Comparison::string_equals:
      return equals(pattern, found);
    case Comparison::string_equals_ignore_case:
    case Comparison::boolean:
      return equals_ignoring_case(without_marks(pattern), found);
    case Comparison::binary_equals: {
      const auto one = protocol::base64_decode(without_marks(pattern));
      return one && one == protocol::base64_decode(found);
    }
    case Comparison::ip_address:
      return is_within(found, without_marks(pattern));
    default:
      break;
  }
  const auto read = is_number(comparison) ? number_of : date_of;
  const std::optional<double> one = read(found);
  const std::optional<double> other = read(without_marks(pattern));
  return one && other && compare_order(comparison, *one, *other);
}

/// Whether the request's value is like one of the condition's, or, negated, like none of them. A
/// value whose variable the request has not got is like nothing; null keys: there are no variables.
bool accepts(const Condition& condition, std::string_view found, const Keys* keys) {
  const bool any = std::ranges::any_of(condition.values, [&](const std::string& value) {
    if (!keys || value.find("${") == std::string::npos)
      return compare(condition.comparison, found, value);
    if (condition.comparison == Comparison::arn_like) return matches_arn(value, found, keys);
    const auto replaced = replace_variables(value, *keys);
    return replaced && compare(condition.comparison, found, *replaced);
  });
  return any != condition.negated;
}

}  // namespace

std::optional<std::string> replace_variables(std::string_view pattern, const Keys& keys) {
  std::string result;
  for (;;) {
    const std::size_t start = pattern.find("${");
    const std::size_t end = pattern.find('}', start);
    if (start == std::string_view::npos || end == std::string_view::npos) break;
    result += pattern.substr(0, start);
    std::string_view name = pattern.substr(start + 2, end - start - 2);
    pattern.remove_prefix(end + 1);
    if (name == "*" || name == "?" || name == "$") {
      append_literal(result, name);
      continue;
    }
    std::optional<std::string_view> fallback;
    if (const std::size_t comma = name.find(','); comma != std::string_view::npos) {
      const std::size_t open = name.find('\'', comma);
      const std::size_t close = name.rfind('\'');
      if (open != std::string_view::npos && close > open)
        fallback = name.substr(open + 1, close - open - 1);
      name = name.substr(0, comma);
    }
    const auto values = keys(to_lower(name));
    if (values && values->size() == 1)
      append_literal(result, values->front());
    else if (fallback)
      append_literal(result, *fallback);
    else
      return std::nullopt;
  }
  result += pattern;
  return result;
}

bool holds(const Condition& condition, const Keys& keys, bool has_variables) {
  const std::optional<std::vector<std::string>> found = keys(condition.key);
  const bool exists = found && !found->empty();
  if (condition.comparison == Comparison::null)
    return std::ranges::any_of(condition.values, [&](const std::string& value) {
      return equals_ignoring_case(value, "true") != exists;
    });
  if (!exists) {
    if (condition.if_exists || condition.quantifier == Quantifier::all_values) return true;
    return condition.negated && condition.quantifier == Quantifier::none;
  }
  const auto fits = [&](const std::string& value) {
    return accepts(condition, value, has_variables ? &keys : nullptr);
  };
  const bool of_all = condition.quantifier == Quantifier::all_values ||
                      (condition.quantifier == Quantifier::none && condition.negated);
  return of_all ? std::ranges::all_of(*found, fits) : std::ranges::any_of(*found, fits);
}

}  // namespace matinee::policy

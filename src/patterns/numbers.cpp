// Which numbers AWS's matcher compares as numbers.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "patterns/rule.h"

namespace matinee::patterns {
namespace {

/// More digits than any double, of whatever size, needs to be told from its neighbours.
constexpr std::size_t kExactDigits = 15;

/// A decimal number without leading and trailing zeros: 0.DIGITS times ten to the exponent.
struct Decimal {
  std::string digits;
  long exponent = 0;
  bool operator==(const Decimal&) const = default;
};

Decimal decimal(std::string_view number) {
  Decimal result;
  long point = 0;
  bool after_point = false;
  for (; !number.empty() && (number.front() | 0x20) != 'e'; number.remove_prefix(1)) {
    const char c = number.front();
    if (c == '.') after_point = true;
    if (c < '0' || c > '9') continue;
    if (result.digits.empty() && c == '0') {
      point -= after_point ? 1 : 0;
      continue;
    }
    result.digits += c;
    point += after_point ? 0 : 1;
  }
  if (result.digits.empty()) return {};
  if (!number.empty()) {
    number.remove_prefix(1);
    if (number.starts_with('+')) number.remove_prefix(1);
    std::from_chars(number.data(), number.data() + number.size(), result.exponent);
  }
  result.exponent += point;
  result.digits.erase(result.digits.find_last_not_of('0') + 1);
  return result;
}

bool has_many_digits(std::string_view number) {
  const std::size_t exponent = number.find_first_of("eE");
  return exponent != std::string_view::npos || number.size() > kExactDigits;
}

}  // namespace

std::optional<double> comparable(std::string_view number) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (end != number.data() + number.size()) return std::nullopt;
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  if (has_many_digits(number)) {
    std::array<char, 32> shortest{};
    const auto written = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value);
    if (decimal(number) != decimal({shortest.data(), written.ptr})) return std::nullopt;
  }
  return value == 0 ? 0 : value;  // no negative zero
}

}  // namespace matinee::patterns

// DynamoDB's numbers: two texts with a blank between them, read, added, subtracted and compared,
// beside what a decimal library makes of them.
#include <boost/multiprecision/cpp_dec_float.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/assertion.h"
#include "services/dynamodb/values/number.h"
#include "services/dynamodb/values/validation.h"

namespace {

using matinee::dynamodb::Number;
using matinee::runtime::expect;
/// No sum of two of DynamoDB's numbers has so many digits.
using Decimal = boost::multiprecision::number<boost::multiprecision::cpp_dec_float<340>,
                                              boost::multiprecision::et_off>;

template <class Operation>
std::optional<Number> unless_refused(const Operation& operation) {
  try {
    return operation();
  } catch (const matinee::protocol::ServiceError& refusal) {
    if (refusal.status() != 400) throw;
    return std::nullopt;
  }
}

Decimal decimal_of(const Number& number) {
  return Decimal(number.to_string());
}

/// A sum is exact, or refused because it has too many digits or is out of range.
void check_sum(const std::optional<Number>& sum, const Decimal& exact) {
  if (sum) return expect(decimal_of(*sum) == exact, "a sum is exact");
  expect(exact != 0, "nothing is too small to be nothing");
  const std::string text = exact.str(0, std::ios_base::scientific);
  std::string digits = text.substr(0, text.find('e'));
  digits.erase(digits.find_last_not_of("0.") + 1);
  const auto significant = digits.size() - std::size_t(digits.front() == '-') -
                           std::size_t(digits.find('.') != std::string::npos);
  const int exponent = std::stoi(text.substr(text.find('e') + 1));
  expect(significant > std::size_t{Number::max_digits} || exponent > Number::max_exponent ||
             exponent < Number::min_exponent,
         "what is refused cannot be kept");
}

void check_form(const Number& number) {
  expect(Number::parse(number.to_string()) == number, "text is read as it was written");
  std::string bytes;
  number.append_ordered(bytes);
  std::string_view rest = bytes;
  expect(Number::take_ordered(rest) == number && rest.empty(), "a key is read as it was written");
  expect(Number::from_parts(number.parts()) == number, "parts make the number");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t blank = text.find(' ');
  const auto first = unless_refused([&] { return Number::parse(text.substr(0, blank)); });
  if (!first) return 0;
  check_form(*first);
  if (blank == std::string_view::npos) return 0;
  const auto second = unless_refused([&] { return Number::parse(text.substr(blank + 1)); });
  if (!second) return 0;
  const Decimal left = decimal_of(*first);
  const Decimal right = decimal_of(*second);
  check_sum(unless_refused([&] { return first->plus(*second); }), left + right);
  check_sum(unless_refused([&] { return first->minus(*second); }), left - right);
  expect((*first <=> *second) == (left.compare(right) <=> 0), "numbers are in order");
  std::string one;
  std::string other;
  first->append_ordered(one);
  second->append_ordered(other);
  expect((one <=> other) == (left.compare(right) <=> 0), "keys are in the order of numbers");
  return 0;
}

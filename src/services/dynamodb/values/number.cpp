#include "services/dynamodb/values/number.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

__extension__ using Coefficient = unsigned __int128;

constexpr auto powers = [] {
  std::array<Coefficient, Number::max_digits + 1> table{};
  table[0] = 1;
  for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
  return table;
}();

// Coefficients of more than 38 digits occur in between only, and stay below 10^39.
int count_digits(Coefficient value) {
  if (value >= powers.back()) return Number::max_digits + 1;
  const auto above = std::upper_bound(powers.begin(), powers.end(), value);
  return static_cast<int>(above - powers.begin());
}

protocol::ServiceError overflow() {
  return validation_error(
      "Number overflow. Attempting to store a number with magnitude larger than supported range");
}

protocol::ServiceError underflow() {
  return validation_error(
      "Number underflow. Attempting to store a number with magnitude smaller than supported range");
}

protocol::ServiceError too_precise() {
  return validation_error("Attempting to store more than 38 significant digits in a Number");
}

protocol::ServiceError not_numeric(std::string_view text) {
  std::string message = "The parameter cannot be converted to a numeric value";
  if (!text.empty()) message.append(": ").append(text);
  return validation_error(std::move(message));
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The decimal text of a number, taken apart.
struct Literal {
  bool negative = false;
  Coefficient coefficient = 0;
  long exponent = 0;       // of the coefficient's last digit
  int significant = 0;     // digits in the coefficient
  long skipped_zeros = 0;  // zeros after the coefficient that are not in it yet
  bool too_long = false;

  void add_digit(int digit) {
    if (digit == 0) {
      if (significant > 0) ++skipped_zeros;
      return;
    }
    if (significant + skipped_zeros + 1 > Number::max_digits) {
      too_long = true;
      significant += static_cast<int>(std::min<long>(skipped_zeros, 1'000'000)) + 1;
      skipped_zeros = 0;
      return;
    }
    for (; skipped_zeros > 0; --skipped_zeros, ++significant) coefficient *= 10;
    coefficient = coefficient * 10 + static_cast<unsigned>(digit);
    ++significant;
  }
};

// Reads "[+-]digits" after an 'e'. Clamped: what is beyond a million is beyond every limit.
long read_exponent(std::string_view text, std::string_view whole) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || !std::ranges::all_of(text, is_digit)) throw not_numeric(whole);
  long value = 0;
  for (char c : text) value = std::min<long>(value * 10 + (c - '0'), 1'000'000);
  return negative ? -value : value;
}

Literal read_literal(std::string_view text) {
  Literal literal;
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    literal.negative = text[0] == '-';
    ++at;
  }
  bool point = false;
  bool any = false;
  long fraction = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
    } else if (is_digit(c)) {
      any = true;
      literal.add_digit(c - '0');
      if (point) ++fraction;
    } else {
      break;
    }
  }
  if (!any) throw not_numeric(text);
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') throw not_numeric(text);
    literal.exponent = read_exponent(text.substr(at + 1), text);
  }
  literal.exponent += literal.skipped_zeros - fraction;
  return literal;
}

}  // namespace

Number::Number(std::int64_t value) {
  const bool negative = value < 0;
  const auto bits = static_cast<std::uint64_t>(value);
  *this = make(negative, negative ? 0 - bits : bits, 0);
}

Number Number::make(bool negative, Coefficient coefficient, int exponent) {
  Number number;
  if (coefficient == 0) return number;
  while (coefficient % 10 == 0) {
    coefficient /= 10;
    ++exponent;
  }
  const int digits = count_digits(coefficient);
  const int leading = exponent + digits - 1;
  if (leading > max_exponent) throw overflow();
  if (leading < min_exponent) throw underflow();
  // Only sums come so far, and DynamoDB has one message for all that is wrong with them.
  if (digits > max_digits) throw overflow();
  number.negative_ = negative;
  number.high_ = static_cast<std::uint64_t>(coefficient >> 64);
  number.low_ = static_cast<std::uint64_t>(coefficient);
  number.exponent_ = static_cast<std::int16_t>(exponent);
  return number;
}

Number Number::parse(std::string_view text) {
  const Literal literal = read_literal(text);
  if (literal.significant == 0) return {};
  const long leading = literal.exponent + literal.significant - 1;
  if (leading > max_exponent) throw overflow();
  if (leading < min_exponent) throw underflow();
  if (literal.too_long) throw too_precise();
  return make(literal.negative, literal.coefficient, static_cast<int>(literal.exponent));
}

int Number::digits() const {
  return is_zero() ? 0 : count_digits(coefficient());
}

int Number::leading_exponent() const {
  return is_zero() ? 0 : exponent_ + digits() - 1;
}

void Number::append_to(std::string& out) const {
  if (is_zero()) {
    out += '0';
    return;
  }
  char text[max_digits];
  int length = 0;
  for (Coefficient rest = coefficient(); rest != 0; rest /= 10)
    text[max_digits - ++length] = static_cast<char>('0' + static_cast<int>(rest % 10));
  const std::string_view digits(text + max_digits - length, static_cast<std::size_t>(length));
  if (negative_) out += '-';
  const int whole = length + exponent_;  // digits before the point
  if (exponent_ >= 0) {
    out.append(digits).append(static_cast<std::size_t>(exponent_), '0');
  } else if (whole > 0) {
    const auto before = static_cast<std::size_t>(whole);
    out.append(digits.substr(0, before)).append(1, '.').append(digits.substr(before));
  } else {
    out.append("0.").append(static_cast<std::size_t>(-whole), '0').append(digits);
  }
}

std::string Number::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

Number Number::negated() const {
  Number result = *this;
  if (!is_zero()) result.negative_ = !negative_;
  return result;
}

Number Number::minus(const Number& other) const {
  return plus(other.negated());
}

Number Number::plus(const Number& other) const {
  if (is_zero()) return other;
  if (other.is_zero()) return *this;
  const Number& coarse = exponent_ >= other.exponent_ ? *this : other;
  const Number& fine = exponent_ >= other.exponent_ ? other : *this;
  const int shift = coarse.exponent_ - fine.exponent_;
  // Above 2*10^38 the result keeps more than 38 digits whatever is subtracted, because the finer
  // number ends in a digit other than zero.
  const Coefficient limit = powers.back() * 2;
  if (shift > max_digits) throw overflow();
  const Coefficient scale = powers[static_cast<std::size_t>(shift)];
  if (coarse.coefficient() > limit / scale) throw overflow();
  const Coefficient left = coarse.coefficient() * scale;
  const Coefficient right = fine.coefficient();
  if (coarse.negative_ == fine.negative_) return make(fine.negative_, left + right, fine.exponent_);
  if (left >= right) return make(coarse.negative_, left - right, fine.exponent_);
  return make(fine.negative_, right - left, fine.exponent_);
}

std::strong_ordering Number::operator<=>(const Number& other) const {
  const auto sign = [](const Number& n) { return n.is_zero() ? 0 : n.negative_ ? -1 : 1; };
  if (sign(*this) != sign(other)) return sign(*this) <=> sign(other);
  if (is_zero()) return std::strong_ordering::equal;
  const auto aligned = [](const Number& n) {
    return n.coefficient() * powers[static_cast<std::size_t>(max_digits - n.digits())];
  };
  auto order = leading_exponent() <=> other.leading_exponent();
  if (order == 0) order = aligned(*this) <=> aligned(other);
  return negative_ ? 0 <=> order : order;
}

// Ordered bytes: 0x80 is zero. A positive number is 0x81, its leading exponent plus 130, its digits
// in pairs (each plus one, the last pair filled with a zero digit), and 0. A negative number is
// 0x7F and then all of that inverted.

void Number::append_ordered(std::string& out) const {
  if (is_zero()) {
    out += '\x80';
    return;
  }
  const std::size_t start = out.size();
  const int length = digits();
  Coefficient rest = coefficient();
  out += '\x81';
  out += static_cast<char>(leading_exponent() - min_exponent);
  const int pairs = (length + 1) / 2;
  if (length % 2 != 0) rest *= 10;
  out.resize(out.size() + static_cast<std::size_t>(pairs));
  for (std::size_t i = out.size(); i > start + 2; rest /= 100)
    out[--i] = static_cast<char>(static_cast<int>(rest % 100) + 1);
  out += '\0';
  if (!negative_) return;
  for (std::size_t i = start; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
  out[start] = '\x7F';
}

// A zero is 0x80. The first byte is the power of a hundred above the first pair, minus 64, inverted
// for a negative number; a pair is one more than its digits, of a negative number 101 less them,
// and 102 ends a negative number of less than 20 pairs.
void Number::append_in_pairs(std::string& out) const {
  constexpr std::size_t max_pairs = 20;
  if (is_zero()) {
    out += '\x80';
    return;
  }
  const int point = leading_exponent() + 1;  // the number is 0.DIGITS * 10^point
  const bool odd = point % 2 != 0;
  Coefficient rest = coefficient();
  int length = digits() + (odd ? 1 : 0);
  if (length % 2 != 0) {
    rest *= 10;
    ++length;
  }
  const int power = (point + (odd ? 1 : 0)) / 2 - 64;
  out += static_cast<char>(negative_ ? ~power : power);
  const std::size_t start = out.size();
  const auto pairs = static_cast<std::size_t>(length / 2);
  out.resize(start + pairs);
  for (std::size_t i = out.size(); i > start; rest /= 100) {
    const int pair = static_cast<int>(rest % 100);
    out[--i] = static_cast<char>(negative_ ? 101 - pair : pair + 1);
  }
  if (negative_ && pairs < max_pairs) out += static_cast<char>(102);
}

Number Number::take_ordered(std::string_view& bytes) {
  const auto take = [&bytes]() -> unsigned {
    if (bytes.empty()) throw std::runtime_error("A stored number ends early.");
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    return byte;
  };
  const unsigned first = take();
  if (first == 0x80) return {};
  if (first != 0x81 && first != 0x7F) throw std::runtime_error("A stored number is damaged.");
  const unsigned inversion = first == 0x7F ? 0xFF : 0;
  const int leading = static_cast<int>(take() ^ inversion) + min_exponent;
  Coefficient value = 0;
  int length = 0;
  for (unsigned pair = take() ^ inversion; pair != 0; pair = take() ^ inversion) {
    const bool leading_zero = length == 0 && pair < 11;
    length += 2;
    if (pair > 100 || leading_zero || length > max_digits)
      throw std::runtime_error("A stored number is damaged.");
    value = value * 100 + (pair - 1);
  }
  return make(inversion != 0, value, leading - length + 1);
}

std::optional<Number> Number::from_parts(const Parts& parts) {
  Number number;
  number.high_ = parts.high;
  number.low_ = parts.low;
  if (number.is_zero()) return Number();
  const Coefficient coefficient = number.coefficient();
  if (coefficient >= powers.back() || coefficient % 10 == 0) return std::nullopt;
  if (parts.exponent < min_exponent - max_digits || parts.exponent > max_exponent)
    return std::nullopt;
  number.exponent_ = static_cast<std::int16_t>(parts.exponent);
  number.negative_ = parts.negative;
  return number;
}

}  // namespace matinee::dynamodb

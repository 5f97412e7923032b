// DynamoDB's numbers: decimal, exact, with up to 38 significant digits.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::dynamodb {

/// A number between 1E-130 and 9.99…E+125 in magnitude, or zero. Kept in a canonical form, so equal
/// numbers are equal member by member: 1, 1.0 and 0.1E1 are the same object.
class Number {
 public:
  static constexpr int max_digits = 38;
  static constexpr int max_exponent = 125;   // of the first digit
  static constexpr int min_exponent = -130;  // of the first digit

  /// Zero.
  Number() = default;
  Number(std::int64_t value);  // NOLINT: an integer is a number

  /// Reads an optional sign, digits with an optional point, and an optional exponent. Throws a
  /// ValidationException for anything else and for numbers out of DynamoDB's range or precision.
  static Number parse(std::string_view text);

  /// Canonical text: no exponent, no leading or trailing zeros ("-0.5", "120").
  std::string to_string() const;
  void append_to(std::string& out) const;

  /// Exact; throws a ValidationException where the result is out of range or precision.
  /// Exact. Throws a ValidationException where the result is out of range or has more than 38
  /// digits; as on AWS, that too is called an overflow.
  Number plus(const Number& other) const;
  Number minus(const Number& other) const;
  Number negated() const;

  bool is_zero() const { return high_ == 0 && low_ == 0; }
  bool is_negative() const { return negative_; }
  /// Significant digits; 0 for zero.
  int digits() const;
  /// The power of ten of the first digit: 2 for 120, -1 for 0.5, 0 for zero.
  int leading_exponent() const;

  bool operator==(const Number&) const = default;
  std::strong_ordering operator<=>(const Number& other) const;

  /// Bytes that compare like the numbers and of which none is a prefix of another. At most 21.
  void append_ordered(std::string& out) const;
  /// Reads what append_ordered wrote from the front of `bytes`, and removes it from there. Throws
  /// std::runtime_error for bytes that append_ordered never writes.
  static Number take_ordered(std::string_view& bytes);

  /// The sortable bytes that AWS hashes: the power of a hundred, then two digits a byte, paired
  /// from the decimal point.
  void append_in_pairs(std::string& out) const;

  /// The number taken apart for storage: (high * 2^64 + low) * 10^exponent.
  struct Parts {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::int64_t exponent = 0;
    bool negative = false;
  };
  Parts parts() const { return {high_, low_, exponent_, negative_}; }
  /// Nothing for parts that no number has.
  static std::optional<Number> from_parts(const Parts& parts);

 private:
  __extension__ using Coefficient = unsigned __int128;

  static Number make(bool negative, Coefficient coefficient, int exponent);
  Coefficient coefficient() const { return (Coefficient{high_} << 64) | low_; }

  // The value is coefficient * 10^exponent_; the coefficient has no trailing zeros. Zero has the
  // exponent zero and no sign.
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
  std::int16_t exponent_ = 0;
  bool negative_ = false;
};

}  // namespace matinee::dynamodb

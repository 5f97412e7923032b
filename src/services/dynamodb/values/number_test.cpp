#include "services/dynamodb/values/number.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "protocol/error.h"

namespace matinee::dynamodb {
namespace {

std::string canonical(std::string_view text) {
  return Number::parse(text).to_string();
}

std::string failure(std::string_view text) {
  try {
    Number::parse(text);
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "ValidationException");
    return error.message();
  }
  return "";
}

std::string ordered(const Number& number) {
  std::string bytes;
  number.append_ordered(bytes);
  return bytes;
}

TEST(Number, text_is_canonical_whatever_the_input_looks_like) {
  EXPECT_EQ(canonical("1"), "1");
  EXPECT_EQ(canonical("+001.500"), "1.5");
  EXPECT_EQ(canonical("-0"), "0");
  EXPECT_EQ(canonical("0e999"), "0");
  EXPECT_EQ(canonical("1E2"), "100");
  EXPECT_EQ(canonical("12.5e-3"), "0.0125");
  EXPECT_EQ(canonical(".5"), "0.5");
  EXPECT_EQ(canonical("5."), "5");
  EXPECT_EQ(canonical("1e5"), "100000");
  EXPECT_EQ(canonical("1000000000000000000000000000000000000000000"),
            "1000000000000000000000000000000000000000000");
}

TEST(Number, thirty_eight_digits_are_kept_exactly) {
  EXPECT_EQ(canonical("12345678901234567890123456789012345678"),
            "12345678901234567890123456789012345678");
  EXPECT_EQ(canonical("-99999999999999999999999999999999999999"),
            "-99999999999999999999999999999999999999");
  EXPECT_EQ(canonical("0.12345678901234567890123456789012345678000"),
            "0.12345678901234567890123456789012345678");
}

TEST(Number, what_is_no_number_is_refused_with_the_text) {
  const std::string refusal = "The parameter cannot be converted to a numeric value";
  EXPECT_EQ(failure(""), refusal);
  for (const char* text : {"a", "1a", "--1", "1e", "1e+", ".", "-", "1..2", " 1", "0x1", "NaN"})
    EXPECT_EQ(failure(text), refusal + ": " + text) << text;
}

TEST(Number, limits_of_range_and_precision_are_dynamodbs) {
  EXPECT_EQ(failure("1e126"),
            "Number overflow. Attempting to store a number with magnitude larger than supported "
            "range");
  EXPECT_EQ(failure("1e-131"),
            "Number underflow. Attempting to store a number with magnitude smaller than supported "
            "range");
  EXPECT_EQ(failure("123456789012345678901234567890123456789"),
            "Attempting to store more than 38 significant digits in a Number");
  EXPECT_EQ(failure("1" + std::string(5000, '0') + "1"),
            "Number overflow. Attempting to store a number with magnitude larger than supported "
            "range");
  EXPECT_EQ(failure("1e99999999999999999999"),
            "Number overflow. Attempting to store a number with magnitude larger than supported "
            "range");
  EXPECT_EQ(failure("9.9999999999999999999999999999999999999E125"), "");
  EXPECT_EQ(failure("-1e-130"), "");
}

TEST(Number, sums_and_differences_are_exact) {
  const auto sum = [](const char* a, const char* b) {
    return Number::parse(a).plus(Number::parse(b)).to_string();
  };
  EXPECT_EQ(sum("0.1", "0.2"), "0.3");
  EXPECT_EQ(sum("1", "-1"), "0");
  EXPECT_EQ(sum("5", "-7.25"), "-2.25");
  EXPECT_EQ(sum("99999999999999999999999999999999999999", "1"), "1" + std::string(38, '0'));
  EXPECT_EQ(sum("1e38", "-1"), std::string(38, '9'));
  EXPECT_EQ(sum("0", "1e-130").size(), 132U);
  const auto failed = [&](const char* a, const char* b) {
    try {
      return sum(a, b);
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
  };
  const std::string overflow =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  EXPECT_EQ(failed("1e50", "-1"), overflow);
  EXPECT_EQ(failed("99999999999999999999999999999999999999", "2"), overflow);
  EXPECT_THROW(sum("1e38", "1"), protocol::ServiceError);
  EXPECT_THROW(sum("1e125", "-1e-130"), protocol::ServiceError);
  EXPECT_THROW(sum("9e125", "1e125"), protocol::ServiceError);
}

TEST(Number, ordered_bytes_sort_like_the_numbers_and_round_trip) {
  std::mt19937_64 generator(7);
  std::vector<Number> numbers = {Number(),
                                 Number(1),
                                 Number(-1),
                                 Number(10),
                                 Number(99),
                                 Number(100),
                                 Number::parse("1e125"),
                                 Number::parse("-1e125"),
                                 Number::parse("1e-130"),
                                 Number::parse("-1e-130"),
                                 Number(std::numeric_limits<std::int64_t>::min())};
  for (int i = 0; i < 400; ++i) {
    std::string text = generator() % 2 == 0 ? "-" : "";
    for (std::uint64_t digits = 1 + generator() % 38; digits > 0; --digits)
      text += static_cast<char>('0' + generator() % 10);
    text += "e" + std::to_string(static_cast<int>(generator() % 8) - 4);
    numbers.push_back(Number::parse(text));
  }
  for (const Number& a : numbers) {
    const std::string bytes = ordered(a);
    EXPECT_LE(bytes.size(), 22U);
    std::string_view rest = bytes;
    EXPECT_EQ(Number::take_ordered(rest), a);
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(Number::parse(a.to_string()), a);
    for (const Number& b : numbers) EXPECT_EQ(ordered(a) <=> ordered(b), a <=> b);
  }
}

TEST(Number, bytes_in_pairs_are_aligned_to_the_decimal_point) {
  const auto pairs = [](const char* text) {
    std::string bytes;
    Number::parse(text).append_in_pairs(bytes);
    std::string hex;
    for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
    return hex;
  };
  EXPECT_EQ(pairs("0"), "80");
  EXPECT_EQ(pairs("1"), "c102");
  EXPECT_EQ(pairs("10"), "c10b");
  EXPECT_EQ(pairs("123"), "c20218");
  EXPECT_EQ(pairs("1230"), "c20d1f");
  EXPECT_EQ(pairs("0.5"), "c033");
  EXPECT_EQ(pairs("0.01"), "c002");
  EXPECT_EQ(pairs("-1"), "3e6466");
  EXPECT_EQ(pairs("-123.4"), "3d644e3d66");
  EXPECT_EQ(pairs("1e125"), "ff0b");
}

TEST(Number, damaged_bytes_are_refused_instead_of_read_past_the_end) {
  for (const std::string& bytes : {std::string(), std::string("\x81"), std::string("\x81\x80\x05"),
                                   std::string("\x20"), "\x81\x80" + std::string(30, '\x05')}) {
    std::string_view rest = bytes;
    EXPECT_THROW(Number::take_ordered(rest), std::runtime_error);
  }
}

}  // namespace
}  // namespace matinee::dynamodb

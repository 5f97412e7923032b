// DynamoDB's numbers beside those of a decimal library: what is read and written, sums, order, and
// the bytes that keys are ordered by.
#include <gtest/gtest.h>

#include <algorithm>

#include "decimals.h"
#include "runtime/simulated/seeded_random.h"
#include "seeds.h"
#include "services/dynamodb/values/number.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::simulation::tables {
namespace {

using dynamodb::Number;

constexpr int pairs_a_seed = 2'000;

class Numbers : public testing::TestWithParam<std::uint64_t> {
 protected:
  runtime::SeededRandom dice{GetParam() * 13 + 5};

  /// Often at the limits, and often so that two of them come close to each other.
  std::string any_text() {
    const std::size_t lengths[] = {1, 2, 19, 20, 37, 38, 1 + dice.below(38)};
    std::string digits;
    const std::size_t length = lengths[dice.below(std::size(lengths))];
    const bool is_full = dice.below(3) == 0;
    while (digits.size() < length)
      digits += is_full ? '9' : static_cast<char>('0' + dice.below(10));
    if (dice.below(4) == 0) digits.replace(digits.size() / 2, std::string::npos, "1");
    const int lowest = -130;
    const int highest = 126 - static_cast<int>(digits.size());
    const int exponents[] = {0,
                             -static_cast<int>(dice.below(40)),
                             static_cast<int>(dice.below(40)),
                             lowest,
                             highest,
                             lowest + static_cast<int>(dice.below(256))};
    const int exponent = std::clamp(exponents[dice.below(std::size(exponents))], lowest, highest);
    return (dice.below(2) == 0 ? "-" : "") + digits + "E" + std::to_string(exponent);
  }

  template <class Operation>
  static std::optional<std::string> text_of(const Operation& operation) {
    try {
      return operation().to_string();
    } catch (const protocol::ServiceError&) {
      return std::nullopt;
    }
  }

  static std::string bytes_of(const Number& number) {
    std::string bytes;
    number.append_ordered(bytes);
    return bytes;
  }

  static void check(const std::string& left, const std::string& right) {
    const Decimal first(left);
    const Decimal second(right);
    const Number one = Number::parse(left);
    const Number other = Number::parse(right);
    EXPECT_EQ(one.to_string(), normal_text(first)) << left;
    EXPECT_EQ(Number::parse(one.to_string()), one) << left;
    EXPECT_EQ(text_of([&] { return one.plus(other); }), normal_text(Decimal(first + second)))
        << left << " + " << right;
    EXPECT_EQ(text_of([&] { return one.minus(other); }), normal_text(Decimal(first - second)))
        << left << " - " << right;
    const int order = first.compare(second);
    EXPECT_TRUE((one <=> other) == (order <=> 0)) << left << " and " << right;
    EXPECT_EQ(one == other, order == 0) << left << " and " << right;
    EXPECT_TRUE((bytes_of(one) <=> bytes_of(other)) == (order <=> 0)) << left << " and " << right;
    std::string bytes = bytes_of(one) + "rest";
    std::string_view rest = bytes;
    EXPECT_EQ(Number::take_ordered(rest), one) << left;
    EXPECT_EQ(rest, "rest") << left;
  }
};

TEST_P(Numbers, are_those_of_a_decimal_library) {
  SCOPED_TRACE("replay with MATINEE_SEED=" + std::to_string(GetParam()));
  for (int i = 0; i < pairs_a_seed && !HasFailure(); ++i) {
    const std::string left = any_text();
    std::string right = any_text();
    // The same, or its neighbour.
    if (dice.below(4) == 0) right = left;
    if (dice.below(8) == 0) right = left.front() == '-' ? left.substr(1) : "-" + left;
    check(left, right);
  }
}

TEST_P(Numbers, beyond_the_limits_are_refused) {
  for (int i = 0; i < pairs_a_seed / 10; ++i) {
    std::string digits(1, static_cast<char>('1' + dice.below(9)));
    const std::size_t length = 1 + dice.below(45);
    while (digits.size() < length) digits += static_cast<char>('0' + dice.below(10));
    const std::string text = digits + "E" + std::to_string(static_cast<int>(dice.below(300)) - 150);
    EXPECT_EQ(text_of([&] { return Number::parse(text); }), normal_text(Decimal(text))) << text;
  }
}

constexpr std::uint64_t seeds_of_every_run = 5;

INSTANTIATE_TEST_SUITE_P(Seeds, Numbers, testing::ValuesIn(chosen_seeds(seeds_of_every_run)));

}  // namespace
}  // namespace matinee::simulation::tables

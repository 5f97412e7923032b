// What is known of the values of one metric in one period, and the statistics that can be told of
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "storage/record.h"

namespace matinee::cloudwatch {

/// A value, and how often it was measured.
struct Weighted {
  double value = 0;
  double count = 0;
  static constexpr auto fields =
      std::tuple{storage::field<1>(&Weighted::value), storage::field<2>(&Weighted::count)};
};

/// The distribution is exact up to `most_exact` distinct values; beyond, values that are within
/// some percent of each other count as one, so that its size is bounded.
struct Statistics {
  static constexpr std::size_t most_exact = 100;

  double count = 0;
  double sum = 0;
  double minimum = 0;
  double maximum = 0;
  std::vector<Weighted> values;  // by value; without what came as a StatisticSet
  std::uint8_t coarseness = 0;   // 0: exact; each step doubles how far apart values are

  static Statistics of_value(double value, double count = 1);

  void add(const Statistics& other);
  /// Whether all values are known, so that percentiles can be told.
  bool has_distribution() const;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&Statistics::count),   storage::field<2>(&Statistics::sum),
      storage::field<3>(&Statistics::minimum), storage::field<4>(&Statistics::maximum),
      storage::field<5>(&Statistics::values),  storage::field<6>(&Statistics::coarseness)};
};

/// A bound of a range of values: a percentage of their number, or a value.
struct Bound {
  double at = 0;
  bool is_percent = true;
};

/// "Sum", "p99.9", "tm90", "TM(10%:90%)", "PR(:300)", "IQM".
class Statistic {
 public:
  /// Nothing where the text names no statistic.
  static std::optional<Statistic> parse(std::string_view text);

  /// Whether it is one of the five that need no distribution.
  bool is_basic() const;
  /// Nothing where it cannot be told.
  std::optional<double> of(const Statistics& values) const;

 private:
  enum class Kind : std::uint8_t {
    sample_count,
    average,
    sum,
    minimum,
    maximum,
    percentile,
    trimmed_mean,
    winsorized_mean,
    trimmed_count,
    trimmed_sum,
    percentile_rank
  };

  Kind kind_ = Kind::sum;
  std::optional<Bound> lower_;
  std::optional<Bound> upper_;

  static std::optional<Statistic> parse_basic(std::string_view text);
  static std::optional<Statistic> parse_simple(std::string_view text);
  static std::optional<Statistic> parse_range(std::string_view text);
  double of_range(const Statistics& values) const;
};

}  // namespace matinee::cloudwatch

#include "services/cloudwatch/statistics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace matinee::cloudwatch {
namespace {

/// What values that count as one may be apart, at the first step: 1 %.
constexpr double first_base = 1.01;
/// Coarser than this no distribution gets: its base is above any quotient of two values.
constexpr std::uint8_t most_coarse = 20;

/// The value that stands for all those near to it.
double representative(double value, std::uint8_t coarseness) {
  if (value == 0) return 0;
  const double width = std::log(first_base) * std::ldexp(1.0, coarseness - 1);
  const double bin = std::floor(std::log(std::abs(value)) / width);
  return std::copysign(std::exp((bin + 0.5) * width), value);
}

void merge_equal(std::vector<Weighted>& values) {
  std::ranges::sort(values, {}, &Weighted::value);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (kept > 0 && values[kept - 1].value == values[i].value)
      values[kept - 1].count += values[i].count;
    else
      values[kept++] = values[i];
  }
  values.resize(kept);
}

void coarsen(Statistics& statistics, std::uint8_t coarseness) {
  statistics.coarseness = coarseness;
  for (Weighted& each : statistics.values)
    each.value =
        std::clamp(representative(each.value, coarseness), statistics.minimum, statistics.maximum);
  merge_equal(statistics.values);
}

/// The smallest value that so much of the weight is not above.
double at_rank(const Statistics& values, double rank) {
  double below = 0;
  for (const Weighted& each : values.values) {
    below += each.count;
    if (below >= rank - 1e-9 * values.count) return each.value;
  }
  return values.maximum;
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::optional<double> parse_percent(std::string_view text) {
  const std::optional<double> number = parse_number(text);
  if (!number || *number < 0 || *number > 100) return std::nullopt;
  return number;
}

std::optional<Bound> parse_bound(std::string_view text) {
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.remove_suffix(1);
  const std::optional<double> number = is_percent ? parse_percent(text) : parse_number(text);
  if (!number) return std::nullopt;
  return Bound{.at = *number, .is_percent = is_percent};
}

}  // namespace

Statistics Statistics::of_value(double value, double count) {
  return {.count = count,
          .sum = value * count,
          .minimum = value,
          .maximum = value,
          .values = {{.value = value, .count = count}}};
}

void Statistics::add(const Statistics& other) {
  if (other.count == 0 && other.values.empty()) return;
  const bool was_empty = count == 0 && values.empty();
  minimum = was_empty ? other.minimum : std::min(minimum, other.minimum);
  maximum = was_empty ? other.maximum : std::max(maximum, other.maximum);
  count += other.count;
  sum += other.sum;
  values.insert(values.end(), other.values.begin(), other.values.end());
  const std::uint8_t finest = std::max(coarseness, other.coarseness);
  if (finest > 0)
    coarsen(*this, finest);
  else
    merge_equal(values);
  while (values.size() > most_exact && coarseness < most_coarse)
    coarsen(*this, static_cast<std::uint8_t>(coarseness + 1));
}

bool Statistics::has_distribution() const {
  double known = 0;
  for (const Weighted& each : values) known += each.count;
  return std::abs(known - count) <= 1e-9 * count;
}

std::optional<Statistic> Statistic::parse_basic(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Kind>, 5> basic = {
      {{"SampleCount", Kind::sample_count},
       {"Average", Kind::average},
       {"Sum", Kind::sum},
       {"Minimum", Kind::minimum},
       {"Maximum", Kind::maximum}}};
  for (const auto& [name, kind] : basic) {
    if (name != text) continue;
    Statistic found;
    found.kind_ = kind;
    return found;
  }
  return std::nullopt;
}

/// "p90", and "tm90", which is "TM(:90%)".
std::optional<Statistic> Statistic::parse_simple(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Kind>, 5> simple = {
      {{"p", Kind::percentile},
       {"tm", Kind::trimmed_mean},
       {"wm", Kind::winsorized_mean},
       {"tc", Kind::trimmed_count},
       {"ts", Kind::trimmed_sum}}};
  for (const auto& [name, kind] : simple) {
    if (!text.starts_with(name)) continue;
    const std::optional<double> percent = parse_percent(text.substr(name.size()));
    if (!percent) continue;
    Statistic found;
    found.kind_ = kind;
    found.upper_ = Bound{.at = *percent};
    return found;
  }
  return std::nullopt;
}

/// "TM(10%:90%)", "TC(:0.8)", "PR(100:2000)".
std::optional<Statistic> Statistic::parse_range(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Kind>, 5> ranges = {
      {{"TM(", Kind::trimmed_mean},
       {"WM(", Kind::winsorized_mean},
       {"TC(", Kind::trimmed_count},
       {"TS(", Kind::trimmed_sum},
       {"PR(", Kind::percentile_rank}}};
  for (const auto& [name, kind] : ranges) {
    if (!text.starts_with(name) || !text.ends_with(')')) continue;
    const std::string_view range = text.substr(name.size(), text.size() - name.size() - 1);
    const std::size_t colon = range.find(':');
    if (colon == std::string_view::npos || range.size() == 1) return std::nullopt;
    Statistic found;
    found.kind_ = kind;
    if (colon > 0) {
      found.lower_ = parse_bound(range.substr(0, colon));
      if (!found.lower_) return std::nullopt;
    }
    if (colon + 1 < range.size()) {
      found.upper_ = parse_bound(range.substr(colon + 1));
      if (!found.upper_) return std::nullopt;
    }
    const bool mixes =
        found.lower_ && found.upper_ && found.lower_->is_percent != found.upper_->is_percent;
    const bool is_percent =
        (found.lower_ && found.lower_->is_percent) || (found.upper_ && found.upper_->is_percent);
    if (mixes || (is_percent && kind == Kind::percentile_rank)) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

std::optional<Statistic> Statistic::parse(std::string_view text) {
  if (text == "IQM") return parse_range("TM(25%:75%)");
  if (auto found = parse_basic(text)) return found;
  if (auto found = parse_simple(text)) return found;
  return parse_range(text);
}

bool Statistic::is_basic() const {
  return kind_ <= Kind::maximum;
}

/// Of a range in percent the values count by how much of their weight lies inside, of one in values
/// all that are above its lower bound and not above its upper one.
double Statistic::of_range(const Statistics& values) const {
  const bool is_percent = lower_ ? lower_->is_percent : upper_ && upper_->is_percent;
  const double from = lower_ ? lower_->at : is_percent ? 0 : -HUGE_VAL;
  const double to = upper_ ? upper_->at : is_percent ? 100 : HUGE_VAL;
  const double from_rank = values.count * from / 100;
  const double to_rank = values.count * to / 100;
  double before = 0;
  double weight = 0;
  double sum = 0;
  for (const Weighted& each : values.values) {
    double inside = each.value > from && each.value <= to ? each.count : 0;
    if (is_percent)
      inside = std::max(0.0, std::min(before + each.count, to_rank) - std::max(before, from_rank));
    before += each.count;
    weight += inside;
    sum += inside * each.value;
  }
  if (kind_ == Kind::trimmed_count) return weight;
  if (kind_ == Kind::trimmed_sum) return sum;
  if (kind_ == Kind::percentile_rank) return 100 * weight / values.count;
  if (kind_ == Kind::trimmed_mean) return weight == 0 ? 0 : sum / weight;
  // What is outside counts as if it lay on the bound.
  const double low = is_percent ? at_rank(values, from_rank) : std::max(from, values.minimum);
  const double high = is_percent ? at_rank(values, to_rank) : std::min(to, values.maximum);
  double clipped = 0;
  for (const Weighted& each : values.values)
    clipped += each.count * std::clamp(each.value, std::min(low, high), high);
  return clipped / values.count;
}

std::optional<double> Statistic::of(const Statistics& values) const {
  switch (kind_) {
    case Kind::sample_count:
      return values.count;
    case Kind::sum:
      return values.sum;
    case Kind::minimum:
      return values.minimum;
    case Kind::maximum:
      return values.maximum;
    case Kind::average:
      if (values.count == 0) return std::nullopt;
      return values.sum / values.count;
    default:
      break;
  }
  Statistics uniform;
  const Statistics* known = &values;
  if (values.count <= 0) return std::nullopt;
  if (!values.has_distribution()) {
    // Of a set of statistics whose values are all the same they are known all the same.
    if (values.minimum != values.maximum) return std::nullopt;
    uniform = Statistics::of_value(values.minimum, values.count);
    known = &uniform;
  }
  if (kind_ == Kind::percentile) return at_rank(*known, known->count * upper_->at / 100);
  return of_range(*known);
}

}  // namespace matinee::cloudwatch

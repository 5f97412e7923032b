#include "services/cloudwatch/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "protocol/json_writer.h"
#include "services/cloudwatch/numbers.h"

namespace matinee::cloudwatch {
namespace {

/// AWS lists no more of them in a reason.
constexpr std::size_t most_listed = 5;

runtime::Time time_of(std::int64_t second) {
  return runtime::Time(std::chrono::seconds(second));
}

std::string_view comparison_words(std::string_view comparison) {
  if (comparison == "GreaterThanThreshold") return "greater than";
  if (comparison == "GreaterThanOrEqualToThreshold") return "greater than or equal to";
  if (comparison == "LessThanThreshold") return "less than";
  return "less than or equal to";
}

bool is_breaching(const AlarmRecord& alarm, double value) {
  if (alarm.comparison == "GreaterThanThreshold") return value > alarm.threshold;
  if (alarm.comparison == "GreaterThanOrEqualToThreshold") return value >= alarm.threshold;
  if (alarm.comparison == "LessThanThreshold") return value < alarm.threshold;
  return value <= alarm.threshold;
}

enum class Missing : std::uint8_t { missing, ignore, breaching, not_breaching };

/// Of DynamoDB, whose metrics tell nothing while nothing happens, gaps are always ignored.
Missing missing_of(const AlarmRecord& alarm) {
  const std::string text = alarm.treat_missing_data.value_or("missing");
  if (text == "breaching") return Missing::breaching;
  if (text == "notBreaching") return Missing::not_breaching;
  if (text == "ignore" || alarm.name_space == "AWS/DynamoDB") return Missing::ignore;
  return Missing::missing;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string_view were(std::size_t count) {
  return count == 1 ? "was" : "were";
}

/// One look at an alarm. Points are newest first.
class Look {
 public:
  Look(const AlarmRecord& alarm, const std::vector<AlarmPoint>& points, runtime::Time now)
      : alarm_(alarm),
        now_(now),
        periods_(static_cast<std::size_t>(alarm.evaluation_periods)),
        to_alarm_(
            static_cast<std::size_t>(alarm.datapoints_to_alarm.value_or(alarm.evaluation_periods))),
        end_(range_of(alarm, now).to) {
    for (auto point = points.rbegin(); point != points.rend() && real_.size() < periods_; ++point)
      real_.push_back(*point);
    for (const AlarmPoint& point : real_)
      (is_breaching(alarm, point.value) ? breaching_ : others_).push_back(point);
  }

  /// Empty where the alarm stays as it is.
  std::string_view state() const;
  AlarmState describe(std::string_view state) const {
    return {.value = std::string(state), .reason = reason(state), .reason_data = reason_data()};
  }

 private:
  const AlarmRecord& alarm_;
  runtime::Time now_;
  std::size_t periods_;
  std::size_t to_alarm_;
  std::int64_t end_;
  std::vector<AlarmPoint> real_;
  std::vector<AlarmPoint> breaching_;
  std::vector<AlarmPoint> others_;

  std::size_t missing() const { return periods_ - real_.size(); }
  std::string_view state_with_gaps() const;
  std::string reason(std::string_view state) const;
  std::string reason_data() const;
};

std::string_view Look::state() const {
  if (missing() > 0) return state_with_gaps();
  return breaching_.size() >= to_alarm_ ? "ALARM" : "OK";
}

/// By AWS's tables of "Configuring how CloudWatch alarms treat missing data".
std::string_view Look::state_with_gaps() const {
  const std::size_t found = breaching_.size();
  const bool all_breach = others_.empty();
  switch (missing_of(alarm_)) {
    case Missing::breaching:
      return found + missing() >= to_alarm_ ? "ALARM" : "OK";
    case Missing::not_breaching:
      return found >= to_alarm_ ? "ALARM" : "OK";
    case Missing::ignore:
      if (found >= to_alarm_) return "ALARM";
      return all_breach ? "" : "OK";
    case Missing::missing:
      break;
  }
  if (real_.empty()) return "INSUFFICIENT_DATA";
  if (found >= to_alarm_) return "ALARM";
  if (!all_breach) return "OK";
  // Whether it has been breaching for so long that the gaps do not matter.
  const std::int64_t age = (end_ - real_.back().begin) / alarm_.period;
  return age >= static_cast<std::int64_t>(to_alarm_) ? "ALARM" : "";
}

std::string list_points(std::span<const AlarmPoint> points) {
  std::string out = "[";
  for (const AlarmPoint& point : points.first(std::min(points.size(), most_listed)))
    out += fmt::format("{}{} ({})", out.size() == 1 ? "" : ", ", format_number(point.value),
                       format_short_time(time_of(point.begin)));
  return out + "]";
}

std::string Look::reason(std::string_view state) const {
  if (state == "INSUFFICIENT_DATA")
    return fmt::format("Insufficient Data: {} {} unknown.", plural(periods_, "datapoint"),
                       were(periods_));
  const bool is_alarm = state == "ALARM";
  const std::string_view treated =
      missing_of(alarm_) == Missing::breaching ? "Breaching" : "NonBreaching";
  const std::string gaps = fmt::format(
      "{} {} treated as [{}]", plural(missing(), "missing datapoint"), were(missing()), treated);
  if (real_.empty())
    return fmt::format("Threshold Crossed: no datapoints were received for {} and {}.",
                       plural(periods_, "period"), gaps);
  const std::vector<AlarmPoint>& points = is_alarm ? breaching_ : others_;
  const std::size_t count = points.size();
  const std::string crossed =
      fmt::format("{}{} {} the threshold ({})", were(count), is_alarm ? "" : " not",
                  comparison_words(alarm_.comparison), format_number(alarm_.threshold));
  if (alarm_.datapoints_to_alarm) {
    const std::size_t least = is_alarm ? to_alarm_ : periods_ - to_alarm_ + 1;
    return fmt::format(
        "Threshold Crossed: {} out of the last {} datapoints {} {} (minimum {} for {} transition).",
        count, periods_, list_points(points), crossed, plural(least, "datapoint"),
        is_alarm ? "OK -> ALARM" : "ALARM -> OK");
  }
  const bool fills = missing() > 0 && (missing_of(alarm_) == Missing::breaching ||
                                       missing_of(alarm_) == Missing::not_breaching);
  if (count > most_listed)
    return fmt::format(
        "Threshold Crossed: {} {}. The most recent datapoints which crossed the threshold: {}.",
        plural(count, "datapoint"), crossed, list_points(points));
  return fmt::format("Threshold Crossed: {} {} {}{}{}.", plural(count, "datapoint"),
                     list_points(points), crossed, fills ? " and " : "", fills ? gaps : "");
}

std::string Look::reason_data() const {
  std::string out = fmt::format(R"({{"version":"1.0","queryDate":"{}")", format_long_time(now_));
  if (!real_.empty())
    out += fmt::format(R"(,"startDate":"{}")", format_long_time(time_of(real_.back().begin)));
  if (alarm_.unit) {
    out += ",\"unit\":";
    protocol::json::append_string(out, *alarm_.unit);
  }
  out += ",\"statistic\":";
  protocol::json::append_string(out, alarm_.stat());
  out += fmt::format(R"(,"period":{},"recentDatapoints":[)", alarm_.period);
  for (auto point = real_.rbegin(); point != real_.rend(); ++point)
    out += fmt::format("{}{}", point == real_.rbegin() ? "" : ",", format_number(point->value));
  out +=
      fmt::format(R"(],"threshold":{},"evaluatedDatapoints":[)", format_number(alarm_.threshold));
  std::size_t listed = 0;
  for (const AlarmPoint& point : real_)
    out += fmt::format(R"({}{{"timestamp":"{}","sampleCount":{},"value":{}}})",
                       listed++ == 0 ? "" : ",", format_long_time(time_of(point.begin)),
                       format_number(point.sample_count), format_number(point.value));
  for (std::int64_t begin = end_ - alarm_.period; listed < periods_; begin -= alarm_.period) {
    const bool is_real = std::ranges::count(real_, begin, &AlarmPoint::begin) > 0;
    if (!is_real)
      out += fmt::format(R"({}{{"timestamp":"{}"}})", listed++ == 0 ? "" : ",",
                         format_long_time(time_of(begin)));
  }
  return out + "]}";
}

}  // namespace

/// Periods of a minute and more end with a minute. What is put without StorageResolution 1 lies at
/// the beginning of its minute, where shorter periods have to find it.
AlarmRange range_of(const AlarmRecord& alarm, runtime::Time now) {
  const std::int64_t step = std::min(alarm.period, 60);
  const std::int64_t to = runtime::to_seconds(now) / step * step;
  const std::int64_t periods = std::int64_t{alarm.evaluation_periods} + 2;
  return {.from = to - periods * alarm.period - (alarm.is_fast() ? 60 : 0), .to = to};
}

std::optional<AlarmState> evaluate(const AlarmRecord& alarm, const std::vector<AlarmPoint>& points,
                                   runtime::Time now) {
  const Look look(alarm, points, now);
  const std::string_view state = look.state();
  if (state.empty() || state == alarm.state) return std::nullopt;
  return look.describe(state);
}

}  // namespace matinee::cloudwatch

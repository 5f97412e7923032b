#include "schedules/schedule.h"

#include <algorithm>
#include <charconv>

namespace matinee::schedules {
namespace {

using runtime::Time;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::sys_seconds;

constexpr std::size_t kMostDigits = 9;
/// Nearly two thousand years: so that no sum of times leaves what a Time holds.
constexpr minutes kLongestPeriod{1'000'000'000};

struct Unit {
  std::string_view singular;
  minutes length;
};
constexpr Unit kUnits[] = {{"minute", minutes(1)}, {"hour", minutes(60)}, {"day", minutes(1440)}};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::optional<Time> next_cron(const Cron& cron, Time after, const TimeZone& zone) {
  const auto second = std::chrono::floor<std::chrono::seconds>(after);
  std::optional<local_seconds> local =
      cron.find(std::chrono::floor<minutes>(zone.to_local(second)));
  for (; local; local = cron.find(*local + minutes(1)))
    if (const std::optional<sys_seconds> time = zone.first_time(*local); time && *time > after)
      return *time;
  return std::nullopt;
}

}  // namespace

std::optional<Schedule> Schedule::parse(std::string_view expression, Grammar grammar) {
  const std::size_t bracket = expression.find('(');
  if (bracket == std::string_view::npos || !expression.ends_with(')')) return std::nullopt;
  const std::string_view name = expression.substr(0, bracket);
  const std::string_view inside = expression.substr(bracket + 1, expression.size() - bracket - 2);
  const auto made = [](auto when) -> std::optional<Schedule> {
    if (!when) return std::nullopt;
    return Schedule(*std::move(when));
  };
  if (name == "rate") return made(parse_rate(inside, grammar));
  if (name == "cron") return made(Cron::parse(inside));
  if (name == "at" && grammar == Grammar::scheduler) return made(parse_at(inside));
  return std::nullopt;
}

std::optional<Schedule::Rate> Schedule::parse_rate(std::string_view text, Grammar grammar) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(0, blank);
  std::string_view unit = text.substr(blank + 1);
  if (!is_number(digits) || digits.size() > kMostDigits || number(digits) == 0) return std::nullopt;
  const int count = number(digits);
  const bool is_plural = unit.ends_with('s');
  if (grammar == Grammar::rule && is_plural != (count != 1)) return std::nullopt;
  if (is_plural) unit.remove_suffix(1);
  for (const Unit& known : kUnits)
    if (unit == known.singular)
      return Rate{.period = std::min(count * known.length, kLongestPeriod)};
  return std::nullopt;
}

std::optional<Schedule::At> Schedule::parse_at(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !is_digit : text[i] != kForm[i]) return std::nullopt;
  }
  const auto part = [&](std::size_t at, std::size_t size) { return number(text.substr(at, size)); };
  const std::chrono::year_month_day date = std::chrono::year(part(0, 4)) / part(5, 2) / part(8, 2);
  if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || part(17, 2) > 59) return std::nullopt;
  return At{.time = std::chrono::local_days(date) + std::chrono::hours(part(11, 2)) +
                    minutes(part(14, 2)) + std::chrono::seconds(part(17, 2))};
}

std::optional<Time> Schedule::next_after(Time after, Time start, const TimeZone& zone) const {
  if (const auto* const rate = std::get_if<Rate>(&when_)) {
    if (after < start) return start;
    const runtime::Duration period = rate->period;
    return start + ((after - start) / period + 1) * period;
  }
  if (const auto* const cron = std::get_if<Cron>(&when_)) return next_cron(*cron, after, zone);
  const Time time = zone.first_time_or_later(std::get<At>(when_).time);
  return time > after ? std::optional(time) : std::nullopt;
}

}  // namespace matinee::schedules

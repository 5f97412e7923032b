#include "schedules/cron.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <span>

namespace matinee::schedules {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::weekday;
using std::chrono::year_month;

constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/// Which numbers a field has, and names for them from the first on.
struct Field {
  int first;
  int last;
  std::span<const std::string_view> names = {};
  bool goes_around = true;
};

constexpr Field kMinuteField{.first = 0, .last = 59};
constexpr Field kHourField{.first = 0, .last = 23};
constexpr Field kDayField{.first = 1, .last = 31};
constexpr Field kMonthField{.first = 1, .last = 12, .names = kMonths};
constexpr Field kWeekdayField{.first = 1, .last = 7, .names = kWeekdays};
constexpr Field kYearField{.first = 1970, .last = 2199, .goes_around = false};

std::optional<int> parse_digits(std::string_view text) {
  int number = 0;
  if (text.empty() || text.size() > 4 ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<int> parse_number(std::string_view text, const Field& field) {
  for (std::size_t i = 0; i < field.names.size(); ++i)
    if (std::ranges::equal(text, field.names[i], {},
                           [](char c) { return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c; }))
      return field.first + static_cast<int>(i);
  const std::optional<int> number = parse_digits(text);
  if (!number || *number < field.first || *number > field.last) return std::nullopt;
  return number;
}

/// Calls `add` for each number of one part of a list.
template <class Add>
bool parse_part(std::string_view part, const Field& field, Add add) {
  const std::size_t slash = part.find('/');
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::optional<int> given = parse_digits(part.substr(slash + 1));
    if (!given || *given < 1 || *given > field.last) return false;
    step = *given;
  }
  const std::string_view range = part.substr(0, slash);
  int from = field.first;
  int to = field.last;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    const std::optional<int> begin = parse_number(range.substr(0, dash), field);
    if (!begin) return false;
    from = *begin;
    if (dash != std::string_view::npos) {
      const std::optional<int> end = parse_number(range.substr(dash + 1), field);
      if (!end) return false;
      to = *end;
    } else if (slash == std::string_view::npos) {
      to = from;
    }
  }
  const int count = field.last - field.first + 1;
  if (to < from && !field.goes_around) return false;
  if (to < from) to += count;
  for (int i = from; i <= to; i += step) add(i > field.last ? i - count : i);
  return true;
}

template <class Add>
bool parse_list(std::string_view list, const Field& field, Add add) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (!parse_part(list.substr(0, comma), field, add)) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

template <class Bits>
bool parse_bits(std::string_view list, const Field& field, Bits& bits) {
  return parse_list(list, field, [&](int number) { bits |= Bits{1} << number; });
}

int last_day_of(year_month month) {
  return static_cast<int>(static_cast<unsigned>((month / std::chrono::last).day()));
}

/// From 1 for Sunday.
int weekday_of(year_month month, int day) {
  const weekday of(local_days(month / day));
  return static_cast<int>(of.c_encoding()) + 1;
}

/// The day from Monday to Friday that is nearest to `day`, in the same month.
int near_weekday(year_month month, int day) {
  const int last = last_day_of(month);
  if (day > last) return 0;
  switch (weekday_of(month, day)) {
    case 7:
      return day > 1 ? day - 1 : day + 2;
    case 1:
      return day < last ? day + 1 : day - 2;
    default:
      return day;
  }
}

}  // namespace

std::optional<Cron> Cron::parse(std::string_view text) {
  std::array<std::string_view, 6> fields;
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      if (count == fields.size()) return std::nullopt;
      fields[count++] = text.substr(0, end);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (count != fields.size()) return std::nullopt;
  Cron cron;
  cron.by_weekday_ = fields[2] == "?";
  if (cron.by_weekday_ == (fields[4] == "?")) return std::nullopt;
  const bool is_right =
      parse_bits(fields[0], kMinuteField, cron.minutes_) &&
      parse_bits(fields[1], kHourField, cron.hours_) &&
      parse_bits(fields[3], kMonthField, cron.months_) &&
      (cron.by_weekday_ ? cron.parse_weekdays(fields[4]) : cron.parse_days(fields[2])) &&
      parse_list(fields[5], kYearField,
                 [&](int year) { cron.years_.set(static_cast<std::size_t>(year - kFirstYear)); });
  if (!is_right) return std::nullopt;
  return cron;
}

bool Cron::parse_days(std::string_view text) {
  if (text == "L") return last_day_ = true;
  if (!text.ends_with('W')) return parse_bits(text, kDayField, days_);
  text.remove_suffix(1);
  const std::optional<int> day = parse_number(text, kDayField);
  near_day_ = day.value_or(0);
  return day.has_value();
}

bool Cron::parse_weekdays(std::string_view text) {
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    numbered_weekday_ = parse_number(text.substr(0, hash), kWeekdayField).value_or(0);
    number_ = parse_digits(text.substr(hash + 1)).value_or(0);
    return numbered_weekday_ > 0 && number_ >= 1 && number_ <= 5;
  }
  // Alone L is the last day of the week; behind a day it is the last of those in the month.
  if (text == "L") text = "7";
  if (!text.ends_with('L')) return parse_bits(text, kWeekdayField, weekdays_);
  text.remove_suffix(1);
  last_weekday_ = parse_number(text, kWeekdayField).value_or(0);
  return last_weekday_ > 0;
}

std::uint32_t Cron::days_of(year_month month) const {
  const int last = last_day_of(month);
  const auto bit = [](int day) { return day < 1 || day > 31 ? 0U : 1U << (day - 1); };
  const std::uint32_t all = ~0U >> (32 - last);
  if (!by_weekday_) {
    if (last_day_) return bit(last);
    if (near_day_ > 0) return bit(near_weekday(month, near_day_));
    return (days_ >> 1) & all;
  }
  const int first_weekday = weekday_of(month, 1);
  const auto first_day = [&](int of) { return 1 + (of - first_weekday + 7) % 7; };
  if (last_weekday_ > 0) {
    const int day = first_day(last_weekday_) + 28;
    return bit(day > last ? day - 7 : day);
  }
  if (number_ > 0) return bit(first_day(numbered_weekday_) + 7 * (number_ - 1)) & all;
  std::uint32_t days = 0;
  for (int of = 1; of <= 7; ++of)
    if ((weekdays_ >> of & 1) != 0)
      for (int day = first_day(of); day <= last; day += 7) days |= bit(day);
  return days;
}

std::optional<minutes> Cron::find_minute(minutes from) const {
  const auto first_hour = static_cast<int>(from.count() / 60);
  for (int hour = first_hour; hour < 24; ++hour) {
    if ((hours_ >> hour & 1) == 0) continue;
    const int first = hour == first_hour ? static_cast<int>(from.count() % 60) : 0;
    if (const std::uint64_t left = minutes_ >> first; left != 0)
      return minutes(hour * 60 + first + std::countr_zero(left));
  }
  return std::nullopt;
}

std::optional<local_seconds> Cron::find(local_seconds from) const {
  const auto start =
      std::max(std::chrono::ceil<minutes>(from),
               std::chrono::local_time<minutes>(local_days(std::chrono::year(kFirstYear) / 1 / 1)));
  const local_days start_day = std::chrono::floor<days>(start);
  const std::chrono::year_month_day date(start_day);
  year_month month = date.year() / date.month();
  std::uint32_t skipped = (1U << (static_cast<unsigned>(date.day()) - 1)) - 1;
  std::optional<minutes> minute = find_minute(start - start_day);
  if (!minute) skipped = skipped << 1 | 1;  // not on the first day any more
  const std::optional<minutes> first_minute = find_minute(minutes(0));
  for (; static_cast<int>(month.year()) <= kLastYear; month += std::chrono::months(1)) {
    const auto year = static_cast<std::size_t>(static_cast<int>(month.year()) - kFirstYear);
    const bool fits =
        years_.test(year) && (months_ >> static_cast<unsigned>(month.month()) & 1) != 0;
    const std::uint32_t left = fits ? days_of(month) & ~skipped : 0;
    skipped = 0;
    if (left == 0) continue;
    const local_days day(month / (std::countr_zero(left) + 1));
    return day + (day == start_day ? *minute : *first_minute);
  }
  return std::nullopt;
}

}  // namespace matinee::schedules

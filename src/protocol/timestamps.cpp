#include "protocol/timestamps.h"

#include <array>
#include <charconv>
#include <cmath>

namespace matinee::protocol {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year = 1970;
  unsigned month = 1;
  unsigned day = 1;
  unsigned weekday = 0;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t micros = 0;
};

Parts split(Timestamp time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::int64_t micros = (time - day).count();
  return {.year = int(date.year()),
          .month = unsigned(date.month()),
          .day = unsigned(date.day()),
          .weekday = std::chrono::weekday(day).c_encoding(),
          .hour = micros / 3'600'000'000,
          .minute = micros / 60'000'000 % 60,
          .second = micros / 1'000'000 % 60,
          .micros = micros % 1'000'000};
}

std::optional<Timestamp> join(const Parts& parts) {
  const std::chrono::year_month_day date{
      std::chrono::year(parts.year), std::chrono::month(parts.month), std::chrono::day(parts.day)};
  if (!date.ok() || parts.year < 1 || parts.year > 9999) return std::nullopt;
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(parts.hour) +
         std::chrono::minutes(parts.minute) + seconds(parts.second) + microseconds(parts.micros);
}

void append_digits(std::string& out, std::int64_t value, int width) {
  std::array<char, 20> digits;
  for (int i = width - 1; i >= 0; --i, value /= 10)
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  out.append(digits.data(), static_cast<std::size_t>(width));
}

/// Six digits without the zeros at the end, after a point; nothing for zero.
void append_fraction(std::string& out, std::int64_t micros) {
  if (micros == 0) return;
  out += '.';
  append_digits(out, micros, 6);
  while (out.back() == '0') out.pop_back();
}

void append_date_and_time(std::string& out, const Parts& parts) {
  append_digits(out, parts.year, 4);
  out += '-';
  append_digits(out, parts.month, 2);
  out += '-';
  append_digits(out, parts.day, 2);
  out += 'T';
  append_digits(out, parts.hour, 2);
  out += ':';
  append_digits(out, parts.minute, 2);
  out += ':';
  append_digits(out, parts.second, 2);
}

/// Reads text from the front; after a failure everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && text_.empty(); }
  bool skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void require(std::string_view expected) {
    if (text_.starts_with(expected))
      text_.remove_prefix(expected.size());
    else
      ok_ = false;
  }
  int digits(std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t count = 0;
    for (; count < most && !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
         ++count) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    if (count < least) ok_ = false;
    return value;
  }
  /// Microseconds of a fraction whose point was read; further digits are dropped.
  int fraction() {
    const std::size_t before = text_.size();
    int value = digits(1, 6);
    for (std::size_t count = before - text_.size(); count < 6; ++count) value *= 10;
    while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') text_.remove_prefix(1);
    return value;
  }
  unsigned month() {
    for (unsigned i = 0; i < months.size(); ++i)
      if (text_.starts_with(months[i])) {
        text_.remove_prefix(3);
        return i + 1;
      }
    ok_ = false;
    return 0;
  }
  void skip_past(char c) {
    const std::size_t at = text_.find(c);
    if (at == std::string_view::npos)
      ok_ = false;
    else
      text_.remove_prefix(at + 1);
  }
  void time_of_day(Parts& parts) {
    parts.hour = digits(2, 2);
    require(":");
    parts.minute = digits(2, 2);
    require(":");
    parts.second = digits(2, 2);
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

std::optional<Timestamp> parse_asctime(std::string_view text) {
  Parts parts;
  Scanner scanner(text);
  scanner.skip_past(' ');
  parts.month = scanner.month();
  scanner.require(" ");
  scanner.skip(' ');
  parts.day = static_cast<unsigned>(scanner.digits(1, 2));
  scanner.require(" ");
  scanner.time_of_day(parts);
  scanner.require(" ");
  parts.year = scanner.digits(4, 4);
  return scanner.done() ? join(parts) : std::nullopt;
}

}  // namespace

void append_iso8601_milliseconds(std::string& out, Timestamp time) {
  const Parts parts = split(time);
  append_date_and_time(out, parts);
  out += '.';
  append_digits(out, parts.micros / 1000, 3);
  out += 'Z';
}

void append_iso8601(std::string& out, Timestamp time) {
  const Parts parts = split(time);
  append_date_and_time(out, parts);
  append_fraction(out, parts.micros);
  out += 'Z';
}

void append_http_date(std::string& out, Timestamp time) {
  const Parts parts = split(time);
  out += weekdays[parts.weekday];
  out += ", ";
  append_digits(out, parts.day, 2);
  out += ' ';
  out += months[parts.month - 1];
  out += ' ';
  append_digits(out, parts.year, 4);
  out += ' ';
  append_digits(out, parts.hour, 2);
  out += ':';
  append_digits(out, parts.minute, 2);
  out += ':';
  append_digits(out, parts.second, 2);
  out += " GMT";
}

void append_unix_seconds(std::string& out, Timestamp time) {
  std::int64_t micros = time.time_since_epoch().count();
  if (micros < 0) {
    out += '-';
    micros = -micros;
  }
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), micros / 1'000'000);
  out.append(digits.data(), end.ptr);
  append_fraction(out, micros % 1'000'000);
}

void append_timestamp(std::string& out, TimestampFormat format, Timestamp time) {
  if (format == TimestampFormat::rfc822) return append_http_date(out, time);
  if (format == TimestampFormat::iso8601) return append_iso8601(out, time);
  append_unix_seconds(out, time);
}

std::optional<Timestamp> parse_iso8601(std::string_view text) {
  Parts parts;
  Scanner scanner(text);
  parts.year = scanner.digits(4, 4);
  scanner.require("-");
  parts.month = static_cast<unsigned>(scanner.digits(2, 2));
  scanner.require("-");
  parts.day = static_cast<unsigned>(scanner.digits(2, 2));
  if (scanner.done()) return join(parts);
  if (!scanner.skip('t')) scanner.require("T");
  scanner.time_of_day(parts);
  if (scanner.skip('.')) parts.micros = scanner.fraction();
  std::chrono::minutes offset{0};
  if (!scanner.skip('Z') && !scanner.skip('z')) {
    const int sign = scanner.skip('-') ? -1 : 1;
    if (sign == 1) scanner.require("+");
    const int hours = scanner.digits(2, 2);
    scanner.skip(':');
    const int minutes = scanner.digits(2, 2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = std::chrono::minutes(sign * (hours * 60 + minutes));
  }
  if (!scanner.done()) return std::nullopt;
  const auto local = join(parts);
  return local ? std::optional(*local - offset) : std::nullopt;
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return parse_asctime(text);
  Parts parts;
  Scanner scanner(text);
  scanner.skip_past(',');
  scanner.skip(' ');
  parts.day = static_cast<unsigned>(scanner.digits(1, 2));
  const bool dashes = scanner.skip('-');
  if (!dashes) scanner.require(" ");
  parts.month = scanner.month();
  scanner.require(dashes ? "-" : " ");
  parts.year = scanner.digits(2, 4);
  if (parts.year < 100) parts.year += parts.year < 70 ? 2000 : 1900;
  scanner.require(" ");
  scanner.time_of_day(parts);
  if (scanner.skip('.')) parts.micros = scanner.fraction();
  scanner.require(" ");
  // Some clients write the zone as mail does.
  if (scanner.skip('+') || scanner.skip('-')) {
    scanner.require("0000");
  } else if (!scanner.skip('U')) {
    scanner.require("GMT");
  } else {
    scanner.require("TC");
  }
  return scanner.done() ? join(parts) : std::nullopt;
}

std::optional<Timestamp> timestamp_from_seconds(double seconds_since_epoch) {
  // The years 1 to 9999; the comparison is false for not-a-number too.
  if (!(seconds_since_epoch >= -62135596800.0 && seconds_since_epoch < 253402300800.0))
    return std::nullopt;
  return Timestamp(microseconds(std::llround(seconds_since_epoch * 1e6)));
}

std::optional<Timestamp> parse_unix_seconds(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return timestamp_from_seconds(value);
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  if (auto time = parse_unix_seconds(text)) return time;
  if (auto time = parse_iso8601(text)) return time;
  return parse_http_date(text);
}

}  // namespace matinee::protocol

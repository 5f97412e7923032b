// Files of the time zone database: RFC 8536, with the rule at its end in the form of POSIX.
#include <algorithm>
#include <charconv>

#include "schedules/time_zone.h"

namespace matinee::schedules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::size_t kHeader = 44;
constexpr std::size_t kCounts = 20;

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = (bytes.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

}  // namespace

class TimeZone::Reader {
 public:
  explicit Reader(std::string_view file) : rest_(file) {}

  bool read(TimeZone& zone);

 private:
  bool read_header();
  std::string_view take(std::size_t size) {
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  std::size_t block_size(std::size_t time_size) const {
    return times_ * (time_size + 1) + types_ * 6 + letters_ + leaps_ * (time_size + 4) +
           standards_ + utcs_;
  }

  std::string_view rest_;
  std::size_t utcs_ = 0;
  std::size_t standards_ = 0;
  std::size_t leaps_ = 0;
  std::size_t times_ = 0;
  std::size_t types_ = 0;
  std::size_t letters_ = 0;
};

/// NAME OFFSET [NAME [OFFSET] , CHANGE , CHANGE]: "CET-1CEST,M3.5.0,M10.5.0/3".
class TimeZone::RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  std::optional<Rule> read();

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool read_name();
  bool read_number(int& number);
  bool read_time(seconds& time);
  bool read_change(YearlyChange& change);

  std::string_view rest_;
};

bool TimeZone::Reader::read_header() {
  const std::string_view header = take(kHeader);
  if (header.size() != kHeader || !header.starts_with("TZif")) return false;
  std::size_t* const counts[] = {&utcs_, &standards_, &leaps_, &times_, &types_, &letters_};
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t count = big_endian(header.substr(kCounts + 4 * i, 4));
    if (count < 0 || count > 100'000) return false;
    *counts[i] = static_cast<std::size_t>(count);
  }
  return header[4] >= '2';
}

bool TimeZone::Reader::read(TimeZone& zone) {
  // A block for old readers stands first.
  if (!read_header() || take(block_size(4)).size() != block_size(4) || !read_header()) return false;
  if (rest_.size() < block_size(8) || types_ == 0) return false;
  const std::string_view times = take(times_ * 8);
  const std::string_view types = take(times_);
  const std::string_view offsets = take(types_ * 6);
  const auto offset = [&](std::size_t type) {
    return seconds(big_endian(offsets.substr(type * 6, 4)));
  };
  zone.first_offset_ = offset(0);
  for (std::size_t i = 0; i < times_; ++i) {
    const auto type = static_cast<unsigned char>(types[i]);
    if (type >= types_) return false;
    zone.changes_.push_back(
        {.time = sys_seconds(seconds(big_endian(times.substr(i * 8, 8)))), .offset = offset(type)});
  }
  if (!std::ranges::is_sorted(zone.changes_, {}, &Change::time)) return false;
  take(letters_ + leaps_ * 12 + standards_ + utcs_);
  if (take(1) != "\n") return false;
  const std::string_view rule = rest_.substr(0, rest_.find('\n'));
  if (rule.empty()) return true;
  zone.rule_ = RuleReader(rule).read();
  return zone.rule_.has_value();
}

bool TimeZone::RuleReader::read_name() {
  std::size_t size = 0;
  if (take('<')) {
    size = rest_.find('>');
    if (size == std::string_view::npos) return false;
    rest_.remove_prefix(size + 1);
    return size > 0;
  }
  const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  while (size < rest_.size() && is_letter(rest_[size])) ++size;
  rest_.remove_prefix(size);
  return size > 0;
}

bool TimeZone::RuleReader::read_number(int& number) {
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
  if (error != std::errc() || number < 0) return false;
  rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
  return true;
}

bool TimeZone::RuleReader::read_time(seconds& time) {
  const bool is_negative = take('-');
  if (!is_negative) take('+');
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!read_number(hour)) return false;
  if (take(':') && (!read_number(minute) || (take(':') && !read_number(second)))) return false;
  if (hour > 167 || minute > 59 || second > 59) return false;
  time = hours(hour) + minutes(minute) + seconds(second);
  if (is_negative) time = -time;
  return true;
}

bool TimeZone::RuleReader::read_change(YearlyChange& change) {
  change.time = hours(2);
  if (take('M')) {
    change.form = YearlyChange::Form::weekday;
    if (!read_number(change.month) || !take('.') || !read_number(change.week) || !take('.') ||
        !read_number(change.day))
      return false;
    if (change.month < 1 || change.month > 12 || change.week < 1 || change.week > 5 ||
        change.day > 6)
      return false;
  } else {
    if (take('J')) change.form = YearlyChange::Form::day_without_leap;
    if (!read_number(change.day) || change.day > 365) return false;
  }
  return !take('/') || read_time(change.time);
}

std::optional<TimeZone::Rule> TimeZone::RuleReader::read() {
  Rule rule;
  seconds west{0};
  if (!read_name() || !read_time(west)) return std::nullopt;
  rule.standard = -west;
  if (rest_.empty()) return rule;
  if (!read_name()) return std::nullopt;
  rule.summer = rule.standard + hours(1);
  if (!rest_.starts_with(',')) {
    if (!read_time(west)) return std::nullopt;
    rule.summer = -west;
  }
  YearlyChange begin;
  if (!take(',') || !read_change(begin) || !take(',') || !read_change(rule.end) || !rest_.empty())
    return std::nullopt;
  rule.begin = begin;
  return rule;
}

std::optional<TimeZone> TimeZone::parse(std::string_view file) {
  TimeZone zone;
  if (!Reader(file).read(zone)) return std::nullopt;
  return zone;
}

}  // namespace matinee::schedules

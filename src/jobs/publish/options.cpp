// Checks of what the publisher is told, before anything is touched.
#include "jobs/publish/options.h"

#include <fmt/format.h>

#include <charconv>

#include "jobs/report.h"

namespace matinee::jobs::publish {

namespace {

/// A number of so many digits off the front of the text; nothing where there is none.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int number = 0;
  if (text.size() < digits || text[0] < '0' || text[0] > '9') return std::nullopt;
  const char* end = text.data() + digits;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<runtime::Time> find_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const auto date = std::chrono::year(*year) / *month / *day;
  if (!date.ok()) return std::nullopt;
  return runtime::Time(std::chrono::sys_days(date));
}

/// "T12:00:00Z", "T12:00Z"; the Z may be missing.
std::optional<runtime::Duration> find_time_of_day(std::string_view text) {
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  if (take(text, ':')) {
    const auto given = take_number(text, 2);
    if (!given || *given > 59) return std::nullopt;
    second = *given;
  }
  take(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(second);
}

std::optional<runtime::Duration> find_duration(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end + 1 != text.data() + text.size()) return std::nullopt;
  // A century is long enough, and far from what a time can hold.
  constexpr std::string_view units = "smhdw";
  constexpr std::array<std::int64_t, 5> seconds = {1, 60, 3600, 86'400, 604'800};
  const std::size_t unit = units.find(*end);
  if (unit == std::string_view::npos || number * seconds.at(unit) > 3'200'000'000)
    return std::nullopt;
  return std::chrono::seconds(number * seconds.at(unit));
}

}  // namespace

std::optional<runtime::Time> find_time(std::string_view text, runtime::Time now) {
  if (const auto duration = find_duration(text)) return now - *duration;
  const auto date = find_date(text);
  if (!date || text.empty()) return date;
  const auto time_of_day = find_time_of_day(text);
  if (!time_of_day) return std::nullopt;
  return *date + *time_of_day;
}

std::string PublishOptions::queue_name() const {
  return queue.substr(queue.rfind('/') + 1);
}

std::string PublishOptions::selection() const {
  JsonObject json;
  json.add("prefix", prefix);
  json.add("suffix", suffix);
  json.add("since", since_text);
  std::string text = json.take();
  text.pop_back();
  return text;
}

std::string find_option_fault(const PublishOptions& options) {
  if (options.bucket.empty() || options.bucket.contains('/') || options.bucket.contains(':'))
    return fmt::format("BUCKET must be the name of a bucket, and \"{}\" is not.",
                       shortened(options.bucket));
  const std::string name = options.queue_name();
  if (name.empty() || name.contains(':'))
    return fmt::format("QUEUE_URL must be the URL of a queue, or its name, and \"{}\" is neither.",
                       shortened(options.queue));
  if (options.prefix.size() > 1024 || options.suffix.size() > 1024)
    return "A --prefix or --suffix of more than 1,024 bytes fits no key.";
  return "";
}

}  // namespace matinee::jobs::publish

#include "cli/publish_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace matinee::cli {

using jobs::JsonObject;
using jobs::publish::Phase;
using jobs::publish::Progress;

namespace {

constexpr std::chrono::seconds log_every(5);

/// "1,200 published, 300 before, 400/s"
std::string counts(const Progress& progress, runtime::Duration elapsed) {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double handled = static_cast<double>(progress.published + progress.skipped);
  const auto rate = static_cast<std::uint64_t>(seconds > 0 ? handled / seconds : 0);
  std::string text = fmt::format("{} published", jobs::grouped(progress.published));
  if (progress.skipped > 0) text += fmt::format(", {} before", jobs::grouped(progress.skipped));
  if (progress.failed > 0) text += fmt::format(", {} failed", jobs::grouped(progress.failed));
  return text + fmt::format(", {}/s", jobs::grouped(rate));
}

}  // namespace

std::string publish_line(const Progress& progress, runtime::Duration elapsed,
                         const Screen& screen) {
  if (progress.phase == Phase::preparing) return "Preparing";
  return bar_line(
      "Publishing ", progress.share,
      fmt::format(" {:3.0f}%  {}", std::floor(progress.share * 100), counts(progress, elapsed)),
      screen);
}

JobProgress told_progress(const Progress& progress, runtime::Duration elapsed) {
  if (progress.phase == Phase::preparing) return {.doing = "Preparing"};
  return {.done = progress.published + progress.skipped + progress.failed,
          .share = std::clamp(progress.share, 0.0, 1.0),
          .doing = "Publishing: " + counts(progress, elapsed)};
}

std::string iso_time(runtime::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time) - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

void PublishBar::progress(const Progress& progress) {
  const int phase = static_cast<int>(progress.phase);
  if (line_.is_due(phase))
    line_.show(phase, publish_line(progress, line_.elapsed(), line_.screen()));
}

JsonObject PublishLog::begin(const std::string& level, const std::string& event) const {
  JsonObject json;
  json.add("time", iso_time(clock_.now()));
  json.add("level", level);
  json.add("event", event);
  return json;
}

void PublishLog::log(const std::string& level, const std::string& event,
                     const std::string& message) {
  JsonObject json = begin(level, event);
  json.add("message", message);
  terminal_.error(json.take());
}

void PublishLog::progress(const Progress& progress) {
  if (clock_.now() - logged_at_ < log_every) return;
  logged_at_ = clock_.now();
  JsonObject json = begin("info", "progress");
  json.add("pages_listed", progress.pages);
  json.add("objects_seen", progress.seen);
  json.add("published", progress.published);
  json.add("published_before", progress.skipped);
  json.add("failed", progress.failed);
  json.add("share_listed", progress.share);
  terminal_.error(json.take());
}

void PublishLog::finished(const jobs::publish::PublishSummary& summary) {
  for (const std::string& failure : summary.failures) log("error", "refused", failure);
  JsonObject json = begin(summary.succeeded() ? "info" : "error", "finished");
  json.add("run_id", summary.run_id);
  json.add("pages_listed", summary.pages);
  json.add("objects_seen", summary.seen);
  json.add("published", summary.published);
  json.add("published_before", summary.skipped);
  json.add("in_doubt", summary.in_doubt);
  json.add("failed", summary.failed);
  json.add("seconds", summary.seconds);
  terminal_.error(json.take());
}

}  // namespace matinee::cli

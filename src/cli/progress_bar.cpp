#include "cli/progress_bar.h"

#include <fmt/format.h>

#include <cmath>

namespace matinee::cli {

using jobs::movies::grouped;
using jobs::movies::Phase;
using jobs::movies::Progress;
using jobs::movies::Role;
using runtime::Duration;

namespace {

constexpr Duration redraw_every = std::chrono::milliseconds(80);
/// A screen shows "^C" after the line; were there no room, it would be redrawn on the next one.
constexpr int room_for_interruption = 3;
constexpr Duration report_every = std::chrono::seconds(5);  // where there is no screen

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::preparing:
      return "Preparing";
    case Phase::moving:
      return "Moving";
    case Phase::exporting:
      return "Exporting";
    case Phase::verifying:
      return "Verifying";
  }
  return "";
}

std::uint64_t done_in(const Progress& progress) {
  switch (progress.phase) {
    case Phase::preparing:
      return 0;
    case Phase::moving:
      return progress.role == Role::produce ? progress.sent : progress.stored;
    case Phase::exporting:
      return progress.exported;
    case Phase::verifying:
      return progress.verified;
  }
  return 0;
}

std::string bar(double share, int width) {
  const int filled = static_cast<int>(share * width);
  std::string text;
  for (int i = 0; i < width; ++i) text += i < filled ? "█" : "░";
  return text;
}

std::string counts(const Progress& progress, Duration elapsed) {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  if (progress.phase != Phase::moving)
    return fmt::format("{} of {} movies", grouped(done_in(progress)), grouped(progress.count));
  const std::uint64_t moved =
      progress.role == Role::produce ? progress.sent : progress.stored - progress.stored_before;
  const double rate = seconds > 0 ? static_cast<double>(moved) / seconds : 0;
  std::string text;
  if (progress.role != Role::consume) text += fmt::format("{} sent, ", grouped(progress.sent));
  if (progress.role != Role::produce) text += fmt::format("{} stored, ", grouped(progress.stored));
  return text + grouped(static_cast<std::uint64_t>(rate)) + "/s";
}

}  // namespace

std::string progress_line(const Progress& progress, Duration elapsed, int columns) {
  const double share = progress.count == 0 ? 1.0
                                           : std::min(1.0, static_cast<double>(done_in(progress)) /
                                                               static_cast<double>(progress.count));
  const std::string head = fmt::format("{:<9} ", phase_name(progress.phase));
  const std::string tail =
      fmt::format(" {:3.0f}%  {}", std::floor(share * 100), counts(progress, elapsed));
  const int usable = std::max(0, columns - room_for_interruption);
  const int room = usable - static_cast<int>(head.size() + tail.size());
  if (room >= 8) return head + bar(share, std::min(room, 30)) + tail;
  return (head + tail).substr(0, static_cast<std::size_t>(usable));
}

ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::clear() {
  if (drawn_) terminal_.error("\r\x1b[K");
  drawn_ = false;
}

void ProgressBar::progress(const Progress& progress) {
  if (quiet_) return;
  const runtime::Time now = clock_.now();
  const bool screen = terminal_.is_interactive();
  if (screen) {
    if (progress.phase == shown_phase_ && now - shown_at_ < redraw_every) return;
  } else if (now - std::max(shown_at_, started_) < report_every) {
    return;
  }
  const std::string line =
      progress_line(progress, now - started_, screen ? terminal_.columns() : 100);
  terminal_.error(screen ? "\r" + line + "\x1b[K" : line + "\n");
  drawn_ = screen;
  shown_at_ = now;
  shown_phase_ = progress.phase;
}

void ProgressBar::note(const std::string& sentence) {
  clear();
  terminal_.error(sentence + "\n");
}

void ProgressBar::warn(const std::string& sentence) {
  clear();
  terminal_.error("warning: " + sentence + "\n");
}

}  // namespace matinee::cli

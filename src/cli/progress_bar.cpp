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

std::string progress_line(const Progress& progress, Duration elapsed, const Screen& screen) {
  const double share = progress.count == 0 ? 1.0
                                           : std::min(1.0, static_cast<double>(done_in(progress)) /
                                                               static_cast<double>(progress.count));
  const std::string head = fmt::format("{:<9} ", phase_name(progress.phase));
  const std::string tail =
      fmt::format(" {:3.0f}%  {}", std::floor(share * 100), counts(progress, elapsed));
  return bar_line(head, share, tail, screen);
}

JobProgress told_progress(const Progress& progress, Duration elapsed) {
  JobProgress told{.done = done_in(progress), .doing = std::string(phase_name(progress.phase))};
  if (progress.count > 0) told.total = progress.count;
  if (progress.phase != Phase::preparing) told.doing += ": " + counts(progress, elapsed);
  return told;
}

void ProgressBar::progress(const Progress& progress) {
  last_ = progress;
  const int phase = static_cast<int>(progress.phase);
  if (!line_.is_due(phase)) return;
  line_.show(phase, progress_line(progress, line_.elapsed(), line_.screen()));
}

}  // namespace matinee::cli

// The progress of a movie job as one line that redraws itself, or, where there is no screen, as a
// line now and then.
#pragma once

#include <string>

#include "jobs/movies/summary.h"
#include "runtime/clock.h"
#include "runtime/terminal.h"

namespace matinee::cli {

/// One line without its end: phase, bar, share, counts, rate and time. Leaves room for "^C".
std::string progress_line(const jobs::movies::Progress& progress, runtime::Duration elapsed,
                          int columns);

class ProgressBar final : public jobs::movies::ProgressListener {
 public:
  /// `quiet` shows no bar, only sentences.
  ProgressBar(runtime::Terminal& terminal, const runtime::Clock& clock, bool quiet)
      : terminal_(terminal), clock_(clock), quiet_(quiet), started_(clock.now()) {}
  /// Ends the line.
  ~ProgressBar() override;

  void progress(const jobs::movies::Progress& progress) override;
  void note(const std::string& sentence) override;
  void warn(const std::string& sentence) override;

 private:
  runtime::Terminal& terminal_;
  const runtime::Clock& clock_;
  bool quiet_;
  bool drawn_ = false;
  runtime::Time started_;
  runtime::Time shown_at_{};
  jobs::movies::Phase shown_phase_ = jobs::movies::Phase::preparing;

  void clear();
};

}  // namespace matinee::cli

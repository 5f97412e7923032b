// The progress of a movie job as one line that redraws itself, or, where there is no screen, as a
// line now and then.
#pragma once

#include <string>

#include "cli/job_telling.h"
#include "cli/status_line.h"
#include "jobs/movies/summary.h"

namespace matinee::cli {

/// One line without its end: phase, bar, share, counts, rate and time. Leaves room for "^C".
std::string progress_line(const jobs::movies::Progress& progress, runtime::Duration elapsed,
                          const Screen& screen);

/// The same for the console: of the phase that goes on.
JobProgress told_progress(const jobs::movies::Progress& progress, runtime::Duration elapsed);

class ProgressBar final : public jobs::movies::ProgressListener {
 public:
  /// `quiet` shows no bar, only sentences.
  ProgressBar(runtime::Terminal& terminal, const runtime::Clock& clock, bool quiet)
      : line_(terminal, clock, quiet) {}

  void progress(const jobs::movies::Progress& progress) override;
  void note(const std::string& sentence) override { line_.note(sentence); }
  void warn(const std::string& sentence) override { line_.warn(sentence); }

  /// What was heard last.
  const jobs::movies::Progress& last() const { return last_; }

 private:
  StatusLine line_;
  jobs::movies::Progress last_;
};

}  // namespace matinee::cli

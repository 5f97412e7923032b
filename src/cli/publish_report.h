// What a running publisher shows on standard error: a bar with its rate, or lines for a log.
#pragma once

#include "cli/job_telling.h"
#include "cli/status_line.h"
#include "jobs/publish/summary.h"

namespace matinee::cli {

/// One line without its end. How much of the bucket has been listed is a guess: nobody knows
/// beforehand how many objects it has.
std::string publish_line(const jobs::publish::Progress& progress, runtime::Duration elapsed,
                         const Screen& screen);

/// The same for the console.
JobProgress told_progress(const jobs::publish::Progress& progress, runtime::Duration elapsed);

/// "2024-02-29T12:00:00.250Z"
std::string iso_time(runtime::Time time);

class PublishBar final : public jobs::publish::PublishListener {
 public:
  PublishBar(runtime::Terminal& terminal, const runtime::Clock& clock, bool quiet)
      : line_(terminal, clock, quiet) {}

  void progress(const jobs::publish::Progress& progress) override;
  void note(const std::string& sentence) override { line_.note(sentence); }
  void warn(const std::string& sentence) override { line_.warn(sentence); }

 private:
  StatusLine line_;
};

/// One JSON object a line: time, level, event, and a message or figures; figures every five
/// seconds.
class PublishLog final : public jobs::publish::PublishListener {
 public:
  PublishLog(runtime::Terminal& terminal, const runtime::Clock& clock)
      : terminal_(terminal), clock_(clock), logged_at_(clock.now()) {}

  void progress(const jobs::publish::Progress& progress) override;
  void note(const std::string& sentence) override { log("info", "note", sentence); }
  void warn(const std::string& sentence) override { log("warning", "warning", sentence); }
  void error(const std::string& sentence) { log("error", "failed", sentence); }
  void finished(const jobs::publish::PublishSummary& summary);

 private:
  runtime::Terminal& terminal_;
  const runtime::Clock& clock_;
  runtime::Time logged_at_;

  jobs::JsonObject begin(const std::string& level, const std::string& event) const;
  void log(const std::string& level, const std::string& event, const std::string& message);
};

}  // namespace matinee::cli

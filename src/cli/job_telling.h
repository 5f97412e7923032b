// What a run of a job tells a Matinee server of itself, for the console's page of runs.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/connection.h"
#include "cli/surroundings.h"
#include "insight/client.h"
#include "runtime/task_group.h"

namespace matinee::cli {

/// How far a run is.
struct JobProgress {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total;  // where it is known
  std::optional<double> share;         // else a guess, 0 to 1
  std::string doing;                   // what the terminal shows: "Moving: 120 sent, 100 stored"
};

enum class JobState : std::uint8_t { running, done, failed, stopped };

/// How a run has ended.
struct JobEnd {
  JobState state = JobState::done;
  std::string summary;
};

/// Tells about once a second, from `begin` to the end, where the cloud is a server that calls
/// itself Matinee; nothing elsewhere, and nothing more once the server has refused it. The run
/// never hears of it. State thread only.
class JobTelling {
 public:
  struct Job {
    std::string kind;  // "movies"
    std::string name;  // which of them: an id, or what goes where
    std::string unit;  // what is counted: "movies"
  };
  /// Asked for each time; `elapsed` since the telling was made.
  using Look = std::function<JobProgress(runtime::Duration elapsed)>;

  /// All must outlive it, the connection up to the end.
  JobTelling(Surroundings& surroundings, Connection& connection, Job job, Look look);

  void begin();
  /// The last word, for which the server has a second. Whether it has taken it.
  runtime::Task<bool> end(JobEnd end);
  /// The same for a run that a signal has stopped, from outside of the loop.
  void end_stopped();

 private:
  enum class Listener : std::uint8_t { unknown, none, there };

  runtime::Loop& loop_;
  runtime::Clock& clock_;
  runtime::HttpClient& http_;
  std::string url_;
  Listener listener_ = Listener::unknown;
  insight::Client client_;
  Job job_;
  Look look_;
  std::string id_;
  runtime::Time started_;
  std::optional<runtime::TaskGroup> tasks_;

  insight::ReportJobRequest request_for(const JobEnd& end) const;
  runtime::Task<> find_listener();
  runtime::Task<bool> tell(JobEnd end);
  runtime::Task<> go_on();
};

/// Waits for a job that tells of itself; `end_of` makes a JobEnd of its summary.
template <class Summary, class EndOf>
runtime::Task<Summary> told(JobTelling& telling, runtime::Task<Summary> job, EndOf end_of) {
  telling.begin();
  std::optional<Summary> summary;
  std::exception_ptr error;
  JobEnd end{.state = JobState::failed};
  try {
    summary.emplace(co_await job);
    end = end_of(*summary);
  } catch (const std::exception& failure) {
    error = std::current_exception();
    end.summary = failure.what();
  }
  co_await telling.end(std::move(end));
  if (error) std::rethrow_exception(error);
  co_return std::move(*summary);
}

}  // namespace matinee::cli

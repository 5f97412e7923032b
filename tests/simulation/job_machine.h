// A simulated machine with a cloud and movie jobs on it, in one program, as `matinee run movies`
// is. It can be killed at any write, and started again.
#pragma once

#include <gtest/gtest.h>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "flaky_channel.h"
#include "jobs/movies/job.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"

namespace matinee::simulation {

/// Keeps what a job says.
class Notes final : public jobs::movies::ProgressListener {
 public:
  void progress(const jobs::movies::Progress& now) override {
    most_outstanding = std::max(most_outstanding, now.sent - std::min(now.sent, now.stored));
  }
  void note(const std::string& sentence) override { notes.push_back(sentence); }
  void warn(const std::string& sentence) override { warnings.push_back(sentence); }

  std::vector<std::string> notes;
  std::vector<std::string> warnings;
  std::uint64_t most_outstanding = 0;
};

/// How a job ended: with a summary, with an error, or not at all, because the machine stopped.
struct Ending {
  std::optional<jobs::movies::MovieSummary> summary;
  std::string error;
};

/// Everything that a job leaves behind, as texts that can be compared.
struct Remains {
  std::map<std::string, std::string> items;  // of the table, by key
  std::string object;
  std::uint64_t messages = 0;
  std::uint64_t dead_letters = 0;

  bool operator==(const Remains&) const = default;
};

class JobMachine {
 public:
  explicit JobMachine(std::uint64_t seed = 1);
  ~JobMachine();

  void start();
  void stop();
  /// To the moment after `writes` more writes to the disk; then the program starts again.
  void kill_after(std::uint64_t writes) {
    machine.disk.crash_after(writes, runtime::SimulatedDisk::Crash::process);
  }

  /// From now on services leave over one entry in `one_in` of each batch.
  void make_flaky(std::uint64_t one_in) {
    flaky_ = std::make_unique<FlakyChannel>(*channel_, machine.random, one_in);
  }
  std::uint64_t refused() const { return flaky_->refused(); }

  /// Runs a job until it ends or the machine stops.
  Ending run(jobs::movies::MovieOptions options);
  /// Runs several at the same time, until all have ended.
  std::vector<Ending> run_together(std::vector<jobs::movies::MovieOptions> options);
  /// Until `task` has ended; throws what it throws.
  template <class T>
  T wait_for(runtime::Task<T> task);
  void wait_for(runtime::Task<> task);

  Remains remains(const jobs::movies::MovieOptions& options);
  std::string queue_url(const std::string& name);
  void send(const std::string& queue, const std::string& body);
  jobs::movies::Clients clients();

  runtime::Simulation machine;
  Notes notes;

 private:
  runtime::Runtime runtime_ = machine.runtime();
  std::unique_ptr<cloud::Cloud> cloud_;
  std::unique_ptr<client::InProcessChannel> channel_;
  std::unique_ptr<FlakyChannel> flaky_;

  /// Lets time pass until `done` or nothing more can happen.
  void pass_time(const std::function<bool()>& done);
  runtime::Task<> run_one(jobs::movies::MovieOptions options, Ending& ending);
};

template <class T>
T JobMachine::wait_for(runtime::Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool done = false;
  runtime::start(std::move(task), [&](std::optional<T> value, std::exception_ptr error) {
    result = std::move(value);
    failure = error;
    done = true;
  });
  pass_time([&] { return done; });
  if (failure) std::rethrow_exception(failure);
  return std::move(result.value());
}

/// A small job: three parts, the last of them and its last chunk short.
inline jobs::movies::MovieOptions small_job() {
  jobs::movies::MovieOptions options;
  options.count = 4005;
  options.job_id = "J";
  return options;
}

}  // namespace matinee::simulation

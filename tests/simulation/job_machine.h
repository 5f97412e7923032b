// A simulated machine with a cloud and movie jobs on it, in one program, as `matinee run movies`
// is.
#pragma once

#include "cloud_machine.h"
#include "jobs/movies/job.h"
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

class JobMachine : public CloudMachine {
 public:
  using CloudMachine::CloudMachine;

  /// Runs a job until it ends or the machine stops.
  Ending run(jobs::movies::MovieOptions options);
  /// Runs several at the same time, until all have ended.
  std::vector<Ending> run_together(std::vector<jobs::movies::MovieOptions> options);

  Remains remains(const jobs::movies::MovieOptions& options);
  std::string queue_url(const std::string& name);
  bool has_queue(const std::string& name);
  /// Visible and in flight.
  std::uint64_t count_messages(const std::string& queue);
  void send(const std::string& queue, const std::string& body);
  jobs::movies::Clients clients();

  Notes notes;

 private:
  runtime::Task<> run_one(jobs::movies::MovieOptions options, Ending& ending);
};

/// A small job: three parts, the last of them and its last chunk short.
inline jobs::movies::MovieOptions small_job() {
  jobs::movies::MovieOptions options;
  options.count = 4005;
  options.job_id = "J";
  return options;
}

}  // namespace matinee::simulation

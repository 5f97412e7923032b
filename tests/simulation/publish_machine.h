// A simulated machine with a publisher and a cloud. The publisher has a disk of its own and can be
// killed alone, unless the two are one program.
#pragma once

#include "cloud_machine.h"
#include "jobs/publish/job.h"

namespace matinee::simulation {

/// Keeps what a publisher says.
class PublishNotes final : public jobs::publish::PublishListener {
 public:
  void progress(const jobs::publish::Progress& now) override {
    if (on_progress) on_progress(now);
  }
  void note(const std::string& sentence) override { notes.push_back(sentence); }
  void warn(const std::string& sentence) override { warnings.push_back(sentence); }

  std::function<void(const jobs::publish::Progress&)> on_progress;
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
};

/// How a run ended: with a summary, with an error, or not at all, because it was killed.
struct PublishEnding {
  std::optional<jobs::publish::PublishSummary> summary;
  std::string error;
  bool is_killed = false;
};

class PublishMachine : public CloudMachine {
 public:
  explicit PublishMachine(std::uint64_t seed = 1);

  /// Kills the publisher alone, after so many more writes to its ledger.
  void kill_publisher_after(std::uint64_t writes) {
    ledger_disk.crash_after(writes, runtime::SimulatedDisk::Crash::process);
  }
  /// Runs a publisher until it ends, or it or the whole machine is killed; what was killed is
  /// started again.
  PublishEnding run(jobs::publish::PublishOptions options);
  /// Again and again, with a kill after up to `most_writes` writes, until a run ends. Between two
  /// runs passes `pause`. Returns what the last one gave, with what all together had in doubt.
  PublishEnding run_with_kills(const jobs::publish::PublishOptions& options,
                               std::uint64_t most_writes, runtime::Duration pause);

  /// The bucket "films".
  void put(const std::string& key, const std::string& body = "x");
  /// `count` keys that look like digests, put in no order.
  std::vector<std::string> put_digests(std::size_t count);
  void create_queue(const std::string& name);
  /// Takes all messages out of the queue; how often each key has come.
  std::map<std::string, int> take_messages(const std::string& queue);

  sqs::Client sqs() { return sqs::Client(channel()); }
  s3::Client s3() { return s3::Client(channel()); }

  runtime::SimulatedDisk ledger_disk;
  PublishNotes notes;
  jobs::publish::StopRequest stop_request;
  /// In front of the cloud, if set.
  client::Channel* in_front = nullptr;
  int kills = 0;
  /// Publisher and cloud are one program on one disk, as an embedded cloud is with its publisher.
  bool is_one_program = false;

 private:
  runtime::Runtime publisher_runtime();
  bool is_killed() const { return ledger_disk.has_crashed() || machine.disk.has_crashed(); }
  runtime::Task<> run_one(jobs::publish::PublishOptions options, PublishEnding& ending);
};

/// From the bucket "films" into the queue "work.fifo".
inline jobs::publish::PublishOptions films_to_work() {
  jobs::publish::PublishOptions options;
  options.bucket = "films";
  options.queue = "work.fifo";
  options.ledger_base = "/ledgers";
  return options;
}

}  // namespace matinee::simulation

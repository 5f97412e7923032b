// Receives the job's messages, has their movies stored, and only then deletes them.
#pragma once

#include "jobs/movies/collector.h"
#include "jobs/movies/strangers.h"

namespace matinee::jobs::movies {

/// What a consumer works with; all must outlive it.
struct ConsumerParts {
  const MovieOptions& options;
  const JobQueue& queue;
  Collector& collector;
  Strangers& strangers;
  const Ledger& ledger;
  runtime::Clock& clock;
};

class Consumer {
 public:
  explicit Consumer(ConsumerParts parts);

  /// Receives batch after batch, until it is destroyed. Run several at the same time.
  runtime::Task<> receive_all();

  std::uint64_t received() const { return received_; }
  std::uint64_t duplicates() const { return duplicates_; }
  /// Batches received and not yet dealt with.
  int busy() const { return busy_; }
  /// When a message of this job was last received; at first, when the consumer was made.
  runtime::Time last_received() const { return last_received_; }
  /// Called after each batch.
  std::move_only_function<void()> on_batch = [] {};

 private:
  ConsumerParts parts_;
  MessageReader reader_;
  std::uint64_t received_ = 0;
  std::uint64_t duplicates_ = 0;
  int busy_ = 0;
  runtime::Time last_received_;

  runtime::Task<> handle(std::vector<sqs::Message> messages);
  runtime::Task<> keep(std::vector<OwnMovie> movies, std::vector<std::string> receipt_handles);
};

}  // namespace matinee::jobs::movies

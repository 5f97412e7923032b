// The job's queue: batches that repeat only what failed, and the way to the dead letters.
#pragma once

#include "client/retry.h"
#include "jobs/movies/options.h"
#include "sqs/client.h"

namespace matinee::jobs::movies {

/// What the setup has found out about the queue.
struct QueueInfo {
  std::string name;
  std::string url;
  bool fifo = true;
  /// Of the dead-letter queue; empty where the queue has none.
  std::string dead_letter_url;
  /// How often a message may be received before the service itself moves it there; 0 without.
  int max_receive_count = 0;
};

/// Messages in the queue as the service counts them: on AWS approximately, and a little late.
struct QueueCounts {
  std::uint64_t visible = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delayed = 0;

  std::uint64_t total() const { return visible + in_flight + delayed; }
};

struct OutgoingMessage {
  std::string id;     // deduplication id
  std::string group;  // message group
  std::string body;
};

/// Everything throws ServiceError for what the service refuses, and for what it does not take even
/// after several attempts.
class JobQueue {
 public:
  JobQueue(sqs::Client client, client::Backoff backoff, QueueInfo info)
      : client_(client), backoff_(backoff), info_(std::move(info)) {}

  const QueueInfo& info() const { return info_; }

  /// At most ten, together below 256 KB.
  runtime::Task<> send(std::vector<OutgoingMessage> messages) const;
  /// Up to ten messages, hidden for `visibility`; waits up to 20 seconds for the first one.
  runtime::Task<std::vector<sqs::Message>> receive(std::chrono::seconds visibility) const;
  /// Deletes messages by their receipt handles, at most ten. One whose handle has expired comes
  /// again, and is left for then.
  runtime::Task<> remove(std::vector<std::string> receipt_handles) const;
  /// Hides messages for so long from now, at most ten; zero offers them again at once. Handles that
  /// have expired are left alone.
  runtime::Task<> hide(std::vector<std::string> receipt_handles,
                       std::chrono::seconds timeout) const;
  runtime::Task<QueueCounts> count() const;
  /// Deletes the queue; one that is gone is deleted once more without an error.
  runtime::Task<> delete_queue() const;
  /// Sends a copy to the dead-letter queue with the attribute "reason". There must be one.
  runtime::Task<> bury(sqs::Message message, std::string reason) const;

 private:
  sqs::Client client_;
  client::Backoff backoff_;
  QueueInfo info_;
};

}  // namespace matinee::jobs::movies

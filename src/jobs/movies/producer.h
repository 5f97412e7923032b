// Sends the movies of a job into the queue.
#pragma once

#include "jobs/movies/crew.h"
#include "jobs/movies/ledger.h"
#include "jobs/movies/queue.h"
#include "jobs/movies/summary.h"

namespace matinee::jobs::movies {

/// Tells the producer how far behind the other side is.
class Backlog {
 public:
  virtual ~Backlog() = default;
  /// Until there is room for more. `sent` is what this producer has begun to send so far.
  virtual runtime::Task<> wait_for_room(std::uint64_t sent) = 0;
};

/// What a producer works with; all must outlive it.
struct ProducerParts {
  const MovieOptions& options;
  const JobQueue& queue;
  const Ledger& ledger;  // what is in it is not sent again
  Backlog& backlog;
};

class Producer {
 public:
  explicit Producer(ProducerParts parts) : parts_(parts) {}

  /// Sends every movie that the ledger does not have, in order and several batches at a time. Each
  /// further call uses other deduplication ids: the service would drop what it remembers, also if
  /// somebody has purged the queue since.
  runtime::Task<> send_missing();

  std::uint64_t sent() const { return sent_; }
  int passes() const { return passes_; }
  /// The messages of each batch that the service has taken are told here.
  std::move_only_function<void()> on_sent = [] {};

 private:
  ProducerParts parts_;
  std::uint64_t sent_ = 0;   // and taken by the service
  std::uint64_t begun_ = 0;  // handed over for sending
  int passes_ = 0;

  std::vector<OutgoingMessage> make_batch(std::uint64_t chunk) const;
  runtime::Task<> send(std::vector<OutgoingMessage> batch);
};

/// For a producer beside its own consumer: counts what is sent and not yet stored.
class OwnBacklog final : public Backlog {
 public:
  OwnBacklog(const MovieOptions& options, const Ledger& ledger)
      : options_(options), ledger_(ledger), stored_before_(ledger.stored()) {}

  runtime::Task<> wait_for_room(std::uint64_t sent) override;
  /// Something was stored.
  void notify() { stored_.notify(); }

 private:
  const MovieOptions& options_;
  const Ledger& ledger_;
  std::uint64_t stored_before_;
  runtime::Event stored_;
};

/// For a producer alone: asks the queue now and then. When the queue is full and nobody consumes,
/// it does not wait for ever, because a queue is also there to hold what nobody consumes yet.
class QueueBacklog final : public Backlog {
 public:
  QueueBacklog(const JobQueue& queue, runtime::Clock& clock, ProgressListener& listener)
      : queue_(queue), clock_(clock), listener_(listener) {}

  runtime::Task<> wait_for_room(std::uint64_t sent) override;

 private:
  const JobQueue& queue_;
  runtime::Clock& clock_;
  ProgressListener& listener_;
  std::uint64_t next_look_ = 0;  // in messages sent
  bool nobody_consumes_ = false;
};

}  // namespace matinee::jobs::movies

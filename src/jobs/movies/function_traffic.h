// The producer, and a function on the queue that takes and stores what it sends: how the job knows
// that nothing is left to do.
#pragma once

#include "jobs/movies/collector.h"
#include "jobs/movies/producer.h"

namespace matinee::jobs::movies {

class FunctionTraffic {
 public:
  /// All must outlive it.
  struct Parts {
    const MovieOptions& options;
    const JobQueue& queue;
    Collector& collector;
    const Ledger& ledger;
    runtime::Clock& clock;
    ProgressListener& listener;
  };

  explicit FunctionTraffic(Parts parts);

  /// Ends when every part is in the table and the queue is empty. Throws JobError where nothing
  /// moves for so long as the options say.
  runtime::Task<> run();

  const Producer& producer() const { return producer_; }
  std::move_only_function<void()> on_change = [] {};

 private:
  Parts parts_;
  QueueBacklog backlog_;
  Producer producer_;
  bool producing_ = false;
  runtime::Time last_change_;
  runtime::Time next_look_;
  runtime::Duration gap_;
  Crew crew_;  // last: its tasks use all the others

  runtime::Task<> produce();
  runtime::Task<> wait_until_assembled();
  runtime::Task<> look_for_lost_messages();
  runtime::Task<> wait_until_drained();
};

}  // namespace matinee::jobs::movies

// Producer and consumer at the same time, with the queue between them.
#pragma once

#include "jobs/movies/consumer.h"
#include "jobs/movies/producer.h"

namespace matinee::jobs::movies {

/// The part of a job in which messages move: producer and consumer at once, until everything is
/// stored and nothing of the job is left in the queue.
class Traffic {
 public:
  struct Parts {
    const MovieOptions& options;
    const JobQueue& queue;
    Collector& collector;
    Strangers& strangers;
    Ledger& ledger;
    runtime::Clock& clock;
    bool fresh;  // no earlier run has sent anything
  };

  explicit Traffic(Parts parts);

  runtime::Task<> run();

  const Producer& producer() const { return producer_; }
  const Consumer& consumer() const { return consumer_; }
  std::move_only_function<void()> on_change = [] {};

 private:
  Parts parts_;
  OwnBacklog backlog_;
  Producer producer_;
  Consumer consumer_;
  bool producing_ = false;
  runtime::Time started_;
  runtime::Time last_change_;
  runtime::Time next_look_;
  runtime::Duration look_gap_;
  Crew crew_;  // last: its tasks use all the others

  void changed();
  runtime::Task<> produce();
  runtime::Task<> wait_until_stored();
  runtime::Task<> look_for_lost_messages();
  runtime::Task<> wait_until_drained();
  bool all_accounted_for() const;
};

}  // namespace matinee::jobs::movies

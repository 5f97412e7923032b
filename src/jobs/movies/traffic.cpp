// Producer and consumer at the same time, and how they know that nothing is left to do.
#include "jobs/movies/traffic.h"

#include <fmt/format.h>

namespace matinee::jobs::movies {

namespace {

/// How often things are looked at that nobody tells of.
constexpr std::chrono::milliseconds look_interval(200);
/// After so long without a message it is time to look why; each look costs reads, so the next one
/// comes later.
constexpr std::chrono::seconds first_look(3);
constexpr std::chrono::seconds longest_look_gap(60);
/// Readings in a row that find the queue empty before it is believed: on AWS they are approximate.
constexpr int empty_readings = 2;

}  // namespace

Traffic::Traffic(Parts parts)
    : parts_(parts),
      backlog_(parts.options, parts.ledger),
      producer_({parts.options, parts.queue, parts.ledger, backlog_}),
      consumer_({parts.options, parts.queue, parts.collector, parts.strangers, parts.ledger,
                 parts.clock}),
      started_(parts.clock.now()),
      last_change_(started_),
      next_look_(started_ + first_look),
      look_gap_(first_look),
      crew_(parts.clock) {
  producer_.on_sent = [this] { changed(); };
  consumer_.on_batch = [this] {
    backlog_.notify();
    changed();
  };
}

void Traffic::changed() {
  last_change_ = parts_.clock.now();
  look_gap_ = first_look;
  next_look_ = last_change_ + look_gap_;
  on_change();
  crew_.notify();
}

runtime::Task<> Traffic::produce() {
  producing_ = true;
  co_await producer_.send_missing();
  producing_ = false;
}

runtime::Task<> Traffic::run() {
  if (parts_.options.role == Role::both) co_await crew_.add(produce());
  for (std::uint64_t i = 0; i < parts_.options.receivers; ++i)
    co_await crew_.add(consumer_.receive_all());
  co_await wait_until_stored();
  co_await wait_until_drained();
}

runtime::Task<> Traffic::wait_until_stored() {
  while (producing_ || !parts_.ledger.all_assembled()) {
    co_await crew_.wait_for_change(look_interval);
    if (parts_.clock.now() >= next_look_ && !producing_ && consumer_.busy() == 0)
      co_await look_for_lost_messages();
  }
}

/// Nothing has come for a while. Perhaps another process has stored the rest; perhaps the messages
/// are hidden, because the process that had received them was killed; perhaps they are gone.
runtime::Task<> Traffic::look_for_lost_messages() {
  look_gap_ = std::min<runtime::Duration>(2 * look_gap_, longest_look_gap);
  next_look_ = parts_.clock.now() + look_gap_;
  const std::uint64_t stored = parts_.ledger.stored();
  co_await parts_.collector.refresh();
  if (parts_.ledger.stored() != stored) {
    changed();
    co_return;
  }
  const QueueCounts counts = co_await parts_.queue.count();
  if (counts.total() == 0 && parts_.options.role == Role::both && !parts_.ledger.all_stored()) {
    co_await crew_.add(produce());
    co_return;
  }
  if (parts_.clock.now() - last_change_ > parts_.options.idle_timeout)
    throw JobError(fmt::format(
        "Nothing has come for {} seconds, and {} of {} movies are stored; the queue counts {} "
        "messages, {} of them received by somebody. Is a producer running?",
        parts_.options.idle_timeout.count(), parts_.ledger.stored(), parts_.options.count,
        counts.total(), counts.in_flight));
}

/// Whether there cannot be a message of this job any more: each was sent once, and came once.
bool Traffic::all_accounted_for() const {
  return parts_.fresh && parts_.queue.info().fifo && producer_.passes() == 1 &&
         consumer_.duplicates() == 0 && consumer_.busy() == 0;
}

/// Everything is stored. What of this job may still be in the queue was sent twice, by an earlier
/// run: it has to be received to be gone. Messages of others may be there as well, and the service
/// counts them all together; then the job waits until every message of its own that somebody may
/// have received before it was killed would have come back.
runtime::Task<> Traffic::wait_until_drained() {
  const auto patience = 2 * parts_.options.visibility_timeout;
  for (int empty = 0; empty < empty_readings;) {
    const auto waited = parts_.clock.now() - std::max(consumer_.last_received(), started_);
    const QueueCounts counts = co_await parts_.queue.count();
    empty = counts.total() == 0 && consumer_.busy() == 0 ? empty + 1 : 0;
    if (parts_.strangers.any() && (all_accounted_for() || waited > patience)) co_return;
    if (waited > parts_.options.idle_timeout) co_return;
    if (empty < empty_readings)
      co_await crew_.wait_for_change(empty > 0 ? look_interval / 20 : look_interval);
  }
}

}  // namespace matinee::jobs::movies

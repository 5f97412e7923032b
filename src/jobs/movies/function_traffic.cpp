#include "jobs/movies/function_traffic.h"

#include <fmt/format.h>

namespace matinee::jobs::movies {

namespace {

/// Between two looks at the table; longer while nothing changes, since each costs reads.
constexpr runtime::Duration shortest_gap = std::chrono::milliseconds(50);
constexpr runtime::Duration longest_gap = std::chrono::seconds(2);
/// What a function has received and not stored comes again when its time and the queue's is over.
constexpr std::chrono::seconds first_look(45);
constexpr int empty_readings = 2;
constexpr std::chrono::minutes longest_drain(2);

}  // namespace

FunctionTraffic::FunctionTraffic(Parts parts)
    : parts_(parts),
      backlog_(parts.queue, parts.clock, parts.listener),
      producer_({parts.options, parts.queue, parts.ledger, backlog_}),
      last_change_(parts.clock.now()),
      next_look_(last_change_ + first_look),
      gap_(shortest_gap),
      crew_(parts.clock) {
  producer_.on_sent = [this] {
    last_change_ = parts_.clock.now();
    next_look_ = last_change_ + first_look;
    on_change();
  };
}

runtime::Task<> FunctionTraffic::produce() {
  producing_ = true;
  co_await producer_.send_missing();
  producing_ = false;
}

runtime::Task<> FunctionTraffic::run() {
  if (!parts_.ledger.all_stored()) co_await crew_.add(produce());
  co_await wait_until_assembled();
  co_await wait_until_drained();
}

runtime::Task<> FunctionTraffic::wait_until_assembled() {
  while (producing_ || !parts_.ledger.all_assembled()) {
    co_await crew_.wait_for_change(gap_);
    const std::uint64_t before = parts_.ledger.assembled();
    co_await parts_.collector.find_next_assembled();
    if (parts_.ledger.assembled() == before) {
      gap_ = std::min(2 * gap_, longest_gap);
      if (!producing_ && parts_.clock.now() >= next_look_) co_await look_for_lost_messages();
      continue;
    }
    gap_ = shortest_gap;
    last_change_ = parts_.clock.now();
    next_look_ = last_change_ + first_look;
    on_change();
  }
}

/// Nothing has come for a while. Perhaps a function ended between storing the last movie of a part
/// and putting the part together, and has given up; perhaps messages are gone, or nobody takes any.
runtime::Task<> FunctionTraffic::look_for_lost_messages() {
  next_look_ = parts_.clock.now() + first_look;
  const std::uint64_t stored = parts_.ledger.stored();
  co_await parts_.collector.refresh();
  if (parts_.ledger.stored() != stored) {
    last_change_ = parts_.clock.now();
    on_change();
  }
  const QueueCounts counts = co_await parts_.queue.count();
  if (counts.total() == 0 && !parts_.ledger.all_stored()) {
    co_await crew_.add(produce());
    co_return;
  }
  if (parts_.clock.now() - last_change_ > parts_.options.idle_timeout)
    throw JobError(fmt::format(
        "The function on the queue {} has stored nothing for {} seconds, and {} of {} movies are "
        "stored; the queue counts {} messages, {} of them received. The function's log says why.",
        parts_.queue.info().name, parts_.options.idle_timeout.count(),
        grouped(parts_.ledger.stored()), grouped(parts_.options.count), counts.total(),
        counts.in_flight));
}

/// A function's messages are deleted after it has answered. Those of other jobs may be there too.
runtime::Task<> FunctionTraffic::wait_until_drained() {
  const runtime::Time end = parts_.clock.now() + longest_drain;
  for (int empty = 0; empty < empty_readings && parts_.clock.now() < end;) {
    const QueueCounts counts = co_await parts_.queue.count();
    empty = counts.total() == 0 ? empty + 1 : 0;
    if (empty < empty_readings) co_await crew_.wait_for_change(shortest_gap);
  }
}

}  // namespace matinee::jobs::movies

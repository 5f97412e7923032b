#include "jobs/movies/queue_choice.h"

#include <fmt/format.h>

namespace matinee::jobs::movies {

runtime::Task<ChosenQueue> QueueChoice::choose(QueueInfo shared) {
  if (options_.may_move_out()) {
    auto own = co_await setup_.find_queue_info(options_.own_queue());
    if (own) co_return ChosenQueue{.info = std::move(*own), .own = true};
  }
  co_return ChosenQueue{.info = std::move(shared)};
}

runtime::Task<ChosenQueue> QueueChoice::choose(QueueInfo shared, const QueueClaim& claim,
                                               Beginning beginning) {
  ChosenQueue chosen = co_await choose(std::move(shared));
  if (chosen.own || !options_.may_move_out()) co_return chosen;
  if (co_await claim.take()) co_return chosen;
  chosen.closed = beginning.complete;
  if (!beginning.fresh || !options_.create) co_return chosen;
  listener_.note(
      fmt::format("The queue {} is another job's until that is done; this job gets one "
                  "of its own.",
                  options_.queue));
  co_return ChosenQueue{.info = co_await setup_.require_queue(options_.own_queue()), .own = true};
}

}  // namespace matinee::jobs::movies

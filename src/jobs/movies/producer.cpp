// Sends the movies of a job into the queue.
#include "jobs/movies/producer.h"

#include <fmt/format.h>

#include "jobs/movies/message.h"

namespace matinee::jobs::movies {

namespace {

/// Of messages in the queue, above which a lone producer waits for its consumer.
constexpr std::uint64_t full_queue = 100'000;
/// Messages sent between two looks at the queue.
constexpr std::uint64_t look_interval = 5'000;
constexpr std::chrono::seconds longest_wait(10);

}  // namespace

std::vector<OutgoingMessage> Producer::make_batch(std::uint64_t chunk) const {
  const MovieOptions& options = parts_.options;
  const Layout& layout = parts_.ledger.layout();
  const Range range = layout.chunk(chunk);
  const MovieList list(options.seed);
  std::vector<OutgoingMessage> batch;
  batch.reserve(range.size());
  Movie movie;
  for (std::uint64_t index = range.begin; index < range.end; ++index) {
    if (parts_.ledger.contains(index)) continue;
    OutgoingMessage& message = batch.emplace_back();
    message.id = movie_id(options.job_id, index);
    if (passes_ > 1) message.id += fmt::format("/{}", passes_);
    message.group = fmt::format("{}:{}", options.job_id, layout.group_of_chunk(chunk));
    list.make(index, movie);
    append_message(options.job_id, index, movie, message.body);
  }
  return batch;
}

runtime::Task<> Producer::send_missing() {
  ++passes_;
  runtime::TaskGroup sends(parts_.options.senders);
  for (std::uint64_t chunk = 0; chunk < parts_.ledger.layout().chunks(); ++chunk) {
    std::vector<OutgoingMessage> batch = make_batch(chunk);
    if (batch.empty()) continue;
    co_await parts_.backlog.wait_for_room(begun_);
    begun_ += batch.size();
    co_await sends.spawn(send(std::move(batch)));
  }
  co_await sends.join();
}

runtime::Task<> Producer::send(std::vector<OutgoingMessage> batch) {
  const std::uint64_t size = batch.size();
  co_await parts_.queue.send(std::move(batch));
  sent_ += size;
  on_sent();
}

runtime::Task<> OwnBacklog::wait_for_room(std::uint64_t sent) {
  while (sent + stored_before_ > ledger_.stored() + options_.max_backlog) co_await stored_.wait();
}

runtime::Task<> QueueBacklog::wait_for_room(std::uint64_t sent) {
  if (nobody_consumes_ || sent < next_look_) co_return;
  next_look_ = sent + look_interval;
  std::uint64_t fewest = (co_await queue_.count()).total();
  runtime::Time patience_ends = clock_.now() + longest_wait;
  for (std::uint64_t now = fewest; now > full_queue; now = (co_await queue_.count()).total()) {
    if (now < fewest) {
      fewest = now;
      patience_ends = clock_.now() + longest_wait;
    }
    if (clock_.now() >= patience_ends) {
      nobody_consumes_ = true;
      listener_.note(
          fmt::format("Nobody takes messages out of the queue, which holds {}; it gets "
                      "the rest of the job as well.",
                      now));
      co_return;
    }
    co_await runtime::sleep_until(clock_, clock_.now() + std::chrono::seconds(1));
  }
}

}  // namespace matinee::jobs::movies

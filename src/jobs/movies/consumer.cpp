// Receives the job's messages.
#include "jobs/movies/consumer.h"

namespace matinee::jobs::movies {

Consumer::Consumer(ConsumerParts parts)
    : parts_(parts),
      reader_(parts.options.job_id, parts.options.count),
      last_received_(parts.clock.now()) {}

runtime::Task<> Consumer::receive_all() {
  for (;;) {
    std::vector<sqs::Message> messages =
        co_await parts_.queue.receive(parts_.options.visibility_timeout);
    if (messages.empty()) continue;
    ++busy_;
    co_await handle(std::move(messages));
    --busy_;
    on_batch();
  }
}

runtime::Task<> Consumer::handle(std::vector<sqs::Message> messages) {
  std::vector<OwnMovie> movies;
  std::vector<std::string> receipt_handles;
  for (sqs::Message& message : messages) {
    std::string body = std::move(message.body).value_or("");
    Reading reading = reader_.read(body);
    message.body = std::move(body);
    if (auto* own = std::get_if<OwnMovie>(&reading)) {
      movies.push_back(std::move(*own));
      receipt_handles.push_back(std::move(message.receipt_handle).value_or(""));
    } else if (const auto* foreign = std::get_if<Foreign>(&reading)) {
      co_await parts_.strangers.set_aside(std::move(message), *foreign);
    } else {
      co_await parts_.strangers.bury(std::move(message), std::get<Unintelligible>(reading));
    }
  }
  if (!movies.empty()) co_await keep(std::move(movies), std::move(receipt_handles));
}

runtime::Task<> Consumer::keep(std::vector<OwnMovie> movies,
                               std::vector<std::string> receipt_handles) {
  last_received_ = parts_.clock.now();
  const std::uint64_t messages = movies.size();
  received_ += messages;
  std::erase_if(movies, [this](const OwnMovie& own) { return parts_.ledger.contains(own.index); });
  std::uint64_t added = 0;
  if (!movies.empty()) added = co_await parts_.collector.store(std::move(movies));
  duplicates_ += messages - added;
  on_batch();
  co_await parts_.queue.remove(std::move(receipt_handles));
  co_await parts_.collector.assemble_full_parts();
}

}  // namespace matinee::jobs::movies

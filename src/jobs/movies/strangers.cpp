// Messages that are not this job's: hidden, buried, and offered again.
#include "jobs/movies/strangers.h"

#include <fmt/format.h>

#include <charconv>

namespace matinee::jobs::movies {

namespace {

/// AWS: nothing is hidden for more than twelve hours after it was received. A little less, because
/// the clock started when it was received.
constexpr std::chrono::seconds longest_hiding = std::chrono::hours(11);

int receive_count(const sqs::Message& message) {
  if (!message.attributes) return 1;
  const auto place = message.attributes->find("ApproximateReceiveCount");
  if (place == message.attributes->end()) return 1;
  int count = 1;
  const std::string& text = place->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() ? count : 1;
}

}  // namespace

std::chrono::seconds hiding_time(int receive_count, int max_receive_count) {
  if (max_receive_count > 0 && receive_count >= max_receive_count - 1) return longest_hiding;
  return std::chrono::seconds(1 << std::clamp(receive_count, 1, 8));
}

runtime::Task<bool> Strangers::hide(sqs::Message message) {
  const std::chrono::seconds time =
      hiding_time(receive_count(message), queue_.info().max_receive_count);
  const std::string handle = message.receipt_handle.value_or("");
  std::vector<std::string> handles;
  handles.push_back(handle);
  co_await queue_.hide(std::move(handles), time);
  Hidden& hidden = hidden_[message.message_id.value_or("")];
  const bool is_new = hidden.receipt_handle.empty();
  hidden = {handle, clock_.now() + time};
  co_return is_new;
}

runtime::Task<> Strangers::set_aside(sqs::Message message, const Foreign& foreign) {
  const std::string job_id = foreign.job_id;
  const bool is_new = co_await hide(std::move(message));
  if (is_new && foreign_++ == 0)
    listener_.warn(
        fmt::format("The queue {} has messages of another job, {}; they are left in it, and slow "
                    "this one down. To be rid of them finish that job, or purge the queue when "
                    "no job runs; jobs that run at the same time go best with a --queue each.",
                    queue_.info().name, job_id));
}

runtime::Task<> Strangers::bury(sqs::Message message, const Unintelligible& fault) {
  const std::string reason = fault.reason;
  const std::string id = message.message_id.value_or("");
  if (queue_.info().dead_letter_url.empty()) {
    if (co_await hide(std::move(message)))
      listener_.warn(fmt::format("Left message {} in the queue, which has no dead-letter queue: {}",
                                 id, reason));
    co_return;
  }
  std::vector<std::string> handles;
  handles.push_back(message.receipt_handle.value_or(""));
  co_await queue_.bury(std::move(message), reason);
  co_await queue_.remove(std::move(handles));
  ++buried_;
  listener_.warn(fmt::format("Moved message {} to the dead-letter queue: {}", id, reason));
}

runtime::Task<> Strangers::release() {
  std::vector<std::string> handles;
  for (auto& [id, hidden] : hidden_) {
    if (hidden.until <= clock_.now()) continue;
    handles.push_back(std::move(hidden.receipt_handle));
    if (handles.size() < 10) continue;
    co_await queue_.hide(std::exchange(handles, {}), std::chrono::seconds(0));
  }
  if (!handles.empty()) co_await queue_.hide(std::move(handles), std::chrono::seconds(0));
  hidden_.clear();
}

}  // namespace matinee::jobs::movies

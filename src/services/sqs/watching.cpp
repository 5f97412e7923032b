// Those who want to know when a queue has something to receive, without waiting for it in a call.
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

std::shared_ptr<void> Service::watch(const std::string& queue_arn, runtime::Callback wake) {
  auto watcher = std::make_shared<runtime::Callback>(std::move(wake));
  const std::optional<QueueKey> key = parse_arn(queue_arn);
  Queue* queue = key ? find_queue(*key) : nullptr;
  if (!queue) {
    missing_[queue_arn].push_back(watcher);
    return watcher;
  }
  queue->watchers.push_back(watcher);
  // What is there already is told in the next round too.
  loop_.post([this, number = queue->record.number] {
    if (const auto found = queues_by_number_.find(number); found != queues_by_number_.end())
      serve(*found->second);
  });
  return watcher;
}

bool Service::is_encrypted(const std::string& queue_arn) const {
  const std::optional<QueueKey> key = parse_arn(queue_arn);
  const Queue* queue = key ? find_queue(*key) : nullptr;
  return queue && !queue->settings.kms_key.empty();
}

std::optional<std::chrono::seconds> Service::find_visibility_timeout(
    const std::string& queue_arn) const {
  const std::optional<QueueKey> key = parse_arn(queue_arn);
  const Queue* queue = key ? find_queue(*key) : nullptr;
  if (!queue) return std::nullopt;
  return queue->settings.visibility_timeout;
}

/// Each is told once; those that have gone are forgotten.
void Service::wake(std::vector<std::weak_ptr<runtime::Callback>>& watchers) {
  for (const std::weak_ptr<runtime::Callback>& watcher : std::exchange(watchers, {}))
    loop_.post([watcher] {
      if (const auto held = watcher.lock()) std::exchange(*held, [] {})();
    });
}

void Service::wake_missing(const std::string& queue_arn) {
  const auto found = missing_.find(queue_arn);
  if (found == missing_.end()) return;
  wake(found->second);
  missing_.erase(found);
}

}  // namespace matinee::sqs

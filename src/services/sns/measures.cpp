#include "services/sns/measures.h"

#include "runtime/log.h"
#include "services/sns/names.h"

namespace matinee::sns {

TopicCounts& Measures::of(const std::string& topic_arn) {
  if (!sink_) return nothing_;
  if (timer_ == runtime::TimerId::none) {
    minute_ = std::chrono::floor<std::chrono::minutes>(clock_.now());
    timer_ = clock_.call_at(minute_ + std::chrono::minutes(1), [this] { store_counts(); });
  }
  return counts_[topic_arn];
}

void Measures::store_counts() {
  timer_ = runtime::TimerId::none;
  const auto counts = std::exchange(counts_, {});
  try {
    storage::Transaction transaction(store_);
    for (const auto& [arn, count] : counts) {
      const std::optional<TopicKey> key = find_topic_key(arn);
      if (!key) continue;
      const auto put = [&](const char* name, std::uint64_t value, const char* unit) {
        if (value == 0) return;
        sink_->put_metric({.account = key->account,
                           .region = key->region,
                           .name_space = "AWS/SNS",
                           .name = name,
                           .dimensions = {{"TopicName", key->name}},
                           .value = static_cast<double>(value),
                           .unit = unit,
                           .time = minute_});
      };
      put("NumberOfMessagesPublished", count.published, "Count");
      put("NumberOfNotificationsDelivered", count.delivered, "Count");
      put("NumberOfNotificationsFailed", count.failed, "Count");
      put("NumberOfNotificationsRedrivenToDlq", count.redriven, "Count");
      put("NumberOfNotificationsFailedToRedriveToDlq", count.not_redriven, "Count");
      put("NumberOfNotificationsFilteredOut", count.filtered_out, "Count");
      if (count.published > 0) put("PublishSize", count.bytes / count.published, "Bytes");
    }
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::warn("Metrics of topics could not be stored: {}", failure.what());
  }
}

}  // namespace matinee::sns

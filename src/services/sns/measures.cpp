#include "services/sns/measures.h"

#include "services/sns/names.h"

namespace matinee::sns {

void put_counts(const std::string& topic_arn, const TopicCounts& counts, runtime::Time minute,
                services::MetricSink& sink) {
  const std::optional<TopicKey> key = find_topic_key(topic_arn);
  if (!key) return;
  const auto put = [&](const char* name, std::uint64_t value, const char* unit) {
    if (value == 0) return;
    sink.put_metric({.account = key->account,
                     .region = key->region,
                     .name_space = "AWS/SNS",
                     .name = name,
                     .dimensions = {{"TopicName", key->name}},
                     .value = static_cast<double>(value),
                     .unit = unit,
                     .time = minute});
  };
  put("NumberOfMessagesPublished", counts.published, "Count");
  put("NumberOfNotificationsDelivered", counts.delivered, "Count");
  put("NumberOfNotificationsFailed", counts.failed, "Count");
  put("NumberOfNotificationsRedrivenToDlq", counts.redriven, "Count");
  put("NumberOfNotificationsFailedToRedriveToDlq", counts.not_redriven, "Count");
  put("NumberOfNotificationsFilteredOut", counts.filtered_out, "Count");
  if (counts.published > 0) put("PublishSize", counts.bytes / counts.published, "Bytes");
}

}  // namespace matinee::sns

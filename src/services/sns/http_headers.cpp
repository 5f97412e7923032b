#include "services/sns/http_headers.h"

#include "protocol/json_writer.h"

namespace matinee::sns {

std::string http_parameters(const HttpNotification& notification, std::string_view content_type) {
  std::string out(R"({"headers":{)");
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (out.back() != '{') out.append(1, ',');
    protocol::json::append_string(out, name);
    out.append(1, ':');
    protocol::json::append_string(out, value);
  };
  add("x-amz-sns-message-type", notification.type);
  add("x-amz-sns-message-id", notification.id);
  add("x-amz-sns-topic-arn", notification.topic_arn);
  add("x-amz-sns-subscription-arn", notification.subscription_arn);
  if (notification.raw) add("x-amz-sns-rawdelivery", "true");
  add("Content-Type", content_type);
  add("User-Agent", "Amazon Simple Notification Service Agent");
  return out.append("}}");
}

}  // namespace matinee::sns

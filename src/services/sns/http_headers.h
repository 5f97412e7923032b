// What an HTTP subscriber is told beside the body.
#pragma once

#include <string>
#include <string_view>

namespace matinee::sns {

struct HttpNotification {
  std::string_view type;  // "Notification"
  std::string_view id;
  std::string_view topic_arn;
  std::string_view subscription_arn;  // empty for the confirmation of a subscription
  bool raw = false;
};

/// `Delivery::parameters` of a call to an HTTP subscriber.
std::string http_parameters(const HttpNotification& notification, std::string_view content_type);

}  // namespace matinee::sns

// What would have gone to people and their devices: mail, SMS, push notifications. Nothing leaves
// this cloud, so it is kept and shown: `matinee outbox`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::services {

struct UnsentMessage {
  std::string account;
  std::string region;
  std::string to;          // "mailto:ada@example.com", "sms:+15551234567", "push:" and an ARN
  std::string subject;     // of mail; else empty
  std::string body;        // as it would have been sent
  std::string source_arn;  // of the topic
  std::string id;          // the topic's MessageId
  runtime::Time at;
};

class UnsentMessages {
 public:
  virtual ~UnsentMessages() = default;

  /// The newest first, of one account, or of all where `account` is empty. On the state thread.
  virtual std::vector<UnsentMessage> unsent(std::string_view account, std::size_t most) const = 0;
};

}  // namespace matinee::services

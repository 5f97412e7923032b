// What a call has said of a message besides its body, as the journal keeps it: JSON in the words
// that SQS and SNS have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/outbox.h"

namespace matinee::services {

class PayloadSettings {
 public:
  void add_attribute(const MessageAttribute& attribute);
  /// Nothing where it is absent or empty.
  void add(std::string_view name, const std::optional<std::string>& value);
  /// {"MessageAttributes":{"kind":{"DataType":"String","StringValue":"x"}},"MessageGroupId":"g"};
  /// empty where there is nothing.
  std::string text() &&;

 private:
  std::string attributes_;
  std::string members_;
};

}  // namespace matinee::services

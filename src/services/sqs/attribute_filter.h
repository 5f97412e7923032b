// Which attributes of its messages a ReceiveMessage wants to see.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sqs/shapes.h"

namespace matinee::sqs {

enum class SystemAttribute : std::uint16_t {
  sender_id = 1,
  sent_timestamp = 2,
  receive_count = 4,
  first_receive_timestamp = 8,
  sequence_number = 16,
  deduplication_id = 32,
  group_id = 64,
  trace_header = 128,
  dead_letter_queue_source_arn = 256,
};

class AttributeFilter {
 public:
  AttributeFilter() = default;
  /// Throws InvalidAttributeName for an unknown system attribute. Both of the request's lists of
  /// those count: MessageSystemAttributeNames and, of older clients, AttributeNames. Message
  /// attributes are named whole, with a prefix ("movie.*"), or all together ("All", ".*").
  explicit AttributeFilter(const ReceiveMessageRequest& request);

  bool wants(SystemAttribute attribute) const {
    return (system_ & static_cast<std::uint16_t>(attribute)) != 0;
  }
  bool wants_any_system() const { return system_ != 0; }
  bool wants_message_attributes() const { return all_ || !names_.empty() || !prefixes_.empty(); }
  /// Leaves those that were asked for.
  void apply(std::map<std::string, MessageAttributeValue>& attributes) const;

 private:
  std::uint16_t system_ = 0;
  bool all_ = false;
  std::vector<std::string> names_;
  std::vector<std::string> prefixes_;

  void add_system(const std::string& name);
  bool matches(const std::string& name) const;
};

}  // namespace matinee::sqs

#include "services/sqs/attribute_filter.h"

#include <fmt/format.h>

#include "services/sqs/queue_attributes.h"
#include "sqs/errors.h"

namespace matinee::sqs {

namespace {

struct Name {
  std::string_view text;
  SystemAttribute attribute;
};

constexpr Name system_names[] = {
    {"AWSTraceHeader", SystemAttribute::trace_header},
    {"ApproximateFirstReceiveTimestamp", SystemAttribute::first_receive_timestamp},
    {"ApproximateReceiveCount", SystemAttribute::receive_count},
    {"DeadLetterQueueSourceArn", SystemAttribute::dead_letter_queue_source_arn},
    {"MessageDeduplicationId", SystemAttribute::deduplication_id},
    {"MessageGroupId", SystemAttribute::group_id},
    {"SenderId", SystemAttribute::sender_id},
    {"SentTimestamp", SystemAttribute::sent_timestamp},
    {"SequenceNumber", SystemAttribute::sequence_number},
};

}  // namespace

AttributeFilter::AttributeFilter(const ReceiveMessageRequest& request) {
  for (const auto* names : {&request.attribute_names, &request.message_system_attribute_names})
    if (*names)
      for (const std::string& name : **names) add_system(name);
  if (!request.message_attribute_names) return;
  for (const std::string& name : *request.message_attribute_names) {
    if (name == "All" || name == ".*" || name == "*")
      all_ = true;
    else if (name.ends_with(".*"))
      prefixes_.push_back(name.substr(0, name.size() - 2));
    else
      names_.push_back(name);
  }
}

void AttributeFilter::add_system(const std::string& name) {
  if (name == "All") {
    system_ = 0xffff;
    return;
  }
  if (const auto known = std::ranges::find(system_names, name, &Name::text);
      known != std::end(system_names)) {
    system_ = static_cast<std::uint16_t>(system_ | static_cast<std::uint16_t>(known->attribute));
    return;
  }
  // The list's type in the model is that of queues' attributes, which messages do not have.
  if (!is_attribute_name(name))
    throw InvalidAttributeName(fmt::format("Unknown Attribute {}.", name));
}

bool AttributeFilter::matches(const std::string& name) const {
  if (all_ || std::ranges::find(names_, name) != names_.end()) return true;
  return std::ranges::any_of(prefixes_,
                             [&](const std::string& prefix) { return name.starts_with(prefix); });
}

void AttributeFilter::apply(std::map<std::string, MessageAttributeValue>& attributes) const {
  if (all_) return;
  std::erase_if(attributes, [&](const auto& attribute) { return !matches(attribute.first); });
}

}  // namespace matinee::sqs

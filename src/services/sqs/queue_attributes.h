// The attributes of a queue: which there are, what values they take, and what they mean.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"
#include "services/sqs/records.h"

namespace matinee::sqs {

using Attributes = std::map<std::string, std::string>;

struct RedrivePolicy {
  std::string dead_letter_target_arn;
  QueueKey target;
  std::uint32_t max_receive_count = 0;
};

struct RedriveAllowPolicy {
  enum class Permission { allow_all, deny_all, by_queue };
  Permission permission = Permission::allow_all;
  std::vector<std::string> source_arns;
};

/// What a queue's attributes mean, with AWS's defaults for those that are not set.
struct QueueSettings {
  bool fifo = false;
  bool content_based_deduplication = false;
  bool deduplication_by_group = false;
  bool high_throughput = false;  // FifoThroughputLimit: perMessageGroupId
  std::chrono::seconds visibility_timeout{30};
  std::chrono::seconds delay{0};
  std::chrono::seconds retention{345'600};
  std::chrono::seconds receive_wait{0};
  std::int64_t maximum_message_size = 1'048'576;
  std::optional<RedrivePolicy> redrive;
  RedriveAllowPolicy redrive_allow;
  std::shared_ptr<const policy::Document> policy;  // null without
  std::string kms_key;  // that messages are encrypted with; empty without
};

/// Of attributes that `checked_attributes` has let through.
QueueSettings read_settings(const Attributes& attributes);

/// The attributes as they are stored, once names and values are found to be right for such a queue.
/// An empty Policy, RedrivePolicy, RedriveAllowPolicy or KmsMasterKeyId stands for "remove it" and
/// is kept empty. Throws InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue.
Attributes checked_attributes(const Attributes& given, bool fifo);

/// Stores `checked` over `attributes`.
void apply_attributes(Attributes& attributes, const Attributes& checked);

/// The queue's attribute, set or by default; nothing where it has none. Counts, times and the ARN
/// are not among them.
std::optional<std::string> find_attribute(const Attributes& attributes, std::string_view name,
                                          bool fifo);
/// Whether GetQueueAttributes has the attribute: the reuse period of a key is told with a key only.
bool is_told(const Attributes& attributes, std::string_view name);
/// Names for which find_attribute may have a value.
std::vector<std::string_view> settable_attributes();
/// Whether `name` is one of the model's QueueAttributeName, "All" included.
bool is_attribute_name(std::string_view name);

/// Whether a queue of that kind answers "Unknown Attribute" to a name of is_attribute_name: AWS
/// says of the other attributes of FIFO queues what they need, or leaves them out.
bool is_unknown_to(std::string_view name, bool fifo);

/// arn:aws:sqs:REGION:ACCOUNT:NAME
std::string to_arn(const QueueKey& key);
std::optional<QueueKey> parse_arn(std::string_view arn);

}  // namespace matinee::sqs

// The attributes of topics: which there are, what they may be, and what they mean.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "policy/document.h"
#include "services/sns/delivery_policy.h"
#include "services/sns/names.h"
#include "services/sns/records.h"

namespace matinee::sns {

/// Which operation is given attributes: the errors differ.
enum class GivenTo : std::uint8_t { create, set };

/// The value as it is kept. Throws InvalidParameter for a name or a value that no topic has.
std::string checked_attribute(const std::string& name, const std::string& value, bool fifo,
                              GivenTo given_to);

/// Whether the attributes of CreateTopic ask for a FIFO topic. Throws InvalidParameter.
bool asks_for_fifo(const Attributes& given);

/// The value of one that was set, or its default; empty where it has neither.
std::string attribute_of(const TopicRecord& record, const std::string& name);

/// What a message may have, attributes included, where the topic says nothing else; and what it may
/// have without limits for subscriptions: beyond, there are 100 at most, and none for people or
/// HTTP.
inline constexpr std::size_t usual_message_bytes = 262'144;
inline constexpr std::uint64_t most_for_large = 100;

/// What attributes mean, for publishing.
struct TopicSettings {
  bool fifo = false;
  bool content_based_deduplication = false;
  bool deduplicates_by_group = false;
  bool signs_with_sha256 = false;
  bool archives = false;
  std::size_t most_message_bytes = usual_message_bytes;  // MaximumMessageSize
  std::chrono::days retention{};                         // of the archive
  std::string kms_key;
  std::shared_ptr<const policy::Document> policy;
  std::shared_ptr<const DeliveryPolicy> delivery_policy;
  /// Whether some attribute asks for logs of deliveries.
  bool logs_deliveries = false;
};
TopicSettings read_settings(const TopicKey& key, const TopicRecord& record);

std::string default_policy(const TopicKey& key);
std::shared_ptr<const policy::Document> default_document(const TopicKey& key);

/// What GetTopicAttributes tells.
Attributes told_attributes(const TopicKey& key, const TopicRecord& record, runtime::Time now);

}  // namespace matinee::sns

// SQS's rules for names, ids, bodies and message attributes. Each `require_` function throws the
// error that AWS answers, with its words.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "services/context.h"
#include "sqs/errors.h"

namespace matinee::sqs {

inline constexpr std::int64_t max_message_bytes = 1'048'576;
inline constexpr std::size_t max_batch_entries = 10;
inline constexpr std::size_t max_message_attributes = 10;

/// InvalidParameterValue: "Value V for parameter P is invalid. Reason: R"
[[noreturn]] void refuse_value(std::string_view parameter, std::string_view value,
                               std::string_view reason);
/// MissingParameter.
[[noreturn]] void refuse_missing(std::string_view parameter);

/// 1 to 80 letters, digits, hyphens and underscores; the name of a FIFO queue ends in ".fifo".
void require_queue_name(std::string_view name, bool fifo);

/// Whether any queue may be called so.
bool is_queue_name(std::string_view name);

/// Labels of permissions: 1 to 80 letters, digits, hyphens and underscores.
void require_label(std::string_view label);

/// Whether no policy can let anybody but the owner's account call the operation of that name.
bool is_owners_action(std::string_view action);

/// XML 1.0 characters: #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and above.
void require_body(std::string_view body);

/// MessageGroupId, MessageDeduplicationId, ReceiveRequestAttemptId: 1 to 128 printing characters.
void require_token(std::string_view parameter, std::string_view token);

/// SendMessageBatch takes no list values, not even empty ones; SendMessage finds them with the
/// rest.
void require_no_lists_in_batch(const std::map<std::string, MessageAttributeValue>& attributes);
void require_no_lists_in_batch(
    const std::map<std::string, MessageSystemAttributeValue>& attributes);

/// Names, types and values of message attributes.
void require_attributes(const std::map<std::string, MessageAttributeValue>& attributes);
/// Only AWSTraceHeader, a String.
void require_system_attributes(
    const std::map<std::string, MessageSystemAttributeValue>& attributes);

/// 1 to 128 characters for the key of a tag and up to 256 for its value: letters, digits, spaces
/// and _ . : / = + - @ ". Keys that begin with "aws:" are AWS's own.
void require_tags(const std::map<std::string, std::string>& tags, const services::Context& context);
/// A queue has at most 50 tags.
void require_tag_count(std::size_t count, std::string_view queue_name);

/// Bytes of names, types and values, which count towards the size of a message.
std::size_t size_of(const std::map<std::string, MessageAttributeValue>& attributes);

/// How a batch tells of an entry that was refused.
BatchResultErrorEntry to_failure(const std::string& id, const protocol::ServiceError& error);

/// The rules of a batch: 1 to 10 entries, whose ids are 1 to 80 letters, digits, hyphens and
/// underscores and differ. `Entry` has an `id`. `entry_name` is the model's.
template <class Entry>
void require_batch(const std::vector<Entry>& entries, std::string_view entry_name);

void require_batch_size(std::size_t entries, std::string_view entry_name);
void require_batch_id(std::string_view id);

template <class Entry>
void require_batch(const std::vector<Entry>& entries, std::string_view entry_name) {
  require_batch_size(entries.size(), entry_name);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    require_batch_id(entries[i].id);
    for (std::size_t j = 0; j < i; ++j)
      if (entries[i].id == entries[j].id)
        throw BatchEntryIdsNotDistinct("Id " + entries[i].id + " repeated.");
  }
}

}  // namespace matinee::sqs

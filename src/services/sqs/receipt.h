// The identifiers that SQS gives to clients: receipt handles, message ids, sequence numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/sqs/entry.h"
#include "services/sqs/keyed_hash.h"

namespace matinee::sqs {

/// What a receipt handle says: which message of which queue, and which of its receives. The slot
/// finds the message at once; it means nothing after a restart, the other members do.
struct Receipt {
  std::uint64_t queue = 0;  // the queue's number
  Sequence sequence = 0;
  std::uint32_t receive_count = 0;
  Slot slot = no_slot;
};

/// Opaque to clients, and signed with the queue's key.
std::string encode_receipt(const HashKey& key, const Receipt& receipt);
/// Nothing unless `handle` was made by encode_receipt with this key.
std::optional<Receipt> decode_receipt(const HashKey& key, std::string_view handle);

using MessageId = std::array<std::uint8_t, 16>;

/// The id of a message is made from its sequence, so that a duplicate can be answered with the id
/// of the original without keeping it. No two sequences give the same one.
MessageId message_id(const HashKey& key, Sequence sequence);
/// As a UUID.
std::string to_string(const MessageId& id);

/// The 20 digits of SequenceNumber.
std::string sequence_number(Sequence sequence);

}  // namespace matinee::sqs

// The bytes in which messages are stored. The messages of one call, up to 10 and 16 KiB, share a
// page, which is written once; what changes while they are received is in a small record beside it,
// so that no receive writes a body again, and a restart reads no bodies.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "services/sqs/digest.h"
#include "services/sqs/message_index.h"
#include "services/sqs/receipt.h"
#include "storage/record.h"

namespace matinee::sqs {

/// Further messages of a call go to another page once one has so many bytes, lest the receive of a
/// small message reads large ones.
inline constexpr std::size_t page_bytes = 16 * 1024;

/// What never changes of a message. The views point into a page, or a request.
struct MessageView {
  MessageId id{};
  Md5 body_md5{};
  std::string_view body;
  std::string_view attributes;  // encode_attributes
  std::string_view group_id;
  std::string_view deduplication_id;
  std::string_view sender_id;
  std::string_view trace_header;
  std::string_view dead_letter_source_arn;
  std::uint32_t earlier_receives = 0;  // from queues that moved it here
};

/// Writes a page message by message.
class PageWriter {
 public:
  void add(const MessageView& message);
  unsigned count() const { return count_; }
  bool full() const { return count_ == max_page_messages || bytes_.size() >= page_bytes; }
  std::string_view bytes() const { return bytes_; }
  void clear();

 private:
  std::string bytes_{"\1"};  // format version
  unsigned count_ = 0;
};

/// The message at `offset` of a page. Throws storage::DamagedRecord.
MessageView read_message(std::string_view page, unsigned offset);

std::string encode_attributes(const std::map<std::string, MessageAttributeValue>& attributes);
std::map<std::string, MessageAttributeValue> decode_attributes(std::string_view bytes);

/// What changes of the messages of the page that begins at `first`, all but those that are gone.
std::string encode_states(const MessageIndex& index, Slot first);

/// Messages of one page, a bit each by their offset.
using PageMask = std::uint16_t;

/// What became of some messages of a page after its states were stored.
struct PageUpdate {
  /// What changes of one message; nothing where it is gone.
  struct Delivery {
    std::optional<runtime::Time> hidden_until;
    std::uint32_t receive_count = 0;
    std::uint32_t first_received = 0;
    std::uint32_t last_received = 0;
  };
  Sequence page = 0;
  PageMask changed = 0;
  std::array<std::optional<Delivery>, max_page_messages> deliveries;  // of those in `changed`
};

/// Appends the update of the page that begins at `first`, as the index has it now.
void write_update(storage::Writer& out, const MessageIndex& index, Slot first, PageMask changed);
/// Throws storage::DamagedRecord.
PageUpdate read_update(storage::Reader& in);

/// The message's delay is part of its state, or follows the queue's current one (FIFO queues).
struct StateRules {
  std::optional<runtime::Duration> fifo_delay;
  runtime::Time now;
};
/// Stored states, and what is newer than they are, if anything is.
struct StoredStates {
  Sequence page;
  std::string_view bytes;
  const PageUpdate* update = nullptr;
};
/// Adds the messages of a page to an index; returns the page's first slot. Throws
/// storage::DamagedRecord.
Slot place_states(MessageIndex& index, const StoredStates& states, const StateRules& rules);

}  // namespace matinee::sqs

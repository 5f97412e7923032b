// What the memory keeps of a message whose body is on disk: 64 bytes, and the slab that they live
// in. The messages of one call to SendMessageBatch are stored together as a page, so their entries
// lie side by side: from one of them its whole page is found without a further table.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/clock.h"

namespace matinee::sqs {

/// Position of a message in the order of sending, over all queues: microseconds since the epoch
/// times 1024, and a counter. Grows for ever, also across restarts.
using Sequence = std::uint64_t;

/// Number of an entry in its queue's slab.
using Slot = std::uint32_t;
inline constexpr Slot no_slot = 0xffff'ffff;

/// Number of a message group in its queue's index.
using GroupNumber = std::uint32_t;
inline constexpr GroupNumber no_group = 0xffff'ffff;

/// At most so many messages share a page.
inline constexpr unsigned max_page_messages = 10;

enum class MessageState : std::uint8_t { gone, visible, delayed, in_flight };

/// Times of receives are in milliseconds after `sent_at`, plus one: zero is "never".
struct Entry {
  Sequence sequence;
  runtime::Time sent_at;
  runtime::Time visible_at;  // when delayed or in flight
  std::uint32_t first_received;
  std::uint32_t last_received;
  std::uint32_t receive_count;  // from this queue
  GroupNumber group;
  Slot previous;  // in the ready list of a standard queue, or in the message group
  Slot next;
  Slot older;  // among all messages of the queue, by sent_at
  Slot newer;
  std::uint32_t timer;  // place in the heap of those that become visible by themselves
  MessageState state;
  std::uint8_t offset;     // place in the page
  std::uint8_t page_size;  // messages that the page had when it was sent

  Sequence page() const { return sequence - offset; }
};
static_assert(sizeof(Entry) == 64);

/// Entries of one queue, allocated in runs of up to max_page_messages side by side.
class EntrySlab {
 public:
  Entry& operator[](Slot slot) { return chunks_[slot / chunk_size][slot % chunk_size]; }
  const Entry& operator[](Slot slot) const { return chunks_[slot / chunk_size][slot % chunk_size]; }

  /// Whether the slot was ever allocated since the slab was last empty, so that it can be read.
  bool contains(Slot slot) const { return slot < fresh_; }

  /// First slot of `count` consecutive ones; their contents are undefined.
  Slot allocate(unsigned count);
  /// Takes back what one `allocate` gave.
  void release(Slot first, unsigned count);

 private:
  static constexpr Slot chunk_size = 512;

  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::vector<Slot> free_runs_[max_page_messages + 1];  // by length
  Slot fresh_ = 0;  // never used from here to the end of the last chunk
  std::size_t used_ = 0;

  Slot fresh_left() const { return static_cast<Slot>(chunks_.size() * chunk_size) - fresh_; }
};

}  // namespace matinee::sqs

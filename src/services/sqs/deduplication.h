// Which messages were sent to a FIFO queue within the last five minutes, so that a second one with
// the same deduplication id is answered like the first and dropped.
#pragma once

#include <optional>

#include "services/sqs/hash_table.h"
#include "services/sqs/message_tables.h"

namespace matinee::sqs {

/// The part in memory: 20 bytes and some free space per message sent. What is older than the
/// interval goes when the table needs its room, or all at once when nothing was sent for so long.
class DeduplicationWindow {
 public:
  /// The message that was sent with this id less than five minutes before `now`.
  std::optional<Sequence> find(const Hash96& hash, runtime::Time now) const {
    const Packed* found = hashes_.find(hash);
    if (!found || found->sequence() < oldest(now)) return std::nullopt;
    return found->sequence();
  }

  void add(const Hash96& hash, Sequence sequence, runtime::Time now) {
    const Sequence start = oldest(now);
    if (newest_ < start && hashes_.size() > 0) hashes_.clear();
    newest_ = sequence;
    hashes_.put(hash, Packed(sequence),
                [start](const Packed& known) { return known.sequence() < start; });
  }

  /// So many are about to be added, after a restart.
  void reserve(std::size_t count) { hashes_.reserve(count); }

  std::size_t size() const { return hashes_.size(); }

  /// Says that `hash` is about to be added: a million of them are, after a restart.
  void prefetch(const Hash96& hash) const { hashes_.prefetch(hash); }

  /// Sent before this: forgotten at `now`.
  static Sequence oldest(runtime::Time now) {
    return sequence_at(now - deduplication_interval + runtime::Duration(1));
  }

 private:
  /// Without the alignment of 8 bytes.
  struct Packed {
    std::uint32_t low = 0;
    std::uint32_t high = 0;

    Packed() = default;
    explicit Packed(Sequence sequence)
        : low(static_cast<std::uint32_t>(sequence)),
          high(static_cast<std::uint32_t>(sequence >> 32)) {}
    Sequence sequence() const { return Sequence{high} << 32 | low; }
  };

  HashTable<Packed> hashes_;
  Sequence newest_ = 0;
};

}  // namespace matinee::sqs

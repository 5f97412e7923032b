// Where a queue's messages are stored: pages, their states, changes of those, and the deduplication
// ids of the last five minutes, by queue number and sequence. The queue's index knows what there
// is, so nothing here looks for anything; only a restart reads ranges. Changes need a current
// transaction.
#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "services/sqs/page.h"
#include "services/sqs/page_cache.h"
#include "storage/store.h"

namespace matinee::sqs {

/// A deduplication id is remembered for so long, whatever happens to its message.
inline constexpr runtime::Duration deduplication_interval = std::chrono::minutes(5);

/// The sequence of something sent at that moment, or the next after it.
constexpr Sequence sequence_at(runtime::Time time) {
  return static_cast<Sequence>(time.time_since_epoch().count()) << 10;
}

class MessageTables {
 public:
  explicit MessageTables(storage::Store& store) : store_(store) {}

  void put_page(std::uint64_t queue, Sequence page, std::string_view bytes);
  /// Whether a page is likely to be read again soon.
  enum class Reading { last, not_last };
  /// The bytes of a page; a bug unless it is there. Valid until the next access to the store.
  std::string_view require_page(std::uint64_t queue, Sequence page,
                                Reading reading = Reading::last);
  void put_states(std::uint64_t queue, Sequence page, std::string_view bytes);
  void erase_page(std::uint64_t queue, Sequence page);

  /// A record of a ChangeLog.
  void put_changes(std::uint64_t queue, std::uint64_t record, std::string_view bytes);
  void erase_changes(std::uint64_t queue, std::uint64_t record);

  /// `hashes` are of the messages `first`, `first` + 1 and so on.
  void put_deduplication(std::uint64_t queue, Sequence first, std::span<const Hash96> hashes);
  /// Forgets what was sent before `end`.
  void erase_deduplication(std::uint64_t queue, Sequence end);

  /// All of a queue's messages, and which were sent, at a cost that does not depend on their
  /// number.
  void erase_all(std::uint64_t queue);

  /// Calls `visit(page, states)` in the order of sending.
  template <class Visit>
  void each_states(std::uint64_t queue, Visit visit) const {
    for (storage::Cursor cursor = states_of(queue); cursor.valid(); cursor.next())
      visit(sequence_of(cursor.key()), cursor.value());
  }
  /// Calls `visit(record, bytes)` in the order of writing.
  template <class Visit>
  void each_changes(std::uint64_t queue, Visit visit) const {
    for (storage::Cursor cursor = changes_of(queue); cursor.valid(); cursor.next())
      visit(sequence_of(cursor.key()), cursor.value());
  }
  /// Calls `visit(sequence, hash)` for what was sent at `start` or later.
  template <class Visit>
  void each_deduplication(std::uint64_t queue, Sequence start, Visit visit) const {
    for (storage::Cursor cursor = deduplication_of(queue, start); cursor.valid(); cursor.next()) {
      Sequence sequence = sequence_of(cursor.key());
      const std::string_view bytes = checked_hashes(cursor.value());
      for (std::size_t at = 0; at < bytes.size(); at += sizeof(Hash96)) {
        Hash96 hash;
        std::memcpy(&hash, bytes.data() + at, sizeof hash);
        visit(sequence++, hash);
      }
    }
  }

 private:
  storage::Store& store_;
  std::string key_;
  PageCache cache_;

  storage::Cursor states_of(std::uint64_t queue) const;
  storage::Cursor changes_of(std::uint64_t queue) const;
  storage::Cursor deduplication_of(std::uint64_t queue, Sequence start) const;
  static Sequence sequence_of(std::string_view key);
  /// Throws storage::DamagedRecord unless the bytes are whole hashes.
  static std::string_view checked_hashes(std::string_view bytes);
};

}  // namespace matinee::sqs

// What the store keeps of queues. Messages have encodings of their own: see page.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "runtime/clock.h"
#include "services/sqs/keyed_hash.h"
#include "storage/table.h"

namespace matinee::sqs {

inline constexpr storage::TableId queues_table{0x0101};
inline constexpr storage::TableId deleted_queues_table{0x0102};
inline constexpr storage::TableId counters_table{0x0103};
inline constexpr storage::TableId pages_table{0x0104};
inline constexpr storage::TableId states_table{0x0105};
inline constexpr storage::TableId deduplication_table{0x0106};
inline constexpr storage::TableId move_tasks_table{0x0107};
inline constexpr storage::TableId changes_table{0x0108};

/// Account, region and name of a queue.
struct QueueKey {
  std::string account;
  std::string region;
  std::string name;
  auto operator<=>(const QueueKey&) const = default;
};

struct QueueRecord {
  std::uint64_t number = 0;  // of its messages; never used twice
  std::uint64_t hash_key_first = 0;
  std::uint64_t hash_key_second = 0;
  runtime::Time created_at;
  runtime::Time modified_at;
  std::optional<runtime::Time> purged_at;
  std::map<std::string, std::string> attributes;  // those that were set
  std::map<std::string, std::string> tags;

  HashKey hash_key() const { return {hash_key_first, hash_key_second}; }

  static constexpr auto fields = std::tuple{storage::field<1>(&QueueRecord::number),
                                            storage::field<2>(&QueueRecord::hash_key_first),
                                            storage::field<3>(&QueueRecord::hash_key_second),
                                            storage::field<4>(&QueueRecord::created_at),
                                            storage::field<5>(&QueueRecord::modified_at),
                                            storage::field<6>(&QueueRecord::purged_at),
                                            storage::field<7>(&QueueRecord::attributes),
                                            storage::field<8>(&QueueRecord::tags)};
};

using StoredKey = std::tuple<std::string, std::string, std::string>;
using QueuesTable = storage::Table<StoredKey, QueueRecord>;

enum class MoveStatus : std::uint8_t { running, completed, cancelled, failed };

/// A StartMessageMoveTask, with what has come of it.
struct MoveTaskRecord {
  std::string source_arn;
  std::string destination_arn;  // empty: back to where each message came from
  std::string handle;
  std::uint32_t rate = 0;  // messages a second; 0 where the client left it to the service
  MoveStatus status = MoveStatus::running;
  std::uint64_t moved = 0;
  std::uint64_t to_move = 0;
  runtime::Time started_at;
  std::string failure;

  static constexpr auto fields = std::tuple{storage::field<1>(&MoveTaskRecord::source_arn),
                                            storage::field<2>(&MoveTaskRecord::destination_arn),
                                            storage::field<3>(&MoveTaskRecord::handle),
                                            storage::field<4>(&MoveTaskRecord::rate),
                                            storage::field<5>(&MoveTaskRecord::status),
                                            storage::field<6>(&MoveTaskRecord::moved),
                                            storage::field<7>(&MoveTaskRecord::to_move),
                                            storage::field<8>(&MoveTaskRecord::started_at),
                                            storage::field<9>(&MoveTaskRecord::failure)};
};
/// By number; those started later have higher ones.
using MoveTasksTable = storage::Table<std::uint64_t, MoveTaskRecord>;

/// When a queue of that name was deleted.
using DeletedQueuesTable = storage::Table<StoredKey, runtime::Time>;

/// The next queue number, and the sequence up to which sequences may have been given out.
enum class Counter : std::uint8_t { next_queue_number, reserved_sequence, next_move_task };
using CountersTable = storage::Table<Counter, std::uint64_t>;

inline StoredKey to_stored(const QueueKey& key) {
  return {key.account, key.region, key.name};
}

}  // namespace matinee::sqs

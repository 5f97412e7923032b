// What streams of tables keep in the store.
#pragma once

#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// How long what a stream holds can be read: AWS's 24 hours.
inline constexpr std::chrono::hours stream_retention{24};

enum class ChangeKind : std::uint8_t { insert = 1, modify = 2, remove = 3 };

/// One change of one item, with as much of the item as the stream's view shows. The keys stand for
/// themselves only where no image has them.
struct ChangeRecord {
  runtime::Time at;
  ChangeKind kind = ChangeKind::insert;
  bool expired = false;  // removed by DynamoDB itself, by its time to live
  std::optional<StoredItem> keys;
  std::optional<StoredItem> now;
  std::optional<StoredItem> old;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&ChangeRecord::at),      storage::field<2>(&ChangeRecord::kind),
                 storage::field<3>(&ChangeRecord::expired), storage::field<4>(&ChangeRecord::keys),
                 storage::field<5>(&ChangeRecord::now),     storage::field<6>(&ChangeRecord::old)};
};

/// As above, for writing what somebody else owns.
struct ChangeView {
  runtime::Time at;
  ChangeKind kind = ChangeKind::insert;
  bool expired = false;
  std::optional<StoredView> keys;
  std::optional<StoredView> now;
  std::optional<StoredView> old;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&ChangeView::at),      storage::field<2>(&ChangeView::kind),
                 storage::field<3>(&ChangeView::expired), storage::field<4>(&ChangeView::keys),
                 storage::field<5>(&ChangeView::now),     storage::field<6>(&ChangeView::old)};
};

/// The time alone, for finding the oldest change that can still be read.
struct ChangeTime {
  runtime::Time at;

  static constexpr auto fields = std::tuple{storage::field<1>(&ChangeTime::at)};
};

/// A table can have had several streams; one of them at most is open.
struct StreamRecord {
  std::uint64_t number = 0;  // unique in the store, never used again
  std::uint64_t table = 0;
  std::string view_type;
  KeySchema keys;
  runtime::Time created_at;
  std::optional<runtime::Time> closed_at;
  std::uint64_t first = 1;  // what comes before has been removed
  std::string policy;       // as it was put; empty without
  std::int64_t policy_revision = 0;
  std::map<std::string, std::string> tags;  // its own; those of the table are not on it

  static constexpr auto fields = std::tuple{storage::field<1>(&StreamRecord::number),
                                            storage::field<2>(&StreamRecord::table),
                                            storage::field<3>(&StreamRecord::view_type),
                                            storage::field<4>(&StreamRecord::keys),
                                            storage::field<5>(&StreamRecord::created_at),
                                            storage::field<6>(&StreamRecord::closed_at),
                                            storage::field<7>(&StreamRecord::first),
                                            storage::field<8>(&StreamRecord::policy),
                                            storage::field<9>(&StreamRecord::policy_revision),
                                            storage::field<10>(&StreamRecord::tags)};
};

/// A part of a stream: the changes from the first number, which is in its key, to the last.
struct ShardRecord {
  std::string id;
  std::string parent;  // empty for the first of a stream
  runtime::Time opened_at;
  std::optional<std::uint64_t> last;  // once it is closed; less than the first where it was empty

  static constexpr auto fields =
      std::tuple{storage::field<1>(&ShardRecord::id), storage::field<2>(&ShardRecord::parent),
                 storage::field<3>(&ShardRecord::opened_at), storage::field<4>(&ShardRecord::last)};
};

/// Account, region, table's name, label.
using StreamKey = std::tuple<std::string, std::string, std::string, std::string>;
using Streams = storage::Table<StreamKey, StreamRecord>;

/// The label of a table's open stream, by the table's number.
struct OpenStreamRecord {
  std::string label;

  static constexpr auto fields = std::tuple{storage::field<1>(&OpenStreamRecord::label)};
};
using OpenStreams = storage::Table<std::uint64_t, OpenStreamRecord>;

/// Stream, and the number of the change in it: 1, 2, 3 …, without a gap.
using ChangePlace = std::tuple<std::uint64_t, std::uint64_t>;
using Changes = storage::Table<ChangePlace, ChangeRecord>;
using ChangeViews = storage::Table<ChangePlace, ChangeView>;
using ChangeTimes = storage::Table<ChangePlace, ChangeTime>;

/// Stream, and the number of the shard's first change.
using Shards = storage::Table<std::tuple<std::uint64_t, std::uint64_t>, ShardRecord>;

inline constexpr storage::TableId streams_id{0x0207};
inline constexpr storage::TableId open_streams_id{0x0208};
inline constexpr storage::TableId changes_id{0x0209};
inline constexpr storage::TableId shards_id{0x020a};
inline constexpr storage::TableId stream_sequence_id{0x020b};

}  // namespace matinee::dynamodb

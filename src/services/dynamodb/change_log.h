// The streams of tables: what happened to their items, in the order in which it happened. A change
// is written in the transaction that makes it.
//
// A stream has one open shard, which ends after four hours, when the next change comes, and goes on
// in another; so all changes of an item are in one line of shards, in their order. What is older
// than 24 hours cannot be read; it is removed by and by.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "services/dynamodb/change_records.h"
#include "services/journal.h"

namespace matinee::dynamodb {

/// One stream, open or closed.
struct KeptStream {
  StreamKey key;
  StreamRecord record;
};

/// Streams of an account in a region.
struct StreamListing {
  std::string account;
  std::string region;
  std::string table;               // of this one alone, unless it is empty
  std::optional<StreamKey> after;  // those after this one
  std::size_t most = 1;
};

/// A shard with the number of its first change.
struct KeptShard {
  std::uint64_t first = 0;
  ShardRecord record;
};

class ChangeLog {
 public:
  /// Store and clock must outlive it.
  ChangeLog(storage::Store& store, runtime::Clock& clock);

  /// Opens a stream for a table whose record has its view type, and writes its label there.
  void open(TableRecord& table);
  /// Ends the open stream of a table, if it has one. It can be read for as long as its changes are
  /// kept.
  void close(const TableRecord& table);

  /// Notes that an item became another; null stands for no item. Does nothing where the table has
  /// no stream, or both are the same.
  void append(const TableRecord& table, const Item* old, const Item* now, bool expired = false);

  /// Who hears of changes within traces, and of items that have expired. Must outlive this.
  void use(services::Journal& journal) { journal_ = &journal; }
  /// In the transaction that has made them: which changes a caller's request has put into streams.
  void tell_journal(const services::Context& caller);

  /// The streams that a listing asks for, in the order of their tables' names and of their labels.
  std::vector<KeptStream> list(const StreamListing& listing) const;
  /// Nothing where the stream does not exist, or its changes are all too old to be read.
  std::optional<KeptStream> find(const StreamKey& key) const;
  /// Keeps a stream with another policy, or with other tags.
  void update(const KeptStream& stream);
  /// The shards that have, or will have, something to read, the oldest first.
  std::vector<KeptShard> shards(const StreamRecord& stream) const;

  /// The number of the oldest change that can be read; one more than the last where there is none.
  std::uint64_t first_readable(const StreamRecord& stream) const;
  /// One more than the number of the last change.
  std::uint64_t next(const StreamRecord& stream) const;
  /// Changes from a number on, up to a number, in their order, until `visit` returns false.
  void read(const StreamRecord& stream, std::uint64_t from, std::uint64_t last,
            const std::function<bool(std::uint64_t, ChangeRecord)>& visit) const;

  /// After the commit of a transaction that wrote to a stream, with the stream's key.
  std::function<void(const StreamKey&)> on_change;

  /// Removes the streams of an account, or all of them.
  void forget_all(const std::optional<std::string>& account);

 private:
  /// Of an open stream: what `append` has to know.
  struct Open {
    StreamKey key;
    StreamRecord stream;
    KeptShard shard;
    std::uint64_t next = 1;
    runtime::Time oldest;  // of the changes that are kept
    bool is_told = false;  // that this transaction changes it
  };

  storage::Store& store_;
  runtime::Clock& clock_;
  Streams streams_;
  OpenStreams open_streams_;
  Changes changes_;
  ChangeViews views_;
  ChangeTimes times_;
  Shards shards_;
  Sequence sequence_;
  /// By the table's number. What has changed is read again after a rollback.
  std::unordered_map<std::uint64_t, Open> open_;

  /// Changes of this transaction that the journal has not been told of.
  struct Untold {
    std::uint64_t table = 0;
    std::uint64_t number = 0;
  };
  services::Journal* journal_ = nullptr;
  std::vector<Untold> untold_;

  void begin(const TableRecord& table);
  void note(const Open& open, std::uint64_t number, const services::Context& caller);
  Open& require_open(const TableRecord& table);
  void begin_shard(Open& open, runtime::Time now);
  void end_shard(Open& open);
  void trim(Open& open, runtime::Time now);
  void remove_expired(runtime::Time now);
  void remove(const StreamKey& key, const StreamRecord& stream);
  void tell(Open& open, std::uint64_t table);
};

/// The label of a new stream: the time, as AWS writes it there.
std::string stream_label(runtime::Time time);

std::string stream_arn(const StreamKey& key);
/// "INSERT"
std::string_view name_of(ChangeKind kind);
/// Of the record of a change.
std::string event_id(const StreamRecord& stream, std::uint64_t number);
/// What keys a change is about.
Item keys_of(const StreamRecord& stream, const ChangeRecord& change);

/// Of arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL; nothing for all else.
std::optional<StreamKey> parse_stream_arn(std::string_view arn);

}  // namespace matinee::dynamodb

#include "services/dynamodb/change_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "protocol/timestamps.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/told_writes.h"
#include "services/dynamodb/values/size.h"

namespace matinee::dynamodb {
namespace {

/// AWS rolls shards over about six times a day.
constexpr std::chrono::hours shard_life{4};
/// Old changes are removed when there are some of this age beyond the retention.
constexpr std::chrono::hours trim_slack{1};

/// Streams that have ended are looked through for what can go when another begins or ends.
constexpr std::size_t most_looked_through = 100;

std::string shard_id(runtime::Time opened_at, std::uint64_t stream, std::uint64_t first) {
  // Spread, so that ids of different streams do not look alike.
  const std::uint64_t mixed = (stream * 0x9e3779b97f4a7c15ULL + first) * 0xbf58476d1ce4e5b9ULL;
  return fmt::format("shardId-{:020}-{:08x}", runtime::to_milliseconds(opened_at),
                     static_cast<std::uint32_t>(mixed >> 32));
}

std::optional<StoredView> view_of(const Item* item) {
  if (!item) return std::nullopt;
  return StoredView{size_of(*item), item};
}

}  // namespace

std::string stream_label(runtime::Time time) {
  std::string label;
  protocol::append_iso8601_milliseconds(label, std::chrono::floor<std::chrono::milliseconds>(time));
  label.pop_back();  // AWS's have no Z
  return label;
}

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::insert:
      return "INSERT";
    case ChangeKind::modify:
      return "MODIFY";
    default:
      return "REMOVE";
  }
}

/// The same whenever a record is read, and another for each.
std::string event_id(const StreamRecord& stream, std::uint64_t number) {
  const auto mixed = [&](std::uint64_t start) {
    std::uint64_t value = start + stream.number * 0x9e3779b97f4a7c15ULL + number;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
    return value ^ value >> 31;
  };
  return fmt::format("{:016x}{:016x}", mixed(1), mixed(2));
}

Item keys_of(const StreamRecord& stream, const ChangeRecord& change) {
  const StoredItem& keyed = change.keys ? *change.keys : change.now ? *change.now : *change.old;
  return key_attributes(stream.keys, keyed.attributes);
}

std::string stream_arn(const StreamKey& key) {
  const auto& [account, region, table, label] = key;
  return fmt::format("arn:aws:dynamodb:{}:{}:table/{}/stream/{}", region, account, table, label);
}

std::optional<StreamKey> parse_stream_arn(std::string_view arn) {
  constexpr std::string_view start = "arn:aws:dynamodb:";
  constexpr std::string_view table_mark = ":table/";
  constexpr std::string_view stream_mark = "/stream/";
  if (!arn.starts_with(start)) return std::nullopt;
  arn.remove_prefix(start.size());
  const std::size_t account = arn.find(':');
  const std::size_t table = arn.find(table_mark);
  const std::size_t stream = arn.find(stream_mark);
  if (account == arn.npos || table == arn.npos || stream == arn.npos || table < account + 1 ||
      stream < table + table_mark.size())
    return std::nullopt;
  return StreamKey{arn.substr(account + 1, table - account - 1), arn.substr(0, account),
                   arn.substr(table + table_mark.size(), stream - table - table_mark.size()),
                   arn.substr(stream + stream_mark.size())};
}

ChangeLog::ChangeLog(storage::Store& store, runtime::Clock& clock)
    : store_(store),
      clock_(clock),
      streams_(store, streams_id),
      open_streams_(store, open_streams_id),
      changes_(store, changes_id),
      views_(store, changes_id),
      times_(store, changes_id),
      shards_(store, shards_id),
      sequence_(store, stream_sequence_id) {}

void ChangeLog::open(TableRecord& table) {
  runtime::Time labelled = clock_.now();
  // Two streams of a table do not begin in one millisecond.
  const auto is_taken = [&](const std::string& label) {
    return streams_.contains({table.account, table.region, table.name, label});
  };
  while (is_taken(stream_label(labelled))) labelled += std::chrono::milliseconds(1);
  table.stream_label = stream_label(labelled);
  begin(table);
}

void ChangeLog::begin(const TableRecord& table) {
  const runtime::Time now = clock_.now();
  remove_expired(now);
  SequenceRecord sequence = sequence_.find(0).value_or(SequenceRecord{});
  const StreamRecord stream{.number = ++sequence.last,
                            .table = table.number,
                            .view_type = *table.stream_view_type,
                            .keys = table.keys,
                            .created_at = now};
  sequence_.put(0, sequence);
  streams_.put({table.account, table.region, table.name, *table.stream_label}, stream);
  open_streams_.put(table.number, {*table.stream_label});
  shards_.put({stream.number, 1}, {.id = shard_id(now, stream.number, 1), .opened_at = now});
}

void ChangeLog::close(const TableRecord& table) {
  const std::optional<OpenStreamRecord> opened = open_streams_.find(table.number);
  if (!opened) return;
  const StreamKey key{table.account, table.region, table.name, opened->label};
  StreamRecord stream = streams_.find(key).value();
  stream.closed_at = clock_.now();
  streams_.put(key, stream);
  Open& open = require_open(table);
  end_shard(open);
  open_streams_.erase(table.number);
  tell(open, table.number);
  open_.erase(table.number);
  remove_expired(clock_.now());
}

void ChangeLog::append(const TableRecord& table, const Item* old, const Item* now, bool expired) {
  if (!table.stream_view_type || (!old && !now) || (old && now && *old == *now)) return;
  Open& open = require_open(table);
  const runtime::Time time = clock_.now();
  trim(open, time);
  if (time - open.shard.record.opened_at >= shard_life) begin_shard(open, time);
  ChangeView change{.at = time,
                    .kind = !old   ? ChangeKind::insert
                            : !now ? ChangeKind::remove
                                   : ChangeKind::modify,
                    .expired = expired};
  if (table.stream_view_type->starts_with("NEW")) change.now = view_of(now);
  if (table.stream_view_type->ends_with("OLD_IMAGES") || table.stream_view_type == "OLD_IMAGE")
    change.old = view_of(old);
  Item keys;
  if (!change.now && !change.old) {
    keys = key_attributes(table.keys, now ? *now : *old);
    change.keys = view_of(&keys);
  }
  views_.put({open.stream.number, open.next}, change);
  if (open.next == open.stream.first) open.oldest = time;
  const std::uint64_t number = open.next++;
  tell(open, table.number);
  if (!journal_) return;
  if (expired)
    note(open, number, {.service_principal = "dynamodb.amazonaws.com"});
  else
    untold_.push_back({table.number, number});
}

void ChangeLog::tell_journal(const services::Context& caller) {
  if (untold_.empty()) return;
  const std::vector<Untold> untold = std::exchange(untold_, {});
  if (caller.trace_header.empty() || !journal_->wants(caller.trace_header, std::string_view()))
    return;
  for (const Untold& change : untold)
    if (const auto open = open_.find(change.table); open != open_.end())
      note(open->second, change.number, caller);
}

/// Without a trace only what the service itself does is told.
void ChangeLog::note(const Open& open, std::uint64_t number, const services::Context& caller) {
  const std::string id = event_id(open.stream, number);
  if (!journal_->keeps_all() && !journal_->wants_new(caller.trace_header, id)) return;
  const std::optional<ChangeRecord> change = changes_.find({open.stream.number, number});
  if (!change) return;
  const auto& [account, region, table, label] = open.key;
  const std::string stream = stream_arn(open.key);
  const std::string reason = fmt::format("{} of {}{}", name_of(change->kind),
                                         key_text(open.stream.keys, keys_of(open.stream, *change)),
                                         change->expired ? ", which has expired" : "");
  const services::HopMessage message{.id = id};
  journal_->note({.kind = services::HopKind::sent,
                  .account = account,
                  .region = region,
                  .trace = caller.trace_header,
                  .resource = stream,
                  .peer = std::string_view(stream).substr(0, stream.find("/stream/")),
                  .reason = reason,
                  .caller = caller.service_principal.empty()
                                ? std::string_view(caller.caller_arn)
                                : std::string_view(caller.service_principal),
                  .messages = {&message, 1}});
}

std::vector<KeptStream> ChangeLog::list(const StreamListing& listing) const {
  const auto& [account, region, table, after, most] = listing;
  storage::KeyRange range =
      table.empty() ? streams_.prefix(account, region) : streams_.prefix(account, region, table);
  if (after) range = streams_.after(range, *after);
  std::vector<KeptStream> found;
  const runtime::Time oldest = clock_.now() - stream_retention;
  streams_.scan(range, [&](StreamKey key, StreamRecord record) {
    if (record.closed_at && *record.closed_at < oldest) return true;
    found.push_back({std::move(key), std::move(record)});
    return found.size() < most;
  });
  return found;
}

std::optional<KeptStream> ChangeLog::find(const StreamKey& key) const {
  std::optional<StreamRecord> record = streams_.find(key);
  if (!record) return std::nullopt;
  if (record->closed_at && *record->closed_at < clock_.now() - stream_retention)
    return std::nullopt;
  return KeptStream{key, *std::move(record)};
}

void ChangeLog::update(const KeptStream& stream) {
  streams_.put(stream.key, stream.record);
  // An open stream is read again, as it is now.
  open_.erase(stream.record.table);
  store_.on_rollback([this, table = stream.record.table] { open_.erase(table); });
}

std::vector<KeptShard> ChangeLog::shards(const StreamRecord& stream) const {
  const std::uint64_t first = first_readable(stream);
  std::vector<KeptShard> found;
  shards_.scan(shards_.prefix(stream.number), [&](const auto& key, ShardRecord record) {
    const bool is_closed = record.last.has_value();
    if (!is_closed || *record.last >= first || stream.closed_at)
      found.push_back({std::get<1>(key), std::move(record)});
    return true;
  });
  return found;
}

/// Changes have numbers without gaps and times that never fall, so half of them can be left out
/// with each look.
std::uint64_t ChangeLog::first_readable(const StreamRecord& stream) const {
  const runtime::Time oldest = clock_.now() - stream_retention;
  std::uint64_t from = stream.first;
  std::uint64_t to = next(stream);
  if (from == to || times_.find({stream.number, from}).value().at >= oldest) return from;
  while (from < to) {
    const std::uint64_t middle = from + (to - from) / 2;
    if (times_.find({stream.number, middle}).value().at < oldest)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

std::uint64_t ChangeLog::next(const StreamRecord& stream) const {
  auto place = times_.cursor(times_.prefix(stream.number));
  place.seek_last();
  return place.valid() ? std::get<1>(place.key()) + 1 : stream.first;
}

void ChangeLog::read(const StreamRecord& stream, std::uint64_t from, std::uint64_t last,
                     const std::function<bool(std::uint64_t, ChangeRecord)>& visit) const {
  if (last < from) return;
  changes_.scan(
      changes_.between(std::tuple{stream.number, from}, std::tuple{stream.number, last + 1}),
      [&](const ChangePlace& place, ChangeRecord record) {
        return visit(std::get<1>(place), std::move(record));
      });
}

void ChangeLog::forget_all(const std::optional<std::string>& account) {
  std::vector<KeptStream> found;
  streams_.scan(account ? streams_.prefix(*account) : streams_.all(),
                [&](StreamKey key, StreamRecord record) {
                  found.push_back({std::move(key), std::move(record)});
                  return true;
                });
  for (const KeptStream& stream : found) remove(stream.key, stream.record);
}

/// A table from before there were streams gets its own with its first change.
ChangeLog::Open& ChangeLog::require_open(const TableRecord& table) {
  if (const auto found = open_.find(table.number); found != open_.end()) return found->second;
  std::optional<OpenStreamRecord> opened = open_streams_.find(table.number);
  if (!opened) {
    TableRecord labelled = table;
    labelled.stream_label = stream_label(table.created_at);  // as it has been described
    begin(labelled);
    opened = open_streams_.find(table.number);
  }
  Open open{.key = {table.account, table.region, table.name, opened->label}};
  open.stream = streams_.find(open.key).value();
  open.next = next(open.stream);
  auto last_shard = shards_.first(shards_.prefix(open.stream.number), storage::Order::backward);
  open.shard = {std::get<1>(last_shard->first), std::move(last_shard->second)};
  if (open.next > open.stream.first)
    open.oldest = times_.find({open.stream.number, open.stream.first}).value().at;
  return open_.emplace(table.number, std::move(open)).first->second;
}

/// One in which nothing has happened goes on.
void ChangeLog::begin_shard(Open& open, runtime::Time now) {
  if (open.next == open.shard.first) {
    open.shard.record.opened_at = now;
    shards_.put({open.stream.number, open.shard.first}, open.shard.record);
    return;
  }
  end_shard(open);
  std::string parent = std::move(open.shard.record.id);
  open.shard = {open.next,
                {.id = shard_id(now, open.stream.number, open.next),
                 .parent = std::move(parent),
                 .opened_at = now}};
  shards_.put({open.stream.number, open.next}, open.shard.record);
}

void ChangeLog::end_shard(Open& open) {
  open.shard.record.last = open.next - 1;
  shards_.put({open.stream.number, open.shard.first}, open.shard.record);
}

void ChangeLog::trim(Open& open, runtime::Time now) {
  if (open.next == open.stream.first || now - open.oldest < stream_retention + trim_slack) return;
  const std::uint64_t first = first_readable(open.stream);
  // The last change stays, because the numbers go on after it.
  const std::uint64_t kept = std::min(first, open.next - 1);
  store_.erase_range(changes_.between(std::tuple{open.stream.number, open.stream.first},
                                      std::tuple{open.stream.number, kept}));
  std::vector<std::uint64_t> empty;
  shards_.scan(shards_.prefix(open.stream.number), [&](const auto& key, const ShardRecord& shard) {
    if (!shard.last || *shard.last >= kept) return false;
    empty.push_back(std::get<1>(key));
    return true;
  });
  for (const std::uint64_t shard : empty) shards_.erase({open.stream.number, shard});
  open.stream.first = kept;
  open.oldest = times_.find({open.stream.number, kept}).value().at;
  streams_.put(open.key, open.stream);
}

void ChangeLog::remove_expired(runtime::Time now) {
  std::vector<KeptStream> expired;
  std::size_t looked_through = 0;
  streams_.scan(streams_.all(), [&](StreamKey key, StreamRecord record) {
    if (record.closed_at && now - *record.closed_at > stream_retention)
      expired.push_back({std::move(key), std::move(record)});
    return ++looked_through < most_looked_through;
  });
  for (const KeptStream& stream : expired) remove(stream.key, stream.record);
}

void ChangeLog::remove(const StreamKey& key, const StreamRecord& stream) {
  streams_.erase(key);
  if (!stream.closed_at) open_streams_.erase(stream.table);
  store_.erase_range(changes_.prefix(stream.number));
  store_.erase_range(shards_.prefix(stream.number));
  open_.erase(stream.table);
  store_.on_rollback([this, table = stream.table] { open_.erase(table); });
}

void ChangeLog::tell(Open& open, std::uint64_t table) {
  if (open.is_told) return;
  open.is_told = true;
  store_.on_rollback([this, table] {
    open_.erase(table);
    untold_.clear();
  });
  store_.on_commit([this, table, key = open.key] {
    untold_.clear();
    if (const auto found = open_.find(table); found != open_.end()) found->second.is_told = false;
    if (on_change) on_change(key);
  });
}

}  // namespace matinee::dynamodb

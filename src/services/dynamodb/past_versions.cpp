#include "services/dynamodb/past_versions.h"

#include <algorithm>

namespace matinee::dynamodb {
namespace {

/// Moments of transactions are this far apart, so that there is a place right after each.
constexpr std::uint64_t moments_apart = 2;

}  // namespace

ItemPlace version_place(std::uint64_t table, const ItemKey& key, const Moment& ended) {
  std::string bytes = key.bytes;
  storage::KeyWriter writer(bytes);
  writer.add(ended.time);
  writer.add(ended.number);
  return {table, key.hash, storage::RawKey{std::move(bytes)}};
}

Moment moment_of(std::string_view encoded_place) {
  const auto [time, number] = storage::decode_key<std::tuple<runtime::Time, std::uint64_t>>(
      encoded_place.substr(encoded_place.size() - moment_bytes));
  return {time, number};
}

PastVersions::PastVersions(storage::Store& store, runtime::Clock& clock)
    : store_(store),
      clock_(clock),
      versions_(store, versions_id),
      guard_table_(store, guards_id),
      needs_(store, needs_id),
      trims_(store, trims_id),
      moments_(store, moments_id),
      last_(moments_.find(0).value_or(Moment{})) {
  guard_table_.scan(guard_table_.all(), [this](std::uint64_t table, GuardRecord guard) {
    guards_.emplace(table, std::move(guard));
    return true;
  });
}

Moment PastVersions::now() {
  if (current_) return *current_;
  current_ = {std::max(clock_.now(), last_.time), last_.number + moments_apart};
  moments_.put(0, *current_);
  store_.on_commit([this] {
    last_ = *current_;
    current_.reset();
    has_saved_ = false;
  });
  store_.on_rollback([this] {
    current_.reset();
    has_saved_ = false;
  });
  return *current_;
}

/// Without recovery only the state at the boundary is needed, so that an item is saved once,
/// however often it changes: its version ends right after the boundary.
void PastVersions::save(const TableRecord& table, const ItemKey& key, const StoredItem* old,
                        const Item* now_is) {
  if (old ? now_is && old->attributes == *now_is : now_is == nullptr) return;
  const GuardRecord& guard = guards_.at(table.number);
  Moment ended{guard.boundary.time, guard.boundary.number + 1};
  if (guard.recovery) ended = now();
  const ItemPlace place = version_place(table.number, key, ended);
  // What a transaction changes twice was before it what the first change found.
  const bool may_be_there = !guard.recovery || has_saved_;
  if (may_be_there && versions_.contains(place)) return;
  VersionView version;
  if (old) version.item = StoredView{old->bytes, &old->attributes};
  versions_.put(place, version);
  if (!guard.recovery) return;
  has_saved_ = true;
  if (guard.oldest) return;
  GuardRecord changed = guard;
  changed.oldest = ended.time;
  put_guard(table.number, changed);
  tell();
}

void PastVersions::keep(const TableRecord& table, const Moment& moment, NeedKind kind,
                        std::uint64_t id) {
  GuardRecord guard = require_guard(table);
  guard.boundary = now();
  put_guard(table.number, guard);
  needs_.put({table.number, moment.time, moment.number, kind, id}, {});
}

void PastVersions::release(std::uint64_t table, const Moment& moment, NeedKind kind,
                           std::uint64_t id) {
  needs_.erase({table, moment.time, moment.number, kind, id});
  settle(table);
}

bool PastVersions::is_needed_by(std::uint64_t table, const Moment& moment, NeedKind kind) const {
  return !needs_.is_empty(needs_.prefix(table, moment.time, moment.number, kind));
}

std::vector<Moment> PastVersions::needed_moments(std::uint64_t table) const {
  std::vector<Moment> moments;
  auto place = needs_.cursor(needs_.prefix(table));
  for (; place.valid(); place.next()) {
    const NeedPlace need = place.key();
    moments.push_back({std::get<1>(need), std::get<2>(need)});
  }
  return moments;
}

void PastVersions::begin_recovery(const TableRecord& table, std::int32_t days) {
  GuardRecord guard = require_guard(table);
  const bool was_on = guard.recovery.has_value();
  // What fewer days have let go does not come back with more of them.
  const runtime::Time since = was_on ? earliest(*guard.recovery) : now().time;
  if (!was_on) guard.trimmed_at = since;
  guard.recovery = RecoveryRecord{.since = since, .days = days};
  put_guard(table.number, guard);
  if (was_on) begin_trim(table.number);
}

void PastVersions::end_recovery(const TableRecord& table) {
  const auto found = guards_.find(table.number);
  if (found == guards_.end() || !found->second.recovery) return;
  GuardRecord guard = found->second;
  guard.recovery.reset();
  guard.oldest.reset();
  guard.boundary = now();  // after all versions that recovery has left
  put_guard(table.number, guard);
  settle(table.number);
}

std::optional<RecoveryRecord> PastVersions::recovery(const TableRecord& table) const {
  const auto found = guards_.find(table.number);
  return found == guards_.end() ? std::nullopt : found->second.recovery;
}

runtime::Time PastVersions::earliest(const RecoveryRecord& recovery) const {
  return std::max(recovery.since, clock_.now() - std::chrono::days(recovery.days));
}

bool PastVersions::remove_table(const TableRecord& table) {
  end_recovery(table);
  const auto found = guards_.find(table.number);
  if (found == guards_.end()) return false;
  GuardRecord guard = found->second;
  guard.is_removed = true;
  put_guard(table.number, guard);
  return true;
}

void PastVersions::forget_all(const std::optional<std::string>& account) {
  std::vector<std::uint64_t> tables;
  for (const auto& [table, guard] : guards_)
    if (!account || guard.account == *account) tables.push_back(table);
  for (const std::uint64_t table : tables) {
    needs_.erase_range(needs_.prefix(table));
    erase_everything(table);
  }
}

GuardRecord& PastVersions::require_guard(const TableRecord& table) {
  const auto found = guards_.find(table.number);
  if (found != guards_.end()) return found->second;
  remember(table.number);
  return guards_
      .emplace(table.number, GuardRecord{.account = table.account,
                                         .region = table.region,
                                         .table = table.name,
                                         .boundary = now()})
      .first->second;
}

void PastVersions::put_guard(std::uint64_t table, const GuardRecord& guard) {
  remember(table);
  guard_table_.put(table, guard);
  guards_[table] = guard;
}

void PastVersions::erase_guard(std::uint64_t table) {
  remember(table);
  guard_table_.erase(table);
  guards_.erase(table);
}

/// So that a rollback brings back what was known.
void PastVersions::remember(std::uint64_t table) {
  const auto found = guards_.find(table);
  std::optional<GuardRecord> before;
  if (found != guards_.end()) before = found->second;
  store_.on_rollback([this, table, before = std::move(before)]() mutable {
    if (before)
      guards_[table] = *std::move(before);
    else
      guards_.erase(table);
  });
}

/// What a need has left: a pass removes what others do not need, and where there are none all goes
/// at once.
void PastVersions::settle(std::uint64_t table) {
  const auto guard = guards_.find(table);
  if (guard == guards_.end()) return;
  if (!guard->second.recovery && needs_.is_empty(needs_.prefix(table)))
    return erase_everything(table);
  begin_trim(table);
}

void PastVersions::begin_trim(std::uint64_t table) {
  TrimRecord trim = trims_.find(table).value_or(TrimRecord{.began_at = clock_.now()});
  trim.again = !trim.key.empty();
  trims_.put(table, trim);
  tell();
}

/// At a cost that does not depend on how much it is.
void PastVersions::erase_everything(std::uint64_t table) {
  store_.erase_range(versions_.prefix(table));
  trims_.erase(table);
  if (guards_.at(table).is_removed) store_.erase_range(Items(store_, items_id).prefix(table));
  erase_guard(table);
}

void PastVersions::tell() {
  store_.on_commit([this] {
    if (on_work) on_work();
  });
}

}  // namespace matinee::dynamodb

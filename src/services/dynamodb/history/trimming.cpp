#include "services/dynamodb/history/trimming.h"

#include <algorithm>

namespace matinee::dynamodb::history {
namespace {

constexpr std::size_t most_versions = 1000;
constexpr int passes_a_period = 24;

/// One pass over the versions of one table, from one item to the next.
class Pass {
 public:
  Pass(storage::Store& store, PastVersions& past, std::uint64_t table, TrimRecord record)
      : versions_(store, versions_id),
        items_(store, items_id),
        past_(past),
        table_(table),
        guard_(past.guards().at(table)),
        needed_(past.needed_moments(table)),
        record_(std::move(record)) {}

  /// True where the pass is at its end.
  bool go_on(const std::function<bool()>& is_over) {
    auto place = versions_.cursor(versions_.prefix(table_));
    if (!record_.key.empty()) place.seek_encoded(storage::encode_key(last_place()).append(1, '\0'));
    for (std::size_t looked_at = 0; place.valid(); place.next()) {
      if (looked_at == most_versions || (looked_at > 0 && is_over())) return false;
      look_at(place.key());
      ++looked_at;
    }
    leave_item();
    return true;
  }

  const TrimRecord& record() const { return record_; }

 private:
  Versions versions_;
  Items items_;
  PastVersions& past_;
  std::uint64_t table_;
  const GuardRecord& guard_;
  std::vector<Moment> needed_;
  TrimRecord record_;

  ItemPlace last_place() const { return {table_, record_.hash, {record_.key}}; }
  std::string_view item_of(std::string_view key) const {
    return key.substr(0, key.size() - moment_bytes);
  }

  void look_at(const ItemPlace& place) {
    const std::uint16_t hash = std::get<1>(place);
    const std::string& key = std::get<2>(place).bytes;
    const bool is_same =
        !record_.key.empty() && hash == record_.hash && item_of(key) == item_of(record_.key);
    if (!is_same) leave_item();
    const Moment ended = moment_of(key);
    if (!is_needed(is_same ? std::optional(moment_of(record_.key)) : std::nullopt, ended))
      versions_.erase(place);
    record_.hash = hash;
    record_.key = key;
  }

  /// A moment needs the first version of an item that ended after it.
  bool is_needed(const std::optional<Moment>& before, const Moment& ended) {
    if (guard_.recovery && ended.time > past_.earliest(*guard_.recovery)) {
      record_.oldest = std::min(record_.oldest.value_or(ended.time), ended.time);
      return true;
    }
    const auto first = before ? std::ranges::lower_bound(needed_, *before) : needed_.begin();
    return first != needed_.end() && *first < ended;
  }

  /// What a removed table has last is needed only where some moment has no version of the item.
  void leave_item() {
    if (record_.key.empty() || !guard_.is_removed) return;
    if (!needed_.empty() && needed_.back() >= moment_of(record_.key)) return;
    items_.erase({table_, record_.hash, {std::string(item_of(record_.key))}});
  }
};

void end_pass(storage::Store& store, PastVersions& past, std::uint64_t table,
              const TrimRecord& record) {
  Trims trims(store, trims_id);
  if (record.again)
    trims.put(table, {.began_at = record.began_at});
  else
    trims.erase(table);
  GuardRecord guard = past.guards().at(table);
  guard.trimmed_at = record.began_at;
  guard.oldest.reset();
  const Versions versions(store, versions_id);
  // What has been saved since the pass began may lie behind it.
  if (guard.recovery && !versions.is_empty(versions.prefix(table)))
    guard.oldest = record.oldest.value_or(record.began_at);
  past.put_guard(table, guard);
}

std::optional<runtime::Time> due(const GuardRecord& guard) {
  if (!guard.recovery || !guard.oldest) return std::nullopt;
  const runtime::Duration period = std::chrono::days(guard.recovery->days);
  return std::max(*guard.oldest + period, guard.trimmed_at + period / passes_a_period);
}

}  // namespace

bool trim_some(storage::Store& store, PastVersions& past, const std::function<bool()>& is_over) {
  Trims trims(store, trims_id);
  auto first = trims.first(trims.all());
  if (!first) return false;
  const std::uint64_t table = first->first;
  Pass pass(store, past, table, std::move(first->second));
  if (pass.go_on(is_over))
    end_pass(store, past, table, pass.record());
  else
    trims.put(table, pass.record());
  return !trims.is_empty(trims.all());
}

std::optional<runtime::Time> next_trim(const PastVersions& past) {
  std::optional<runtime::Time> next;
  for (const auto& [table, guard] : past.guards())
    if (const auto when = due(guard)) next = std::min(next.value_or(*when), *when);
  return next;
}

void begin_trims(PastVersions& past, runtime::Time now) {
  std::vector<std::uint64_t> tables;
  for (const auto& [table, guard] : past.guards())
    if (const auto when = due(guard); when && *when <= now && !past.is_trimming(table))
      tables.push_back(table);
  for (const std::uint64_t table : tables) past.begin_trim(table);
}

}  // namespace matinee::dynamodb::history

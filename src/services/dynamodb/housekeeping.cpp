#include "services/dynamodb/housekeeping.h"

#include <algorithm>

#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/dynamodb/expiry_time.h"

namespace matinee::dynamodb {
namespace {

/// What one transaction does at most, however little time that takes.
constexpr std::size_t most_filled = 1000;
constexpr std::size_t most_expired = 200;
constexpr std::chrono::seconds wait_for_disk{10};
/// AWS leaves alone what should have expired longer ago: it is taken for a mistake.
constexpr std::chrono::seconds oldest_expiry = std::chrono::days(5 * 365);

constexpr runtime::TimerPurpose removing_items{.what = "DynamoDB removes items that have expired",
                                               .is_told = true};

services::Context owner_of(const auto& record) {
  return {.account = record.account, .region = record.region};
}

}  // namespace

Housekeeping::Housekeeping(Catalog& catalog, ItemStore& items, storage::Store& store,
                           runtime::Loop& loop)
    : catalog_(catalog),
      items_(items),
      store_(store),
      loop_(loop),
      fills_(store, fills_id),
      expiring_(store, expiring_tables_id) {
  items_.expiries().on_add = [this](std::int64_t when) {
    if (timer_ == runtime::TimerId::none || expiry_time(when) < timer_at_) wait(expiry_time(when));
  };
  if (!fills_.is_empty(fills_.all())) post();
  watch();
}

Housekeeping::~Housekeeping() {
  items_.expiries().on_add = nullptr;
  loop_.clock().cancel(timer_);
  alive_.reset();
}

void Housekeeping::fill(const TableRecord& table, const IndexRecord& index) {
  fills_.put({table.number, index.number},
             {.account = table.account, .region = table.region, .table = table.name});
  store_.on_commit([this] { post(); });
}

void Housekeeping::begin_expiry(const TableRecord& table) {
  expiring_.put(table.number, {table.account, table.region, table.name});
  fills_.put({table.number, 0},
             {.account = table.account, .region = table.region, .table = table.name});
  store_.on_commit([this] { post(); });
}

void Housekeeping::end_expiry(const TableRecord& table) {
  expiring_.erase(table.number);
  fills_.erase({table.number, 0});
  items_.expiries().erase_all(table);
}

void Housekeeping::forget(const TableRecord& table) {
  store_.erase_range(fills_.prefix(table.number));
  if (table.time_to_live_attribute) end_expiry(table);
}

void Housekeeping::forget(const TableRecord& table, const IndexRecord& index) {
  fills_.erase({table.number, index.number});
}

void Housekeeping::post() {
  if (is_posted_) return;
  is_posted_ = true;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    is_posted_ = false;
    step();
  });
}

void Housekeeping::step() {
  next_expiry();  // what has been removed since is left out from now on
  try {
    storage::Transaction transaction(store_);
    const bool fills_on = fill_some();
    const bool expires_on = expire_some();
    transaction.commit();
    if (fills_on || expires_on) return post();
    watch();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("What tables do by themselves is tried again in a while: {}", failure.what());
    wait(loop_.clock().now() + wait_for_disk);
  }
}

bool Housekeeping::fill_some() {
  const auto first = fills_.first(fills_.all());
  if (!first) return false;
  auto [place, record] = first.value();
  const auto& [number, index_number] = place;
  const auto table = catalog_.find_held(owner_of(record), record.table);
  const IndexRecord* index = nullptr;
  if (table && table->number == number && index_number != 0) {
    const auto found = std::ranges::find(table->indexes, index_number, &IndexRecord::number);
    if (found != table->indexes.end()) index = &*found;
  }
  if (!table || table->number != number || (index_number != 0 && !index)) {
    fills_.erase(place);  // it has gone meanwhile
    return true;
  }
  std::optional<ItemKey> after;
  if (!record.key.empty()) after = ItemKey{record.hash, record.key};
  std::size_t looked_at = 0;
  const bool is_done = items_.visit_after(*table, after, [&](const ItemKey& key, const Item& item) {
    index ? items_.fill(*table, *index, item) : items_.fill_expiry(*table, key, item);
    record.hash = key.hash;
    record.key = key.bytes;
    return ++looked_at < most_filled && !loop_.turns().is_over();
  });
  if (is_done)
    end_fill(*table, index_number);
  else
    fills_.put(place, record);
  return true;
}

void Housekeeping::end_fill(const TableRecord& table, std::uint32_t index_number) {
  fills_.erase({table.number, index_number});
  if (index_number == 0) return;
  TableRecord changed = table;
  std::ranges::find(changed.indexes, index_number, &IndexRecord::number)->is_filling = false;
  catalog_.update(changed);
}

bool Housekeeping::expire_some() {
  bool goes_on = false;
  std::vector<std::pair<std::uint64_t, ExpiringTable>> tables;
  expiring_.scan(expiring_.all(), [&](std::uint64_t number, ExpiringTable names) {
    tables.emplace_back(number, std::move(names));
    return true;
  });
  for (const auto& [number, names] : tables) {
    if (goes_on && loop_.turns().is_over()) break;
    const auto table = catalog_.find_held(owner_of(names), names.table);
    if (table && table->number == number) goes_on = expire_some(*table) || goes_on;
  }
  return goes_on;
}

bool Housekeeping::expire_some(const TableRecord& table) {
  const std::int64_t now = runtime::to_seconds(loop_.clock().now());
  std::size_t removed = 0;
  while (const std::optional<ExpiryPlace> place = items_.expiries().first(table)) {
    const auto& [number, when, hash, bytes] = *place;
    if (when > now) return false;
    if (removed >= most_expired || (removed > 0 && loop_.turns().is_over())) return true;
    ++removed;
    const ItemKey key{hash, bytes.bytes};
    items_.expiries().erase(*place);
    if (now - when > oldest_expiry.count()) continue;
    if (const std::optional<StoredItem> item = items_.find(table, key))
      items_.erase(table, key, *item, Remover::time_to_live);
  }
  return false;
}

std::optional<std::int64_t> Housekeeping::next_expiry() {
  std::optional<std::int64_t> next;
  expiring_.scan(expiring_.all(), [&](std::uint64_t number, const ExpiringTable&) {
    const auto place = items_.expiries().first(TableRecord{.number = number});
    if (place && (!next || std::get<1>(*place) < *next)) next = std::get<1>(*place);
    return true;
  });
  return next;
}

void Housekeeping::watch() {
  loop_.clock().cancel(timer_);
  timer_ = runtime::TimerId::none;
  if (const auto next = next_expiry()) wait(expiry_time(*next));
}

void Housekeeping::wait(runtime::Time when) {
  loop_.clock().cancel(timer_);
  timer_at_ = when;
  timer_ = runtime::call_for(loop_.clock(), removing_items, when, [this] {
    timer_ = runtime::TimerId::none;
    step();
  });
}

}  // namespace matinee::dynamodb

#include "services/dynamodb/history/chores.h"

#include <algorithm>

#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/dynamodb/history/table_view.h"
#include "services/dynamodb/history/trimming.h"
#include "services/dynamodb/service.h"

namespace matinee::dynamodb {

void Service::begin_chores(runtime::Loop& loop) {
  chores_ = std::make_shared<history::Chores>(history::Chores::Parts{
      .store = store_, .catalog = catalog_, .items = items_, .past = past_, .loop = loop});
}

void Service::forget_backups(const std::optional<std::string>& account) {
  chores_->forget_all(account);
  history::BackupStore(store_, past_).forget_all(account);
  past_.forget_all(account);
}

}  // namespace matinee::dynamodb

namespace matinee::dynamodb::history {
namespace {

/// What one transaction does at most, however little time that takes.
constexpr std::size_t most_restored = 1000;
constexpr std::size_t most_restored_bytes = std::size_t{1} << 20;
constexpr int most_expired = 100;
constexpr std::chrono::seconds wait_for_disk{10};

constexpr runtime::TimerPurpose trimming{
    .what = "DynamoDB removes backups and versions that are too old"};

}  // namespace

Chores::Chores(const Parts& parts)
    : parts_(parts), backups_(parts.store, parts.past), restores_(parts.store, restores_id) {
  parts_.past.on_work = [this] { post(); };
  post();
}

Chores::~Chores() {
  parts_.past.on_work = nullptr;
  parts_.loop.clock().cancel(timer_);
  runtime::real_clock(parts_.loop.clock()).cancel(disk_timer_);
  alive_.reset();
}

void Chores::restore(const TableRecord& table, const RestoreRecord& restore) {
  restores_.put(table.number, restore);
  parts_.store.on_commit([this] { post(); });
}

void Chores::forget_all(const std::optional<std::string>& account) {
  std::vector<std::uint64_t> gone;
  restores_.scan(restores_.all(), [&](std::uint64_t number, const RestoreRecord& restore) {
    if (!account || restore.account == *account) gone.push_back(number);
    return true;
  });
  for (const std::uint64_t number : gone) end_restore(number, *restores_.find(number), nullptr);
}

void Chores::post() {
  if (is_posted_) return;
  is_posted_ = true;
  parts_.loop.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    is_posted_ = false;
    step();
  });
}

void Chores::let_disk_catch_up() {
  if (disk_timer_ != runtime::TimerId::none) return;
  disk_hold_.emplace(parts_.loop.clock());
  runtime::Clock& real = runtime::real_clock(parts_.loop.clock());
  disk_timer_ = real.call_at(real.now() + std::chrono::milliseconds(1), [this] {
    disk_timer_ = runtime::TimerId::none;
    disk_hold_.reset();
    step();
  });
}

void Chores::step() {
  if (parts_.store.is_behind()) return let_disk_catch_up();
  runtime::Loop& loop = parts_.loop;
  const runtime::Time now = loop.clock().now();
  try {
    storage::Transaction transaction(parts_.store);
    int expired = 0;
    while (expired < most_expired && backups_.expire(now)) ++expired;
    begin_trims(parts_.past, now);
    const bool restores_on = restore_some();
    const bool trims_on =
        trim_some(parts_.store, parts_.past, [&] { return loop.turns().is_over(); });
    transaction.commit();
    if (restores_on || trims_on || expired == most_expired) return post();
    watch();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("What backups of tables need done is tried again in a while: {}", failure.what());
    wait(now + wait_for_disk);
  }
}

/// True where there is more to do at once.
bool Chores::restore_some() {
  auto first = restores_.first(restores_.after(restores_.all(), last_restore_));
  if (!first) first = restores_.first(restores_.all());
  last_restore_ = first ? first->first : 0;
  if (!first) return false;
  auto& [number, restore] = *first;
  const auto table = parts_.catalog.find_held(
      {.account = restore.account, .region = restore.region}, restore.table);
  if (!table || table->number != number) {
    end_restore(number, restore, nullptr);  // it has gone meanwhile
    return true;
  }
  std::optional<ItemKey> after;
  if (!restore.key.empty()) after = ItemKey{restore.hash, restore.key};
  std::size_t looked_at = 0;
  std::size_t bytes = 0;
  const auto restore_one = [&](const ItemKey& key, const StoredItem* item) {
    if (item) {
      parts_.items.put(*table, item_key(table->keys, item->attributes), item->attributes);
      bytes += item->bytes;
    }
    restore.hash = key.hash;
    restore.key = key.bytes;
    return ++looked_at < most_restored && bytes < most_restored_bytes &&
           !parts_.loop.turns().is_over();
  };
  const bool is_done =
      TableView(parts_.store, restore.source).visit_at(restore.moment, after, restore_one);
  if (is_done)
    end_restore(number, restore, table.get());
  else
    restores_.put(number, restore);
  return true;
}

void Chores::end_restore(std::uint64_t number, const RestoreRecord& restore,
                         const TableRecord* table) {
  restores_.erase(number);
  parts_.past.release(restore.source, restore.moment, NeedKind::restore, number);
  if (!table) return;
  TableRecord changed = *table;
  changed.is_being_made = false;
  parts_.catalog.update(changed);
}

void Chores::watch() {
  parts_.loop.clock().cancel(timer_);
  timer_ = runtime::TimerId::none;
  std::optional<runtime::Time> next = next_trim(parts_.past);
  if (const auto expiry = backups_.next_expiry()) next = std::min(next.value_or(*expiry), *expiry);
  if (next) wait(*next);
}

void Chores::wait(runtime::Time when) {
  parts_.loop.clock().cancel(timer_);
  timer_ = runtime::call_for(parts_.loop.clock(), trimming, when, [this] {
    timer_ = runtime::TimerId::none;
    step();
  });
}

}  // namespace matinee::dynamodb::history

#include "storage/store.h"

#include <fmt/format.h>

#include "runtime/assertion.h"
#include "runtime/log.h"
#include "runtime/simulated/simulated_disk.h"
#include "storage/background_sync.h"
#include "storage/blobs_implementation.h"
#include "storage/condition.h"
#include "storage/copier.h"
#include "storage/database.h"
#include "storage/hot_keys.h"
#include "storage/layout.h"
#include "storage/log_check.h"
#include "storage/merging_cursor.h"
#include "storage/verification.h"

namespace matinee::storage {

namespace {

using runtime::expect;

/// Tables of the store itself.
constexpr TableId run_table{0x0001};
constexpr std::uint64_t run_number = 0;          // How often the store was opened.
constexpr std::uint64_t latest_time_number = 1;  // In microseconds since the epoch.
constexpr TableId live_blobs_table{0x0002};

/// What these may write, at up to a megabyte each, is less than what must be free.
constexpr unsigned writes_between_checks = 15;

/// Ranges of up to this many keys are erased one by one: a range erased as such costs every later
/// read a little until it is compacted away.
constexpr int few_keys = 64;

runtime::DiskResult<> to_result(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return std::unexpected(to_disk_error(status));
}

BlobFiles::Sync blob_sync(Durability durability) {
  switch (durability) {
    case Durability::process:
      return BlobFiles::Sync::later;
    case Durability::power:
      return BlobFiles::Sync::at_once;
    case Durability::memory:
      break;
  }
  return BlobFiles::Sync::never;
}

}  // namespace

struct Store::Implementation {
  Durability durability = Durability::process;
  std::unique_ptr<runtime::SimulatedDisk> memory;
  std::unique_ptr<runtime::FileLock> lock;
  Database database;
  std::optional<OldVersions> old_versions;
  rocksdb::WriteOptions write_options;
  rocksdb::ReadOptions read_options;

  bool in_transaction = false;
  PendingWrites pending;
  std::vector<runtime::Callback> on_commit;
  std::vector<runtime::Callback> on_rollback;

  std::unique_ptr<FreeSpace> space;
  unsigned until_room_is_checked = 0;

  std::shared_ptr<Condition> condition = std::make_shared<Condition>();
  bool erased = false;  // Since files were merged for want of room.
  std::optional<runtime::Time> kept_time;

  std::optional<std::string> log_damage;  // Of a store that is only read.

  bool unflushed = false;
  std::optional<runtime::DiskError> flush_error;
  std::shared_ptr<BlobFiles> files;
  std::unique_ptr<Blobs> blobs;
  std::shared_ptr<BackgroundSync> background;

  HotKeys hot_keys;
  rocksdb::PinnableSlice found;  // What `find` returned last, unless its key is hot.

  rocksdb::DB& db() const { return *database.db; }
  void forget_hot_keys();
  void end_transaction(std::vector<runtime::Callback>& callbacks);
  std::optional<runtime::DiskError> error() const;
  runtime::DiskResult<> flush_log();
  runtime::DiskResult<> sync_log();
  bool erase_few(Store& store, const KeyRange& range);
  void open_blobs(Store& store, runtime::Disk& disk, const StoreOptions& options);
  void see_to_left_overs(std::uint64_t run, runtime::Disk& disk, const std::string& directory);
};

std::expected<std::unique_ptr<Store>, OpenError> Store::open(const StoreOptions& given) {
  StoreOptions options = given;
  auto implementation = std::make_unique<Implementation>();
  implementation->durability = options.durability;
  if (options.durability == Durability::memory) {
    implementation->memory = std::make_unique<runtime::SimulatedDisk>();
    options.disk = implementation->memory.get();
    options.directory = "/memory";
    implementation->write_options.disableWAL = true;
  }
  expect(options.disk != nullptr, "a store that lasts has a disk");

  if (options.read_only) return open_to_read(options);
  auto lock = enter_directory(*options.disk, options.directory);
  if (!lock) return std::unexpected(lock.error());
  implementation->lock = *std::move(lock);
  if (options.durability != Durability::memory) {
    if (auto seen_to = see_to_logs(*options.disk, options); !seen_to)
      return std::unexpected(seen_to.error());
  }
  auto database = open_database(options, *options.disk, implementation->condition);
  if (!database) return std::unexpected(database.error());
  implementation->database = *std::move(database);
  implementation->old_versions.emplace(*implementation->database.db);
  if (auto finished = finish_directory(*options.disk, options.directory); !finished)
    return std::unexpected(finished.error());

  std::unique_ptr<Store> store(new Store(std::move(implementation)));
  try {
    store->implementation_->open_blobs(*store, *options.disk, options);
  } catch (const DamagedRecord& error) {
    return std::unexpected(damaged_directory(options.directory, error.what()));
  } catch (const std::runtime_error& error) {
    return std::unexpected(unusable_directory(options.directory, error.what()));
  }
  return store;
}

std::expected<std::unique_ptr<Store>, OpenError> Store::open_to_read(const StoreOptions& options) {
  auto implementation = std::make_unique<Implementation>();
  runtime::Disk& disk = *options.disk;
  auto lock = enter_to_read(disk, options.directory);
  if (!lock) return std::unexpected(lock.error());
  implementation->lock = *std::move(lock);
  auto database = open_read_only(options, disk);
  if (!database) return std::unexpected(database.error());
  implementation->database = *std::move(database);
  implementation->old_versions.emplace(*implementation->database.db);
  implementation->space = std::make_unique<FreeSpace>(disk, options.directory);
  implementation->files = std::make_shared<BlobFiles>(
      BlobFiles::Place{
          .disk = disk, .space = *implementation->space, .directory = options.directory + "/blobs"},
      BlobFiles::after_all_runs, BlobFiles::Sync::never);
  if (const auto logs = check_logs(disk, options.directory); logs && logs->damage)
    implementation->log_damage = logs->damage->what;
  std::unique_ptr<Store> store(new Store(std::move(implementation)));
  store->implementation_->blobs = std::make_unique<Blobs>(std::make_unique<Blobs::Implementation>(
      store->implementation_->files, Table<std::uint64_t, std::uint64_t>(*store, live_blobs_table),
      nullptr));
  return store;
}

void Store::verify(Verification& found) const {
  if (const auto& damage = implementation_->log_damage) {
    found.damages.push_back("The log is damaged: " + *damage);
  }
  verify_database(implementation_->database, found);
  const std::string live_blobs = encode_key(live_blobs_table);
  for (std::size_t shard = 0; shard < BlobFiles::shard_count; ++shard) {
    const auto ids = implementation_->files->list_earlier_runs(shard);
    if (!ids) found.damages.push_back(ids.error().message);
    for (const std::uint64_t id : ids.value_or(std::vector<std::uint64_t>()))
      found.left_overs += contains(live_blobs + encode_key(id)) ? 0 : 1;
  }
}

/// Counts the run and prepares the blobs and the background work.
void Store::Implementation::open_blobs(Store& store, runtime::Disk& disk,
                                       const StoreOptions& options) {
  Table<std::uint64_t, std::uint64_t> runs(store, run_table);
  std::uint64_t run = runs.find(run_number).value_or(0) + 1;
  if (find_unfinished_loss(disk, options.directory)) {
    // The lost end of the log may have counted further.
    const auto latest = BlobFiles::find_latest_run(disk, options.directory + "/blobs");
    if (!latest) throw std::runtime_error(latest.error().message);
    run = std::max(run, *latest + 1);
  }
  if (const auto time = runs.find(latest_time_number))
    kept_time = runtime::Time(runtime::Duration(*time));
  runtime::Workers* workers = durability == Durability::memory ? nullptr : options.workers;
  space = std::make_unique<FreeSpace>(disk, options.directory);
  files = std::make_shared<BlobFiles>(
      BlobFiles::Place{.disk = disk, .space = *space, .directory = options.directory + "/blobs"},
      run, blob_sync(options.durability));
  blobs = std::make_unique<Blobs>(std::make_unique<Blobs::Implementation>(
      files, Table<std::uint64_t, std::uint64_t>(store, live_blobs_table), workers));
  BackgroundSync::Parts parts{.db = db(),
                              .files = files,
                              .condition = condition,
                              .synced = nullptr,
                              .is_in_place = nullptr};
  if (durability != Durability::memory) {
    parts.is_in_place = [&disk, directory = options.directory,
                         holder = find_holder(disk, options.directory)] {
      if (!disk.exists(directory + "/FORMAT")) return false;
      // Nobody is seen either while there are no file descriptors to look with.
      const auto found = find_holder(disk, directory);
      return !found || !holder || found->process_id == holder->process_id;
    };
    parts.synced = std::make_unique<SyncedLogFile>(disk, synced_path(options.directory));
  }
  background = std::make_shared<BackgroundSync>(std::move(parts), workers);
  if (durability != Durability::memory)
    condition->can_be_copied(std::make_shared<Copier>(
        Copier::Source{
            .db = db(), .disk = disk, .directory = options.directory, .workers = workers},
        background));
  database.errors->set_helper([helper = std::weak_ptr(background)] {
    if (const auto sync = helper.lock()) sync->recover_soon();
  });
  background->begin_compactions();
  see_to_left_overs(run, disk, options.directory);
  Transaction transaction(store);
  runs.put(run_number, run);
  transaction.commit();
}

/// Files of blobs that nothing refers to are removed; after a loss somebody may still want them.
void Store::Implementation::see_to_left_overs(std::uint64_t run, runtime::Disk& disk,
                                              const std::string& directory) {
  if (run == 1) return;
  std::string live_blobs = encode_key(live_blobs_table);
  const std::optional<std::string> loss = find_unfinished_loss(disk, directory);
  if (!loss) return background->collect_blobs(std::move(live_blobs));
  auto done = background->set_blobs_aside(live_blobs, directory + "/" + *loss + "/blobs");
  if (done) done = finish_loss(disk, directory);
  if (!done) throw std::runtime_error(done.error().message);
}

Store::Store(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Store::~Store() {
  expect(!in_transaction(), "a store is closed outside of transactions");
  // Whoever needs to know whether this works calls sync before.
  if (implementation_->background) (void)sync();
  if (implementation_->background) implementation_->background->stop();
}

void Store::begin() {
  expect(!in_transaction(), "transactions are not nested");
  implementation_->in_transaction = true;
}

void Store::commit() {
  expect(in_transaction(), "there is a transaction to commit");
  PendingWrites& pending = implementation_->pending;
  if (!pending.empty()) {
    rocksdb::Status status =
        implementation_->db().Write(implementation_->write_options, &pending.batch());
    if (!status.ok()) {
      rollback();
      const std::optional<std::string> why = implementation_->condition->why_writes_fail();
      // What nobody tries again ends the store.
      if (!why) implementation_->flush_error = to_disk_error(status);
      throw StoreFailure(why.value_or(to_disk_error(status).message));
    }
    implementation_->unflushed = true;
    implementation_->forget_hot_keys();
  }
  implementation_->end_transaction(implementation_->on_commit);
}

void Store::Implementation::forget_hot_keys() {
  if (pending.erases_ranges()) return hot_keys.forget_all();
  for (const auto& [key, entry] : pending.entries()) hot_keys.forget(key);
}

void Store::rollback() {
  expect(in_transaction(), "there is a transaction to roll back");
  std::ranges::reverse(implementation_->on_rollback);
  implementation_->end_transaction(implementation_->on_rollback);
}

void Store::Implementation::end_transaction(std::vector<runtime::Callback>& callbacks) {
  in_transaction = false;
  pending.clear();
  // Moved out first: a callback may begin the next transaction's bookkeeping.
  std::vector<runtime::Callback> running = std::exchange(callbacks, {});
  on_commit.clear();
  on_rollback.clear();
  for (runtime::Callback& callback : running) callback();
}

bool Store::in_transaction() const {
  return implementation_->in_transaction;
}

void Store::on_commit(runtime::Callback callback) {
  expect(in_transaction(), "a transaction calls back at its end");
  implementation_->on_commit.push_back(std::move(callback));
}

void Store::on_rollback(runtime::Callback callback) {
  expect(in_transaction(), "a transaction calls back at its end");
  implementation_->on_rollback.push_back(std::move(callback));
}

std::optional<std::string_view> Store::find(std::string_view key) const {
  const PendingWrites& pending = implementation_->pending;
  if (!pending.empty()) {
    auto entry = pending.entries().find(key);
    if (entry != pending.entries().end()) {
      if (entry->second.erased) return std::nullopt;
      return pending.value(entry->second);
    }
    if (pending.find_erased_range(key) != nullptr) return std::nullopt;
  }
  if (const auto known = implementation_->hot_keys.find(key)) return known->value;
  rocksdb::DB& db = implementation_->db();
  implementation_->found.Reset();
  rocksdb::Status status =
      db.Get(implementation_->read_options, db.DefaultColumnFamily(), key, &implementation_->found);
  if (!status.ok() && !status.IsNotFound())
    throw DamagedRecord("the store cannot be read: " + status.ToString());
  std::optional<std::string_view> value;
  if (status.ok()) value = implementation_->found.ToStringView();
  implementation_->hot_keys.note(key, value);
  return value;
}

bool Store::contains(std::string_view key) const {
  return find(key).has_value();
}

void Store::put(std::string_view key, std::string_view value) {
  expect(in_transaction(), "writes are part of a transaction");
  implementation_->pending.put(key, value);
}

void Store::erase(std::string_view key) {
  expect(in_transaction(), "writes are part of a transaction");
  implementation_->erased = true;
  implementation_->pending.erase(key);
}

void Store::erase_range(const KeyRange& range) {
  expect(in_transaction(), "writes are part of a transaction");
  expect(!range.to.empty(), "a range that is erased has an end");
  if (range.from >= range.to) return;
  implementation_->erased = true;
  if (!implementation_->erase_few(*this, range)) implementation_->pending.erase_range(range);
}

/// Erases the keys one by one if they are few and quickly found.
bool Store::Implementation::erase_few(Store& store, const KeyRange& range) {
  rocksdb::Slice upper_bound = range.to;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  options.max_skippable_internal_keys = 256;
  std::unique_ptr<rocksdb::Iterator> it(db().NewIterator(options));
  std::vector<std::string> keys;
  for (it->Seek(range.from); it->Valid() && keys.size() <= few_keys; it->Next()) {
    keys.push_back(it->key().ToString());
  }
  if (keys.size() > few_keys || !it->status().ok()) return false;
  for (auto own = pending.entries().lower_bound(range.from);
       own != pending.entries().end() && own->first < range.to; ++own) {
    keys.push_back(own->first);
  }
  for (const std::string& key : keys) store.erase(key);
  return true;
}

Cursor Store::cursor(const KeyRange& range) const {
  const PendingWrites* pending = in_transaction() ? &implementation_->pending : nullptr;
  return Cursor(std::make_unique<Cursor::Implementation>(
      Cursor::Implementation::Parts{implementation_->db(), *implementation_->old_versions, pending},
      range));
}

runtime::DiskResult<> Store::flush() {
  bool something_to_do = std::exchange(implementation_->unflushed, false);
  // After an error nothing is promised any more, whether or not there is something to do.
  if (auto error = implementation_->error()) return std::unexpected(*error);
  if (!something_to_do) return {};
  if (auto flushed = implementation_->flush_log(); !flushed) return flushed;
  if (implementation_->durability != Durability::memory) implementation_->background->schedule();
  if (implementation_->durability == Durability::power) return implementation_->sync_log();
  return {};
}

runtime::DiskResult<> Store::sync() {
  implementation_->unflushed = false;
  if (auto error = implementation_->error()) return std::unexpected(*error);
  if (auto flushed = implementation_->flush_log(); !flushed) return flushed;
  if (implementation_->durability == Durability::memory) return {};
  return implementation_->sync_log();
}

std::optional<runtime::DiskError> Store::Implementation::error() const {
  return flush_error ? flush_error : background->error();
}

/// Hands the log to the operating system, and the removed blobs to the next sync.
runtime::DiskResult<> Store::Implementation::flush_log() {
  if (durability != Durability::memory) {
    if (auto flushed = to_result(db().FlushWAL(false)); !flushed) {
      flush_error = flushed.error();
      return flushed;
    }
  }
  files->removals_flushed();
  if (durability == Durability::memory) return background->remove_blobs();
  return {};
}

runtime::DiskResult<> Store::Implementation::sync_log() {
  auto synced = background->sync();
  if (!synced) flush_error = synced.error();
  return synced;
}

Blobs& Store::blobs() {
  return *implementation_->blobs;
}

runtime::DiskResult<> Store::check_room() {
  if (const auto why = implementation_->condition->why_writes_fail())
    return std::unexpected(
        runtime::DiskError{runtime::DiskError::Kind::other, "Nothing can be stored: " + *why});
  if (implementation_->until_room_is_checked > 0) {
    --implementation_->until_room_is_checked;
    return {};
  }
  std::uint64_t database_bytes = 0;
  implementation_->db().GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize,
                                       &database_bytes);
  implementation_->space->set_database_bytes(database_bytes);
  auto room = implementation_->space->check();
  if (room) {
    implementation_->until_room_is_checked = writes_between_checks;
  } else if (std::exchange(implementation_->erased, false)) {
    implementation_->background->reclaim_soon();
  }
  return room;
}

bool Store::is_behind() const {
  std::uint64_t full_memtables = 0;
  implementation_->db().GetIntProperty(rocksdb::DB::Properties::kNumImmutableMemTable,
                                       &full_memtables);
  return full_memtables + 1 >= most_memtables;
}

std::shared_ptr<const Condition> Store::condition() const {
  return implementation_->condition;
}

std::optional<runtime::Time> Store::latest_time() const {
  return implementation_->kept_time;
}

void Store::keep_time(runtime::Time now) {
  std::optional<runtime::Time>& kept = implementation_->kept_time;
  if (!implementation_->unflushed || (kept && now < *kept + std::chrono::seconds(1))) return;
  kept = now;
  Transaction transaction(*this);
  Table<std::uint64_t, std::uint64_t>(*this, run_table)
      .put(latest_time_number, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  try {
    transaction.commit();
  } catch (const StoreFailure&) {
    // Then what the round has committed is in the same danger, and flush tells.
    kept.reset();
  }
}

runtime::DiskResult<> Store::write_lock_text(std::string_view text) {
  return implementation_->lock->write_text(text);
}

Durability Store::durability() const {
  return implementation_->durability;
}

}  // namespace matinee::storage

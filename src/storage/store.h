// The durable state of the whole cloud: one ordered map of bytes on RocksDB, changed in
// transactions by the state thread alone. Services use it through Table and Blobs; this header is
// what those are made of, and what main.cpp opens and flushes.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/workers.h"
#include "storage/cursor.h"
#include "storage/record.h"

namespace matinee::storage {

class Blobs;
class Condition;
struct Verification;

/// What a reply to a write promises.
enum class Durability {
  process,  ///< It survives kill -9. A power cut takes back at most the last 100 ms.
  power,    ///< It survives a power cut.
  memory,   ///< Nothing: there is no directory.
};

struct StoreOptions {
  /// Created if missing. Ignored with Durability::memory.
  std::string directory;
  Durability durability = Durability::process;
  /// Required unless the durability is `memory`.
  runtime::Disk* disk = nullptr;
  /// Where files are synced and removed in the background. Without workers that happens only in
  /// sync() and in the destructor. Disk and workers must outlive the store.
  runtime::Workers* workers = nullptr;
  /// Opens a damaged log up to the damage, and keeps the rest in a subdirectory.
  bool accept_loss = false;
  /// Changes nothing in the directory, which has to exist, and opens as much of it as can be read:
  /// to be looked through with `verify`.
  bool read_only = false;
  std::size_t memtable_bytes = std::size_t{16} << 20;
  std::size_t block_cache_bytes = std::size_t{16} << 20;
};

struct OpenError {
  enum class Kind { locked, not_writable, newer_format, damaged };
  Kind kind = Kind::damaged;
  /// One sentence for the user, with its full stop.
  std::string message;
  /// With `locked`: who holds the directory.
  std::optional<runtime::LockHolder> holder;
};

/// A commit that the disk refused; its transaction has been rolled back.
class StoreFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One ordered map from bytes to bytes. Used by the state thread only.
class Store {
 public:
  /// The version of the directory's layout that this program writes. Opening an older one upgrades
  /// it; a newer one is refused.
  static constexpr int format_version = 3;

  /// Takes the directory's lock for as long as the store lives.
  static std::expected<std::unique_ptr<Store>, OpenError> open(const StoreOptions& options);

  /// Flushes and syncs. Must not be in a transaction.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Starts the current transaction; there is at most one. Prefer the class Transaction.
  void begin();
  /// Makes its writes visible, all at once, then runs its on_commit functions. Throws StoreFailure
  /// if the disk refuses, after a rollback.
  void commit();
  /// Forgets its writes and runs its on_rollback functions, last given first.
  void rollback();
  bool in_transaction() const;

  /// Run at the end of the current transaction, one or the other: for services that mirror tables
  /// in memory. They must not throw, and must not write.
  void on_commit(runtime::Callback callback);
  void on_rollback(runtime::Callback callback);

  /// The value of a key, with the current transaction's own writes. Valid until the next call.
  std::optional<std::string_view> find(std::string_view key) const;
  bool contains(std::string_view key) const;
  /// Writes are part of the current transaction; without one they are a bug.
  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  /// All keys in the range. The cost does not depend on how many there are.
  void erase_range(const KeyRange& range);

  /// The keys of the range in order, with the current transaction's own writes, even those made
  /// while the cursor is in use. It must not outlive the transaction; one made outside of a
  /// transaction sees the state of that moment, for as long as it lives, and never later writes.
  Cursor cursor(const KeyRange& range) const;

  /// Keeps the promise of the durability level for everything committed so far. Once a round of the
  /// loop. Costs nothing if nothing was committed. After an error no reply may go out any more.
  runtime::DiskResult<> flush();
  /// flush, and survives a power cut.
  runtime::DiskResult<> sync();

  Blobs& blobs();

  /// An error of kind no_space while so little of the disk is free that only what frees space
  /// should be committed; other writes still can be, until the disk refuses them. Asks the disk now
  /// and then, and every time while there is no room.
  runtime::DiskResult<> check_room();

  /// Whether what was committed came faster than the disk takes it. Whoever goes on to commit much
  /// will be made to wait inside of `commit`, and everybody else with it.
  bool is_behind() const;

  /// How the store is. To be asked from any thread.
  std::shared_ptr<const Condition> condition() const;

  /// Looks through all files and records, and through the blobs without reading their content. Of a
  /// store that was opened read-only.
  void verify(Verification& found) const;

  /// The latest time that keep_time has stored, if any.
  std::optional<runtime::Time> latest_time() const;
  /// Stores the time with what the current round has committed, once a second. To be called before
  /// flush: a restart begins no earlier, whatever has been done to the machine's clock.
  void keep_time(runtime::Time now);

  /// Text that others read while this store holds the directory, such as the server's address.
  /// Nothing is done in memory.
  runtime::DiskResult<> write_lock_text(std::string_view text);

  Durability durability() const;

 private:
  struct Implementation;
  explicit Store(std::unique_ptr<Implementation> implementation);
  static std::expected<std::unique_ptr<Store>, OpenError> open_to_read(const StoreOptions& options);

  std::unique_ptr<Implementation> implementation_;
};

/// The current transaction of a store for the length of a scope: rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Store& store) : store_(&store) { store.begin(); }
  ~Transaction() {
    if (store_ != nullptr) store_->rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit() { std::exchange(store_, nullptr)->commit(); }

 private:
  Store* store_;
};

/// Who holds a data directory at this moment: how commands find the running server.
std::optional<runtime::LockHolder> find_holder(const runtime::Disk& disk,
                                               const std::string& directory);

}  // namespace matinee::storage

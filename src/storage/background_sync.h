// What happens to files behind the state thread's back: syncing, removing, collecting left-overs,
// and trying again what the disk has refused.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/workers.h"
#include "storage/blob_files.h"
#include "storage/condition.h"
#include "storage/synced_log.h"

namespace matinee::storage {

/// Syncs blobs before the log, so that the log never names a blob that a power cut took, and
/// removes the files of removed blobs after it, so that it never still names one that is gone.
class BackgroundSync : public std::enable_shared_from_this<BackgroundSync> {
 public:
  static constexpr runtime::Duration interval = std::chrono::milliseconds(100);
  static constexpr runtime::Duration quiet_start = std::chrono::seconds(2);
  static constexpr runtime::Duration until_next_try = std::chrono::seconds(1);

  struct Parts {
    rocksdb::DB& db;
    std::shared_ptr<BlobFiles> files;
    std::shared_ptr<Condition> condition;
    /// Null for a store without a log.
    std::unique_ptr<SyncedLogFile> synced;
    /// Whether the data directory is still where it was.
    std::function<bool()> is_in_place;
  };
  /// Without `workers` nothing happens by itself.
  BackgroundSync(Parts parts, runtime::Workers* workers);

  /// Lets RocksDB merge files a little later: at the start of a program its services read much, and
  /// somebody waits for them.
  void begin_compactions();
  /// Something was flushed: it is synced within the interval, and SYNCED is brought up to date.
  void schedule();
  /// Syncs everything flushed so far, on the calling thread.
  runtime::DiskResult<> sync();
  /// Removes the files of removed blobs at once: for a store without a log.
  runtime::DiskResult<> remove_blobs();
  /// Removes the files of earlier runs that no key names which begins with `live_blobs`, as of now.
  void collect_blobs(std::string live_blobs);
  /// Moves such files to `place` instead, before it returns.
  runtime::DiskResult<> set_blobs_aside(const std::string& live_blobs, const std::string& place);

  /// From now on the files of removed blobs stay where they are, and the database stays open, until
  /// as many calls of release_removals: somebody copies the store. False once it is being closed.
  /// From any thread.
  bool hold_removals();
  void release_removals();

  /// Sees to an error of the background work: tries again until it works, once a second. From any
  /// thread.
  void recover_soon();
  /// Merges files so that what was deleted takes no more room. One at a time.
  void reclaim_soon();

  /// The first error of the background, after which nothing more is promised.
  std::optional<runtime::DiskError> error() const;
  /// Waits for what is running; nothing touches the database after that.
  void stop();

 private:
  void run_scheduled();
  void enable_compactions();
  void recover();
  void reclaim();
  void collect_shard(std::size_t shard, std::shared_ptr<const std::string> live_blobs);
  bool is_live(const std::string& live_blobs, std::uint64_t id);
  runtime::DiskResult<> sync_locked();
  runtime::DiskResult<> remove_files(const std::vector<std::uint64_t>& blobs);
  void release_snapshot();
  void fail(runtime::DiskError error);

  rocksdb::DB& db_;
  std::shared_ptr<BlobFiles> files_;
  std::shared_ptr<Condition> condition_;
  std::unique_ptr<SyncedLogFile> synced_;
  std::function<bool()> is_in_place_;
  runtime::Workers* workers_;
  const rocksdb::Snapshot* at_start_ = nullptr;

  std::mutex working_;  // Held while files or the database are worked on.
  bool stopped_ = false;
  LogExtent last_synced_;

  std::mutex holding_;
  std::condition_variable released_;
  int holds_ = 0;
  bool is_closing_ = false;
  std::vector<std::uint64_t> held_back_;  // Blobs whose files are removed once nobody copies.

  std::mutex merging_;  // Held for as long as that takes, while files are merged to make room.
  std::atomic<bool> stop_merging_ = false;

  mutable std::mutex mutex_;
  bool scheduled_ = false;
  bool recovering_ = false;
  bool reclaiming_ = false;
  std::optional<runtime::DiskError> error_;
};

}  // namespace matinee::storage

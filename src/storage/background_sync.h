// What happens to files behind the state thread's back: syncing, removing, collecting left-overs.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/workers.h"
#include "storage/blob_files.h"

namespace matinee::storage {

/// Syncs blobs before the log, so that the log never names a blob that a power cut took, and
/// removes the files of removed blobs after it, so that it never still names one that is gone.
class BackgroundSync : public std::enable_shared_from_this<BackgroundSync> {
 public:
  static constexpr runtime::Duration interval = std::chrono::milliseconds(100);
  static constexpr runtime::Duration quiet_start = std::chrono::seconds(2);

  /// Without `workers` nothing happens by itself.
  BackgroundSync(rocksdb::DB& db, std::shared_ptr<BlobFiles> files, runtime::Workers* workers);

  /// Lets RocksDB merge files a little later: at the start of a program its services read much, and
  /// somebody waits for them.
  void begin_compactions();
  /// Something was flushed: it is synced within the interval.
  void schedule();
  /// Syncs everything flushed so far, on the calling thread.
  runtime::DiskResult<> sync();
  /// Removes the files of removed blobs at once: for a store without a log.
  runtime::DiskResult<> remove_blobs();
  /// Removes the files of earlier runs that no key names which begins with `live_blobs`, as of now.
  void collect_blobs(std::string live_blobs);

  /// The first error of the background, after which nothing more is promised.
  std::optional<runtime::DiskError> error() const;
  /// Waits for what is running; nothing touches the database after that.
  void stop();

 private:
  void run_scheduled();
  void enable_compactions();
  void collect_shard(std::size_t shard, std::shared_ptr<const std::string> live_blobs);
  runtime::DiskResult<> sync_locked();
  runtime::DiskResult<> remove_files(const std::vector<std::uint64_t>& blobs);
  void release_snapshot();

  rocksdb::DB& db_;
  std::shared_ptr<BlobFiles> files_;
  runtime::Workers* workers_;
  const rocksdb::Snapshot* at_start_ = nullptr;

  std::mutex working_;  // Held while files or the database are worked on.
  bool stopped_ = false;

  mutable std::mutex mutex_;
  bool scheduled_ = false;
  std::optional<runtime::DiskError> error_;
};

}  // namespace matinee::storage

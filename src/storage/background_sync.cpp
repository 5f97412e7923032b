#include "storage/background_sync.h"

#include "storage/database.h"
#include "storage/key.h"

namespace matinee::storage {

BackgroundSync::BackgroundSync(rocksdb::DB& db, std::shared_ptr<BlobFiles> files,
                               runtime::Workers* workers)
    : db_(db), files_(std::move(files)), workers_(workers) {}

void BackgroundSync::begin_compactions() {
  if (workers_ == nullptr) return enable_compactions();
  workers_->post_after(quiet_start, [self = shared_from_this()] { self->enable_compactions(); });
}

void BackgroundSync::enable_compactions() {
  std::lock_guard working(working_);
  if (stopped_) return;
  // An error, as on a full disk, leaves more files to look into until the next start.
  (void)db_.EnableAutoCompaction({db_.DefaultColumnFamily()});
}

void BackgroundSync::schedule() {
  if (workers_ == nullptr) return;
  {
    std::lock_guard guard(mutex_);
    if (std::exchange(scheduled_, true)) return;
  }
  workers_->post_after(interval, [self = shared_from_this()] { self->run_scheduled(); });
}

void BackgroundSync::run_scheduled() {
  {
    std::lock_guard guard(mutex_);
    scheduled_ = false;
  }
  std::lock_guard working(working_);
  if (stopped_) return;
  if (auto synced = sync_locked(); !synced) {
    std::lock_guard guard(mutex_);
    if (!error_) error_ = synced.error();
  }
}

runtime::DiskResult<> BackgroundSync::sync() {
  std::lock_guard working(working_);
  return sync_locked();
}

runtime::DiskResult<> BackgroundSync::sync_locked() {
  std::vector<std::uint64_t> removed = files_->take_removed();
  if (auto synced = files_->sync_written(); !synced) return synced;
  rocksdb::Status status = db_.SyncWAL();
  if (!status.ok()) return std::unexpected(to_disk_error(status));
  return remove_files(removed);
}

runtime::DiskResult<> BackgroundSync::remove_blobs() {
  std::lock_guard working(working_);
  return remove_files(files_->take_removed());
}

runtime::DiskResult<> BackgroundSync::remove_files(const std::vector<std::uint64_t>& blobs) {
  for (std::uint64_t id : blobs) {
    if (auto removed = files_->remove_now(id); !removed) return removed;
  }
  return {};
}

void BackgroundSync::collect_blobs(std::string live_blobs) {
  // As of the start: what is removed later is removed with care, by sync_locked.
  at_start_ = db_.GetSnapshot();
  auto shared = std::make_shared<const std::string>(std::move(live_blobs));
  if (workers_ == nullptr) {
    for (std::size_t shard = 0; shard < BlobFiles::shard_count; ++shard) {
      collect_shard(shard, shared);
    }
    return;
  }
  workers_->post([self = shared_from_this(), shared] { self->collect_shard(0, shared); });
}

void BackgroundSync::collect_shard(std::size_t shard,
                                   std::shared_ptr<const std::string> live_blobs) {
  std::lock_guard working(working_);
  if (stopped_) return;
  rocksdb::ReadOptions options;
  options.snapshot = at_start_;
  // Left-overs that cannot be listed or removed now are left to the next start.
  auto earlier = files_->list_earlier_runs(shard);
  for (std::uint64_t id : earlier.value_or(std::vector<std::uint64_t>())) {
    rocksdb::PinnableSlice value;
    std::string key = *live_blobs + encode_key(id);
    if (db_.Get(options, db_.DefaultColumnFamily(), key, &value).IsNotFound()) {
      (void)files_->remove_now(id);
    }
  }
  if (shard + 1 == BlobFiles::shard_count) return release_snapshot();
  if (workers_ == nullptr) return;
  workers_->post([self = shared_from_this(), shard, live_blobs] {
    self->collect_shard(shard + 1, live_blobs);
  });
}

void BackgroundSync::release_snapshot() {
  if (at_start_ != nullptr) db_.ReleaseSnapshot(std::exchange(at_start_, nullptr));
}

std::optional<runtime::DiskError> BackgroundSync::error() const {
  std::lock_guard guard(mutex_);
  return error_;
}

void BackgroundSync::stop() {
  std::lock_guard working(working_);
  stopped_ = true;
  release_snapshot();
}

}  // namespace matinee::storage

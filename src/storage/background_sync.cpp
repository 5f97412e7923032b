#include "storage/background_sync.h"

#include "storage/database.h"
#include "storage/key.h"

namespace matinee::storage {

BackgroundSync::BackgroundSync(Parts parts, runtime::Workers* workers)
    : db_(parts.db),
      files_(std::move(parts.files)),
      condition_(std::move(parts.condition)),
      synced_(std::move(parts.synced)),
      is_in_place_(std::move(parts.is_in_place)),
      workers_(workers) {}

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
  if (auto synced = sync_locked(); !synced) return fail(synced.error());
  if (is_in_place_ && !is_in_place_())
    return fail({runtime::DiskError::Kind::not_found,
                 "the data directory was removed or replaced while it was in use"});
  if (synced_) synced_->note(last_synced_);
}

runtime::DiskResult<> BackgroundSync::sync() {
  std::lock_guard working(working_);
  return sync_locked();
}

runtime::DiskResult<> BackgroundSync::sync_locked() {
  std::vector<std::uint64_t> removed = files_->take_removed();
  if (auto synced = files_->sync_written(); !synced) return synced;
  std::unique_ptr<rocksdb::LogFile> log;
  if (synced_) (void)db_.GetCurrentWalFile(&log);
  rocksdb::Status status = db_.SyncWAL();
  if (!status.ok()) return std::unexpected(to_disk_error(status));
  if (log) last_synced_ = {.number = log->LogNumber(), .bytes = log->SizeFileBytes()};
  return remove_files(removed);
}

runtime::DiskResult<> BackgroundSync::remove_blobs() {
  std::lock_guard working(working_);
  return remove_files(files_->take_removed());
}

runtime::DiskResult<> BackgroundSync::remove_files(const std::vector<std::uint64_t>& blobs) {
  std::vector<std::uint64_t> removable;
  {
    std::lock_guard guard(holding_);
    held_back_.insert(held_back_.end(), blobs.begin(), blobs.end());
    if (holds_ == 0) removable.swap(held_back_);
  }
  for (std::uint64_t id : removable) {
    if (auto removed = files_->remove_now(id); !removed) return removed;
  }
  return {};
}

bool BackgroundSync::hold_removals() {
  std::lock_guard guard(holding_);
  if (is_closing_) return false;
  ++holds_;
  return true;
}

void BackgroundSync::release_removals() {
  {
    std::lock_guard guard(holding_);
    if (--holds_ > 0) return;
    released_.notify_all();
    if (held_back_.empty()) return;
  }
  schedule();
}

void BackgroundSync::recover_soon() {
  if (workers_ == nullptr) return;
  {
    std::lock_guard guard(mutex_);
    if (std::exchange(recovering_, true)) return;
  }
  workers_->post_after(until_next_try, [self = weak_from_this()] {
    if (const auto sync = self.lock()) sync->recover();
  });
}

void BackgroundSync::recover() {
  {
    std::lock_guard guard(mutex_);
    recovering_ = false;
  }
  std::lock_guard working(working_);
  if (stopped_) return;
  // It would meet the same damage again each second.
  if (condition_->damage())
    (void)db_.SetOptions(db_.DefaultColumnFamily(), {{"disable_auto_compactions", "true"}});
  const std::uint64_t failures = condition_->failures();
  if (!condition_->why_writes_fail()) return;
  if (db_.Resume().ok()) condition_->writes_work(failures);
  if (condition_->why_writes_fail()) recover_soon();
}

void BackgroundSync::reclaim_soon() {
  if (workers_ == nullptr) return reclaim();
  {
    std::lock_guard guard(mutex_);
    if (std::exchange(reclaiming_, true)) return;
  }
  workers_->post_after(until_next_try, [self = shared_from_this()] { self->reclaim(); });
}

void BackgroundSync::reclaim() {
  std::lock_guard merging(merging_);
  {
    std::lock_guard guard(mutex_);
    reclaiming_ = false;
  }
  if (stop_merging_) return;
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.canceled = &stop_merging_;
  // Without room for this there will be none either way.
  (void)db_.CompactRange(options, nullptr, nullptr);
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

/// Also true of what cannot be looked up.
bool BackgroundSync::is_live(const std::string& live_blobs, std::uint64_t id) {
  rocksdb::ReadOptions options;
  options.snapshot = at_start_;
  rocksdb::PinnableSlice value;
  const std::string key = live_blobs + encode_key(id);
  return !db_.Get(options, db_.DefaultColumnFamily(), key, &value).IsNotFound();
}

void BackgroundSync::collect_shard(std::size_t shard,
                                   std::shared_ptr<const std::string> live_blobs) {
  std::lock_guard working(working_);
  if (stopped_) return;
  // Left-overs that cannot be listed or removed now are left to the next start.
  auto earlier = files_->list_earlier_runs(shard);
  for (std::uint64_t id : earlier.value_or(std::vector<std::uint64_t>())) {
    if (!is_live(*live_blobs, id)) (void)files_->remove_now(id);
  }
  if (shard + 1 == BlobFiles::shard_count) return release_snapshot();
  if (workers_ == nullptr) return;
  workers_->post([self = shared_from_this(), shard, live_blobs] {
    self->collect_shard(shard + 1, live_blobs);
  });
}

runtime::DiskResult<> BackgroundSync::set_blobs_aside(const std::string& live_blobs,
                                                      const std::string& place) {
  std::lock_guard working(working_);
  for (std::size_t shard = 0; shard < BlobFiles::shard_count; ++shard) {
    auto earlier = files_->list_earlier_runs(shard);
    if (!earlier) return std::unexpected(earlier.error());
    for (std::uint64_t id : *earlier) {
      if (is_live(live_blobs, id)) continue;
      if (auto moved = files_->set_aside(id, place); !moved) return moved;
    }
  }
  return {};
}

void BackgroundSync::release_snapshot() {
  if (at_start_ != nullptr) db_.ReleaseSnapshot(std::exchange(at_start_, nullptr));
}

void BackgroundSync::fail(runtime::DiskError error) {
  condition_->ends(error.message);
  std::lock_guard guard(mutex_);
  if (!error_) error_ = std::move(error);
}

std::optional<runtime::DiskError> BackgroundSync::error() const {
  std::lock_guard guard(mutex_);
  return error_;
}

void BackgroundSync::stop() {
  {
    std::unique_lock guard(holding_);
    is_closing_ = true;
    released_.wait(guard, [this] { return holds_ == 0; });
  }
  stop_merging_ = true;
  std::lock_guard merging(merging_);
  std::lock_guard working(working_);
  if (synced_ && !stopped_ && last_synced_.number != 0) synced_->note(last_synced_);
  stopped_ = true;
  release_snapshot();
}

}  // namespace matinee::storage

#include "storage/blob_files.h"

#include <charconv>

namespace matinee::storage {

namespace {

using runtime::DiskError;

/// From this many on, syncing the whole file system takes less time than syncing each file.
constexpr std::size_t many_files = 32;

std::string hexadecimal(std::uint64_t value, std::size_t digits) {
  std::string out(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 4) out[i] = "0123456789abcdef"[value & 15];
  return out;
}

/// Different ones for different n, of which those divided by shard_count leave less than
/// used_shards. 0 is for 0 alone.
constexpr std::uint64_t nth_number(std::uint64_t n) {
  return n / BlobFiles::used_shards * BlobFiles::shard_count + n % BlobFiles::used_shards;
}

/// A file that is gone needs no sync: its writer gave up.
bool matters(const runtime::DiskResult<>& result) {
  return !result && result.error().kind != DiskError::Kind::not_found;
}

/// The blobs in a directory, which need not be there.
runtime::DiskResult<std::vector<std::uint64_t>> list_blobs(const runtime::Disk& disk,
                                                           const std::string& directory) {
  std::vector<std::uint64_t> found;
  auto names = disk.list(directory);
  if (!names && names.error().kind == DiskError::Kind::not_found) return found;
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    std::uint64_t id = 0;
    const char* end = name.data() + name.size();
    auto [rest, error] = std::from_chars(name.data(), end, id, 16);
    if (error == std::errc() && rest == end) found.push_back(id);
  }
  return found;
}

}  // namespace

BlobFiles::BlobFiles(Place place, std::uint64_t run, Sync sync)
    : disk_(place.disk),
      space_(place.space),
      directory_(std::move(place.directory)),
      run_(run),
      sync_(sync) {}

std::string BlobFiles::shard_path(std::uint64_t id) const {
  return directory_ + "/" + hexadecimal(id % shard_count, 2);
}

std::string BlobFiles::path(std::uint64_t id) const {
  return shard_path(id) + "/" + hexadecimal(id, 16);
}

runtime::DiskResult<BlobFiles::Created> BlobFiles::create() {
  if (auto room = check_room(); !room) return std::unexpected(room.error());
  const std::uint64_t id = run_ << run_shift | nth_number(next_++);
  if (auto created = create_shard(id); !created) return std::unexpected(created.error());
  auto file = disk_.create(path(id));
  if (!file) return std::unexpected(file.error());
  return Created{id, *std::move(file)};
}

runtime::DiskResult<> BlobFiles::create_shard(std::uint64_t id) {
  std::lock_guard guard(mutex_);
  bool& created = created_shards_[id % shard_count];
  if (created) return {};
  if (auto result = disk_.create_directories(shard_path(id)); !result) return result;
  if (sync_ == Sync::at_once) {
    if (auto result = disk_.sync_directory(directory_); !result) return result;
    if (auto result = disk_.sync_directory(directory_ + "/.."); !result) return result;
  }
  shards_unsynced_ = sync_ == Sync::later;
  created = true;
  return {};
}

runtime::DiskResult<> BlobFiles::finish(std::uint64_t id, runtime::WritableFile& file) {
  if (sync_ == Sync::at_once) {
    if (auto synced = file.sync(); !synced) return synced;
    return disk_.sync_directory(shard_path(id));
  }
  if (sync_ == Sync::later) {
    std::lock_guard guard(mutex_);
    unsynced_.push_back(id);
  }
  return {};
}

runtime::DiskResult<std::shared_ptr<const Blob>> BlobFiles::open(const BlobRef& blob) const {
  auto file = disk_.open(path(blob.id));
  if (file && (*file)->size() != blob.size) {
    return std::unexpected(
        DiskError{DiskError::Kind::other, "the blob " + path(blob.id) + " is not of its size"});
  }
  return file;
}

runtime::DiskResult<> BlobFiles::remove_now(std::uint64_t id) {
  return disk_.remove(path(id));
}

runtime::DiskResult<> BlobFiles::sync_written() {
  std::vector<std::uint64_t> written;
  bool new_shards = false;
  {
    std::lock_guard guard(mutex_);
    written.swap(unsynced_);
    new_shards = std::exchange(shards_unsynced_, false);
  }
  if (written.size() > many_files) return disk_.sync_everything(directory_);
  std::set<std::string> shards;
  for (std::uint64_t id : written) {
    if (auto synced = disk_.sync_file(path(id)); matters(synced)) return synced;
    shards.insert(shard_path(id));
  }
  for (const std::string& shard : shards) {
    if (auto synced = disk_.sync_directory(shard); !synced) return synced;
  }
  if (!new_shards) return {};
  if (auto synced = disk_.sync_directory(directory_); !synced) return synced;
  return disk_.sync_directory(directory_ + "/..");
}

void BlobFiles::removal_committed(std::uint64_t id) {
  std::lock_guard guard(mutex_);
  removed_unflushed_.push_back(id);
}

void BlobFiles::removals_flushed() {
  std::lock_guard guard(mutex_);
  removed_.insert(removed_.end(), removed_unflushed_.begin(), removed_unflushed_.end());
  removed_unflushed_.clear();
}

std::vector<std::uint64_t> BlobFiles::take_removed() {
  std::lock_guard guard(mutex_);
  return std::exchange(removed_, {});
}

runtime::DiskResult<> BlobFiles::set_aside(std::uint64_t id, const std::string& place) {
  if (auto made = disk_.create_directories(place); !made) return made;
  return disk_.rename(path(id), place + "/" + hexadecimal(id, 16));
}

runtime::DiskResult<std::uint64_t> BlobFiles::find_latest_run(const runtime::Disk& disk,
                                                              const std::string& directory) {
  std::uint64_t latest = 0;
  for (std::size_t shard = 0; shard < shard_count; ++shard) {
    const auto ids = list_blobs(disk, directory + "/" + hexadecimal(shard, 2));
    if (!ids) return std::unexpected(ids.error());
    for (const std::uint64_t id : *ids) latest = std::max(latest, id >> run_shift);
  }
  return latest;
}

runtime::DiskResult<std::vector<std::uint64_t>> BlobFiles::list_earlier_runs(
    std::size_t shard) const {
  auto found = list_blobs(disk_, shard_path(shard));
  if (found) std::erase_if(*found, [this](std::uint64_t id) { return !is_of_earlier_run(id); });
  return found;
}

}  // namespace matinee::storage

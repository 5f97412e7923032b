#include "storage/copier.h"

#include <rocksdb/utilities/checkpoint.h>

#include <limits>

#include "runtime/links.h"
#include "storage/background_sync.h"
#include "storage/database.h"

namespace matinee::storage {

namespace {

/// Keeps the files of bodies where they are, and the store open, for the length of a scope.
class RemovalsHeld {
 public:
  explicit RemovalsHeld(BackgroundSync& background)
      : background_(background), is_holding_(background.hold_removals()) {}
  ~RemovalsHeld() {
    if (is_holding_) background_.release_removals();
  }
  explicit operator bool() const { return is_holding_; }
  RemovalsHeld(const RemovalsHeld&) = delete;
  RemovalsHeld& operator=(const RemovalsHeld&) = delete;

 private:
  BackgroundSync& background_;
  bool is_holding_;
};

runtime::DiskError is_closing() {
  return {runtime::DiskError::Kind::other, "the store is being closed"};
}

/// Of all files in a directory.
runtime::DiskResult<std::uint64_t> size_of_files(const runtime::Disk& disk,
                                                 const std::string& directory) {
  const auto names = disk.list(directory);
  if (!names) return std::unexpected(names.error());
  std::uint64_t bytes = 0;
  for (const std::string& name : *names) {
    const auto size = disk.size(directory + "/" + name);
    if (!size) return std::unexpected(size.error());
    bytes += *size;
  }
  return bytes;
}

}  // namespace

runtime::DiskResult<CopiedStore> Copier::copy_to(const std::string& target) const {
  const auto background = background_.lock();
  if (!background) return std::unexpected(is_closing());
  const RemovalsHeld held(*background);
  if (!held) return std::unexpected(is_closing());
  // Bodies first: what the database's copy names then is on the disk too.
  if (auto synced = background->sync(); !synced) return std::unexpected(synced.error());
  if (auto copied = copy_database(target); !copied) return std::unexpected(copied.error());
  const auto bytes = size_of_files(source_.disk, target + "/store");
  if (!bytes) return std::unexpected(bytes.error());
  CopiedStore copied{.bytes = *bytes};
  // Only now: a body that the copy of the database names was written before it was named.
  if (auto linked = link_bodies(target, copied); !linked) return std::unexpected(linked.error());
  return copied;
}

/// Without writing what is in memory to a file first, which would take as long as there is much of
/// it: the log has it.
runtime::DiskResult<> Copier::copy_database(const std::string& target) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&source_.db, &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok())
    status =
        checkpoint->CreateCheckpoint(target + "/store", std::numeric_limits<std::uint64_t>::max());
  if (!status.ok()) return std::unexpected(to_disk_error(status));
  return {};
}

/// All that are there: those that no record names are what a start collects.
runtime::DiskResult<> Copier::link_bodies(const std::string& target, CopiedStore& copied) const {
  runtime::Disk& disk = source_.disk;
  const std::string from = source_.directory + "/blobs";
  const std::string to = target + "/blobs";
  if (auto made = disk.create_directories(to); !made) return made;
  if (!disk.exists(from)) return {};
  const auto shards = disk.list(from);
  if (!shards) return std::unexpected(shards.error());
  for (const std::string& shard : *shards) {
    const auto names = disk.list(from + "/" + shard);
    if (!names) return std::unexpected(names.error());
    if (names->empty()) continue;
    if (auto made = disk.create_directories(to + "/" + shard); !made) return made;
    for (const std::string& name : *names) {
      const std::string path = shard + "/" + name;
      const auto size = disk.size(from + "/" + path);
      const auto linked = runtime::link_file(disk, from + "/" + path, to + "/" + path);
      // One whose writer has given up meanwhile: nothing names it.
      if (!linked && linked.error().kind == runtime::DiskError::Kind::not_found) continue;
      if (!linked) return linked;
      ++copied.bodies;
      copied.bytes += size.value_or(0);
    }
  }
  return {};
}

}  // namespace matinee::storage

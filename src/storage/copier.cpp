#include "storage/copier.h"

#include <rocksdb/utilities/checkpoint.h>

#include "storage/background_sync.h"
#include "storage/database.h"
#include "storage/linked_bodies.h"

namespace matinee::storage {

namespace {

/// What is in memory goes to a file first where the log of it is longer than this: whoever opens
/// the copy has to read the log, for each fork and each restore, which takes more than twice as
/// long (bench/README.md, "Snapshots").
constexpr std::uint64_t longest_copied_log = std::uint64_t{256} << 10;

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
  // Only now: a body that the copy of the database names was written before it was named. All that
  // are there: those that no record names are what a start collects. Those whose writers give up
  // meanwhile nothing names either.
  const auto linked =
      link_bodies(source_.disk, source_.directory + "/blobs", target + "/blobs", source_.workers);
  if (!linked) return std::unexpected(linked.error());
  return CopiedStore{.bodies = linked->files, .bytes = *bytes + linked->bytes};
}

runtime::DiskResult<> Copier::copy_database(const std::string& target) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&source_.db, &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(target + "/store", longest_copied_log);
  if (!status.ok()) return std::unexpected(to_disk_error(status));
  return {};
}

}  // namespace matinee::storage

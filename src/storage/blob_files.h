// The blobs' files: where they are, which of them are not synced yet, and which are to be removed.
// Shared by the state thread, by those who write blobs and by the workers.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "runtime/disk.h"
#include "storage/blobs.h"
#include "storage/free_space.h"

namespace matinee::storage {

/// A blob's identity is the number of the store's run, counted up at each opening, and a number
/// within the run. So a file of an earlier run that no record names can only be a left-over.
class BlobFiles {
 public:
  static constexpr int run_shift = 40;
  /// The directories that there may be: by the last byte of the identity.
  static constexpr std::size_t shard_count = 256;
  /// Those that new blobs are in. Each costs whoever copies a store some 0.3 ms to make and
  /// milliseconds to remove, where a link takes 0.01 ms; a few are enough for writers not to wait
  /// for each other.
  static constexpr std::uint64_t used_shards = 8;
  /// For one that is only read: all that is there comes from earlier runs.
  static constexpr std::uint64_t after_all_runs = std::uint64_t{1} << (64 - run_shift);

  enum class Sync {
    later,    ///< By sync_written.
    at_once,  ///< When a writer finishes, on its thread.
    never,    ///< In memory.
  };

  /// Where the files are, and what is left there. Both must outlive it.
  struct Place {
    runtime::Disk& disk;
    const FreeSpace& space;
    std::string directory;
  };
  BlobFiles(Place place, std::uint64_t run, Sync sync);

  struct Created {
    std::uint64_t id = 0;
    std::unique_ptr<runtime::WritableFile> file;
  };
  /// An error of kind no_space comes before the disk is full to the last byte.
  runtime::DiskResult<> check_room() const { return space_.check(); }
  runtime::DiskResult<Created> create();
  runtime::DiskResult<> finish(std::uint64_t id, runtime::WritableFile& file);
  runtime::DiskResult<std::shared_ptr<const Blob>> open(const BlobRef& blob) const;
  /// A file that no durable record names.
  runtime::DiskResult<> remove_now(std::uint64_t id);
  /// Moves such a file to another directory, instead.
  runtime::DiskResult<> set_aside(std::uint64_t id, const std::string& place);

  /// Syncs what was finished before the call; to be followed by a sync of the log.
  runtime::DiskResult<> sync_written();

  /// The transaction that removes the blob is committed.
  void removal_committed(std::uint64_t id);
  /// All removals committed so far are flushed to the log.
  void removals_flushed();
  /// The blobs whose removals were flushed so far: their files can go once the log is synced.
  std::vector<std::uint64_t> take_removed();

  bool is_of_earlier_run(std::uint64_t id) const { return id >> run_shift < run_; }

  /// The latest run of which there is a file in `directory`; 0 where there is none.
  static runtime::DiskResult<std::uint64_t> find_latest_run(const runtime::Disk& disk,
                                                            const std::string& directory);
  /// The blobs of earlier runs in one of the shard_count directories.
  runtime::DiskResult<std::vector<std::uint64_t>> list_earlier_runs(std::size_t shard) const;

 private:
  std::string shard_path(std::uint64_t id) const;
  std::string path(std::uint64_t id) const;
  runtime::DiskResult<> create_shard(std::uint64_t id);

  runtime::Disk& disk_;
  const FreeSpace& space_;
  std::string directory_;
  std::uint64_t run_;
  Sync sync_;
  std::atomic<std::uint64_t> next_ = 1;

  std::mutex mutex_;
  std::array<bool, shard_count> created_shards_{};
  std::vector<std::uint64_t> unsynced_;
  bool shards_unsynced_ = false;
  std::vector<std::uint64_t> removed_unflushed_;
  std::vector<std::uint64_t> removed_;
};

}  // namespace matinee::storage

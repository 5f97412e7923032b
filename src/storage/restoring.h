// A data directory becomes what one of its snapshots is. First the copy that it is to have is made,
// in DIR/restoring: that name appears by one rename, and from then on it is decided. Whoever enters
// the directory next puts the copy in its place, step by step; a crash between two steps leaves the
// rest to the one after.
#pragma once

#include <string>

#include "runtime/disk.h"
#include "runtime/workers.h"
#include "storage/store.h"

namespace matinee::storage {

/// A data directory that is to become one of its snapshots, which stays.
struct Restore {
  std::string directory;
  std::string name;
  std::string unfinished;               // a name that nobody else uses
  runtime::Workers* workers = nullptr;  // who helps, if anybody
};

/// Decides it for a directory that may be in use. The error has the kind `not_found` where there is
/// no such snapshot, and `already_exists` where it has been decided already. By a worker.
runtime::DiskResult<> prepare_restore(runtime::Disk& disk, const Restore& wanted);

/// Whether it has been decided, and not been done.
bool is_to_be_restored(const runtime::Disk& disk, const std::string& directory);

/// Does what has been decided, if anything. To be called with the directory's lock, before its
/// store is opened. What was there before is left among the left-overs of snapshots.
runtime::DiskResult<> finish_restore(runtime::Disk& disk, const std::string& directory);

/// Both at once, for a directory that nobody uses, and removes what was there before.
std::expected<void, OpenError> restore(runtime::Disk& disk, const Restore& wanted);

/// A data directory to be made of a snapshot.
struct Fork {
  std::string directory;  // that has the snapshot; it may be in use
  std::string name;
  std::string target;  // must not exist
  /// Where it is made: a path beside the target that nobody else uses, left over by a crash.
  std::string unfinished;
  bool lasts = true;                    // survives a power cut from its beginning
  bool consumes = false;                // the snapshot may become the fork, and is gone then
  runtime::Workers* workers = nullptr;  // who helps, if anybody
};

/// What never changes is shared if both directories are on one disk. The new one appears as a
/// whole. Errors are those of `prepare_restore`, with `already_exists` for a target that does, and
/// for an `unfinished` that does, which is left alone. A snapshot to be consumed stays where it
/// cannot be moved; where the fork fails after that, it is gone as well.
runtime::DiskResult<> make_fork(runtime::Disk& disk, const Fork& wanted);

}  // namespace matinee::storage

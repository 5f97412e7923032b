// A snapshot as one file, to be kept elsewhere or given to others: an archive as `tar` reads it,
// packed with gzip, whose checksums tell damage.
#pragma once

#include <string>

#include "runtime/disk.h"
#include "storage/snapshots.h"

namespace matinee::cli {

/// A snapshot of a data directory.
struct NamedSnapshot {
  std::string directory;  // of the data; a server may use it
  std::string name;
};

/// Makes `file`, which must not exist; it appears as a whole. The error has the kind `not_found`
/// where there is no such snapshot.
runtime::DiskResult<> export_snapshot(runtime::Disk& disk, const NamedSnapshot& snapshot,
                                      const std::string& file);

/// Makes a snapshot of what `export_snapshot` has made. What is in the file is not trusted: only
/// names that a snapshot has are taken, and anything that is damaged, missing, or too much is an
/// error, after which nothing is left. `unfinished` is a name that nobody else uses.
runtime::DiskResult<storage::Snapshot> import_snapshot(runtime::Disk& disk,
                                                       const NamedSnapshot& snapshot,
                                                       const std::string& file,
                                                       const std::string& unfinished);

}  // namespace matinee::cli

// Whether the logs of a data directory hold all that they should, before the database opens them:
// it would use what it can, drop the rest without a word, and remove the files.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "runtime/disk.h"

namespace matinee::storage {

/// From some place on, the logs are not what was written.
struct LogDamage {
  /// What is wrong, as a part of a sentence: "its log store/000012.log is missing".
  std::string what;
  /// The log in which it begins, and how much of that can be used; later ones cannot at all.
  std::uint64_t log = 0;
  std::uint64_t usable_bytes = 0;
};

struct LogCheck {
  std::optional<LogDamage> damage;
  /// What a power cut took of what had not been synced, for which it may; otherwise empty. A whole
  /// sentence.
  std::string lost;
};

/// Reads the logs that the database in `directory`/store still needs. A torn end is no damage.
runtime::DiskResult<LogCheck> check_logs(const runtime::Disk& disk, const std::string& directory);

/// Moves what cannot be used to a new subdirectory of `directory`, whose name is returned, so that
/// the rest can be opened. Until finish_loss the directory says that a loss is being accepted.
runtime::DiskResult<std::string> accept_loss(runtime::Disk& disk, const std::string& directory,
                                             const LogDamage& damage);

/// The subdirectory of a loss that was accepted and not finished, also by an earlier run.
std::optional<std::string> find_unfinished_loss(const runtime::Disk& disk,
                                                const std::string& directory);
runtime::DiskResult<> finish_loss(runtime::Disk& disk, const std::string& directory);

/// Where SyncedLogFile is.
std::string synced_path(const std::string& directory);

}  // namespace matinee::storage

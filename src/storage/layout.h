// A data directory: LOCK, which its process holds; FORMAT, which says what wrote it; store/, the
// database; blobs/, the bodies too large for it.
#pragma once

#include <memory>

#include "storage/store.h"

namespace matinee::storage {

/// Creates the directory if needed, takes its lock, and checks its format and that nothing is
/// missing as a whole. Changes nothing in a directory that it refuses.
std::expected<std::unique_ptr<runtime::FileLock>, OpenError> enter_directory(
    runtime::Disk& disk, const std::string& directory);

/// The same for a directory that has to exist, and without changing anything in it.
std::expected<std::unique_ptr<runtime::FileLock>, OpenError> enter_to_read(
    runtime::Disk& disk, const std::string& directory);

/// Refuses a directory whose log has lost something, or, if the options accept that, sets aside
/// what is behind the damage.
std::expected<void, OpenError> see_to_logs(runtime::Disk& disk, const StoreOptions& options);

/// What is said of a directory that is damaged, or cannot be used, for a reason without full stop.
OpenError damaged_directory(const std::string& directory, std::string_view what);
OpenError unusable_directory(const std::string& directory, std::string_view why);

/// Marks a new directory as one of this program's, once its database is there.
std::expected<void, OpenError> finish_directory(runtime::Disk& disk, const std::string& directory);

}  // namespace matinee::storage

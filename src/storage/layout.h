// A data directory: LOCK, which its process holds; FORMAT, which says what wrote it; store/, the
// database; blobs/, the bodies too large for it.
#pragma once

#include <memory>

#include "storage/store.h"

namespace matinee::storage {

/// Creates the directory if needed, takes its lock and checks its format. Changes nothing in a
/// directory that it refuses.
std::expected<std::unique_ptr<runtime::FileLock>, OpenError> enter_directory(
    runtime::Disk& disk, const std::string& directory);

}  // namespace matinee::storage

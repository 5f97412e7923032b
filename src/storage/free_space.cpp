#include "storage/free_space.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::storage {

namespace {

constexpr std::uint64_t megabyte = 1 << 20;

/// What must stay free: for the log and for deletions, and for a compaction, which writes new files
/// before it removes the old ones, and takes at most so many at a time.
std::uint64_t reserve_of(std::uint64_t disk_bytes, std::uint64_t database_bytes) {
  return std::min(64 * megabyte, disk_bytes / 4) + std::min(256 * megabyte, database_bytes);
}

}  // namespace

runtime::DiskResult<> FreeSpace::check() const {
  const auto space = disk_.space(directory_);
  if (!space) return std::unexpected(space.error());
  const std::uint64_t reserve = reserve_of(space->total, database_bytes_);
  if (space->free >= reserve) return {};
  return std::unexpected(runtime::DiskError{
      runtime::DiskError::Kind::no_space,
      fmt::format("The disk of the data directory {} is full: of {} MB, {} MB are free, and {} MB "
                  "are kept for what frees space",
                  directory_, space->total / megabyte, space->free / megabyte,
                  reserve / megabyte)});
}

}  // namespace matinee::storage

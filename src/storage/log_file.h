// RocksDB's log format, read without RocksDB: to know what a log holds before the database opens
// it, uses what it can and removes the file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "runtime/disk.h"

namespace matinee::storage {

/// What one log holds. Positions and sizes are in bytes.
struct LogContent {
  std::uint64_t size = 0;
  /// Where the last record ends before which everything checks.
  std::uint64_t good_end = 0;
  /// Pieces of records that check, behind something that does not. A torn end has none.
  std::uint64_t pieces_behind = 0;
  /// Of the records up to good_end: the number of the first write, and of the one that comes next.
  std::optional<std::uint64_t> first_sequence;
  std::uint64_t next_sequence = 0;

  bool is_damaged() const { return pieces_behind > 0; }
};

/// Called with the first bytes of each record, at most 128, up to the first that does not check.
using SeeRecord = std::function<void(std::string_view beginning)>;

/// Reads a log of writes. The error is that of the disk.
runtime::DiskResult<LogContent> read_log(const runtime::ReadableFile& file);

/// Reads any file of this format, such as a MANIFEST.
runtime::DiskResult<LogContent> read_records(const runtime::ReadableFile& file,
                                             const SeeRecord& see);

}  // namespace matinee::storage

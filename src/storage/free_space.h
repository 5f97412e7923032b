// What is left of the disk. A log that cannot be written ends the program, since the replies of its
// round cannot be kept; so nothing that would make the store larger is accepted any more while
// there is still room to read, to delete, and for RocksDB to rewrite its files.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/disk.h"

namespace matinee::storage {

class FreeSpace {
 public:
  FreeSpace(const runtime::Disk& disk, std::string directory)
      : disk_(disk), directory_(std::move(directory)) {}

  /// How large the database's files are, which decides how much rewriting some of them may take.
  /// From any thread.
  void set_database_bytes(std::uint64_t bytes) { database_bytes_ = bytes; }

  /// An error of kind no_space while too little is free. Asks the operating system. From any
  /// thread.
  runtime::DiskResult<> check() const;

 private:
  const runtime::Disk& disk_;
  std::string directory_;
  std::atomic<std::uint64_t> database_bytes_ = 0;
};

}  // namespace matinee::storage

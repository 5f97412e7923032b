// How RocksDB is set up here: one column family, a log that is flushed by hand, little memory while
// idle, and no files or threads that nobody asked for.
#pragma once

#include <rocksdb/db.h>

#include <memory>

#include "storage/background_errors.h"
#include "storage/store.h"
#include "storage/verification.h"

namespace matinee::storage {

/// What is written goes to one of these in memory, and from there to the disk. RocksDB makes the
/// writer wait while all of them are full.
constexpr int most_memtables = 3;

/// RocksDB and what must outlive it.
struct Database {
  std::unique_ptr<rocksdb::Env> environment;  ///< Null for the operating system's.
  std::shared_ptr<BackgroundErrors> errors;
  std::unique_ptr<rocksdb::DB> db;
};

/// Opens the database in the subdirectory `store`, on `disk`. Errors of its background work become
/// its condition.
std::expected<Database, OpenError> open_database(const StoreOptions& options, runtime::Disk& disk,
                                                 std::shared_ptr<Condition> condition);

/// The same without writing anything.
std::expected<Database, OpenError> open_read_only(const StoreOptions& options, runtime::Disk& disk);

/// Checks each file of the database and reads each record.
void verify_database(const Database& database, Verification& found);

/// The error in terms of the disk.
runtime::DiskError to_disk_error(const rocksdb::Status& status);

}  // namespace matinee::storage

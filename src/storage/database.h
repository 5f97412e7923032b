// How RocksDB is set up here: one column family, a log that is flushed by hand, little memory while
// idle, and no files or threads that nobody asked for.
#pragma once

#include <rocksdb/db.h>

#include <memory>

#include "storage/store.h"

namespace matinee::storage {

/// RocksDB and what must outlive it.
struct Database {
  std::unique_ptr<rocksdb::Env> environment;  ///< Null for the operating system's.
  std::unique_ptr<rocksdb::DB> db;
};

/// Opens the database in the subdirectory `store`, on `disk`.
std::expected<Database, OpenError> open_database(const StoreOptions& options, runtime::Disk& disk);

/// The error in terms of the disk.
runtime::DiskError to_disk_error(const rocksdb::Status& status);

}  // namespace matinee::storage

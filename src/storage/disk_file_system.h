// RocksDB on a runtime::Disk that is not the operating system's: for simulations, and for memory.
#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "runtime/disk.h"

namespace matinee::storage {

/// An environment whose files are those of `disk`, which must outlive it.
std::unique_ptr<rocksdb::Env> make_disk_environment(runtime::Disk& disk);

}  // namespace matinee::storage

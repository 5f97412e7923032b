// A copy of a running store in another directory: the database's files are linked where they never
// change again, its log is copied, and bodies are linked. Nobody waits for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/disk.h"
#include "runtime/workers.h"

namespace rocksdb {
class DB;
}

namespace matinee::storage {

class BackgroundSync;

/// What was copied.
struct CopiedStore {
  std::uint64_t bodies = 0;
  /// Of the database's files, and of the bodies.
  std::uint64_t bytes = 0;
};

class Copier {
 public:
  /// `directory` is that of the store. A store in memory has none.
  struct Source {
    rocksdb::DB& db;
    runtime::Disk& disk;
    std::string directory;
    /// Who helps with the bodies; may be null.
    runtime::Workers* workers = nullptr;
  };
  Copier(const Source& source, std::weak_ptr<BackgroundSync> background)
      : source_(source), background_(std::move(background)) {}

  /// Makes `target`/store and `target`/blobs, in a directory that exists on the same disk and has
  /// neither. The copy is the store as it was at a moment during the call, between two
  /// transactions; all that was flushed before the call is in it, and on the disk. To be called by
  /// a worker, while the store is open. Until it ends no file of a body is removed.
  runtime::DiskResult<CopiedStore> copy_to(const std::string& target) const;

 private:
  runtime::DiskResult<> copy_database(const std::string& target) const;

  Source source_;
  std::weak_ptr<BackgroundSync> background_;
};

}  // namespace matinee::storage

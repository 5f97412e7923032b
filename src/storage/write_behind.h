// A file that is written while its writer computes what comes next: digests and writing take about
// as long as each other, and there is more than one processor.
#pragma once

#include <memory>
#include <string_view>

#include "runtime/disk.h"
#include "runtime/workers.h"

namespace matinee::storage {

/// At most one piece is on its way. Used by one thread at a time, which may itself be a worker: it
/// never waits for a worker to become free, but does what none has begun.
class WriteBehind {
 public:
  /// Without `workers` nothing happens behind. They must outlive it.
  WriteBehind(std::unique_ptr<runtime::WritableFile> file, runtime::Workers* workers);
  /// Ends what is being written, or drops what is not.
  ~WriteBehind();
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;

  /// Appends. An error may be that of an earlier piece; after one nothing more is written.
  runtime::DiskResult<> write(std::string_view bytes);
  /// The file, with everything in it.
  runtime::DiskResult<runtime::WritableFile*> finish();

 private:
  struct Piece;

  std::shared_ptr<runtime::WritableFile> file_;
  runtime::Workers* workers_;
  std::shared_ptr<Piece> piece_;

  runtime::DiskResult<> end_piece();
};

}  // namespace matinee::storage

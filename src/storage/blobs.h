// Object bodies too large for a record: one file each under DIR/blobs, or bytes in memory with
// Durability::memory. Written by any thread as they arrive; a record holds only the BlobRef.
//
// A blob lives as long as a committed transaction has kept it and none has removed it. Its file is
// removed only when no reader holds it and the removing transaction is on the disk, so that a crash
// never leaves a record without its blob. Files that a crash left behind are collected at the
// start.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "runtime/disk.h"
#include "storage/record.h"

namespace matinee::storage {

class Store;

/// Bodies of up to this size belong into records, larger ones into blobs.
constexpr std::size_t blob_threshold_bytes = 16 * 1024;

struct BlobRef {
  std::uint64_t id = 0;  ///< Never zero for a blob that exists.
  std::uint64_t size = 0;

  bool operator==(const BlobRef&) const = default;
  static constexpr auto fields = std::tuple{field<1>(&BlobRef::id), field<2>(&BlobRef::size)};
};

/// A finished blob, open for reading for as long as somebody holds it, even if it is removed
/// meanwhile. Usable from any thread.
using Blob = runtime::ReadableFile;

/// A blob being written, by one thread at a time, any thread. Its file goes away with it unless
/// Blobs::keep was called. Must not outlive the store.
class BlobWriter {
 public:
  struct State;
  explicit BlobWriter(std::unique_ptr<State> state);
  BlobWriter(BlobWriter&& other) noexcept;
  BlobWriter& operator=(BlobWriter&& other) noexcept;
  ~BlobWriter();

  /// Appends. After an error (such as a full disk) only destroying it makes sense.
  runtime::DiskResult<> write(std::string_view bytes);
  /// Ends the writing. The blob can be opened from now on, and waits to be kept.
  runtime::DiskResult<BlobRef> finish();
  std::uint64_t size() const;

 private:
  friend class Blobs;
  std::unique_ptr<State> state_;
};

class Blobs {
 public:
  struct Implementation;
  explicit Blobs(std::unique_ptr<Implementation> implementation);
  ~Blobs();

  /// A new blob. From any thread.
  runtime::DiskResult<BlobWriter> create();

  /// Makes a finished blob part of the current transaction, which stores its reference: committed,
  /// it stays; rolled back, its file goes away. State thread only.
  BlobRef keep(BlobWriter&& writer);

  /// Removes a kept blob with the current transaction. State thread only.
  void remove(const BlobRef& blob);

  /// Whether an earlier run of the program has written it, so that much may have happened since.
  bool is_old(const BlobRef& blob) const;

  /// From any thread. An error of kind not_found or other means a damaged directory.
  runtime::DiskResult<std::shared_ptr<const Blob>> open(const BlobRef& blob) const;

 private:
  friend class Store;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace matinee::storage

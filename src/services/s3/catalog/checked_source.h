// A blob that is compared with its digest while it is sent: for the first time that it is, after a
// start. Whatever has happened to the file since then, nobody gets wrong bytes for right ones.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_set>

#include "protocol/vouching_source.h"
#include "services/s3/transfer/content.h"

namespace matinee::s3 {

/// The blobs of earlier runs that were found to be what was stored. Usable from any thread.
class CheckedBlobs {
 public:
  bool contains(std::uint64_t blob) const;
  void add(std::uint64_t blob);

 private:
  mutable std::mutex mutex_;
  std::unordered_set<std::uint64_t> blobs_;
};

/// A part of a blob, in bytes.
struct Stretch {
  std::uint64_t blob = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Used by the one I/O thread that sends the reply.
class CheckedSource final : public BlobSource, public protocol::VouchingSource {
 public:
  CheckedSource(std::shared_ptr<const BlobSource> source, const Stretch& stretch, Checksum expected,
                std::shared_ptr<CheckedBlobs> checked);

  bool vouches_to(std::uint64_t end) const override;

 private:
  Stretch stretch_;
  Checksum expected_;
  std::shared_ptr<CheckedBlobs> checked_;
  mutable Hasher hasher_;
  mutable std::uint64_t position_;  // What is before has been read.
  mutable bool wrong_ = false;
};

}  // namespace matinee::s3

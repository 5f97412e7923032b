#include "services/s3/catalog/checked_source.h"

#include "runtime/log.h"

namespace matinee::s3 {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;
/// More are not remembered: some will be compared once more.
constexpr std::size_t most_blobs = 100'000;

}  // namespace

bool CheckedBlobs::contains(std::uint64_t blob) const {
  std::lock_guard guard(mutex_);
  return blobs_.contains(blob);
}

void CheckedBlobs::add(std::uint64_t blob) {
  std::lock_guard guard(mutex_);
  if (blobs_.size() >= most_blobs) blobs_.clear();
  blobs_.insert(blob);
}

CheckedSource::CheckedSource(std::shared_ptr<const BlobSource> source, const Stretch& stretch,
                             Checksum expected, std::shared_ptr<CheckedBlobs> checked)
    : BlobSource(*source),
      stretch_(stretch),
      expected_(std::move(expected)),
      checked_(std::move(checked)),
      hasher_(expected_.algorithm),
      position_(stretch.offset) {}

bool CheckedSource::vouches_to(std::uint64_t end) const {
  std::string buffer;
  while (!wrong_ && position_ < end) {
    buffer.resize(std::min<std::uint64_t>(read_bytes, end - position_));
    const auto count = blob().read_at(position_, buffer);
    wrong_ = !count || *count != buffer.size();
    if (wrong_) break;
    hasher_.update(buffer);
    position_ += buffer.size();
    if (position_ < stretch_.offset + stretch_.length) continue;
    wrong_ = hasher_.finish() != expected_.digest;
    // Only the whole blob is known then, which a copy of a part of it is not.
    if (!wrong_ && stretch_.offset == 0 && stretch_.length == blob().size())
      checked_->add(stretch_.blob);
  }
  if (wrong_)
    spdlog::error(
        "The body {:016x} of an object is not what was stored; the reply is broken off. `matinee "
        "verify` tells what is damaged.",
        stretch_.blob);
  return !wrong_;
}

}  // namespace matinee::s3

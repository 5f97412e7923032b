// What has been published, as one file sorted by key. It is made of blocks of equal size, so that a
// key is found by bisection and nothing of the file has to be kept in memory.
#pragma once

#include <memory>
#include <vector>

#include "jobs/publish/entries.h"
#include "runtime/disk.h"

namespace matinee::jobs::publish {

/// Writes the file from its beginning to its end. Throws JobError where the disk fails.
class PublishedWriter {
 public:
  explicit PublishedWriter(std::unique_ptr<runtime::WritableFile> file) : file_(std::move(file)) {}

  /// Keys must ascend.
  void add(const Entry& entry);
  /// Completes the last block and makes everything survive a power cut.
  void finish();

 private:
  std::unique_ptr<runtime::WritableFile> file_;
  std::string block_;  // the entries of the block being filled
  ByteWriter entry_;

  void write_block();
};

/// The finished file; may be shared by many cursors. One that is not there is empty. Throws
/// JobError where the disk fails or the file is damaged.
class PublishedFile {
 public:
  PublishedFile(const runtime::Disk& disk, std::string path);

  std::uint64_t blocks() const { return blocks_; }
  /// The entries of a block, as bytes.
  std::string block(std::uint64_t number) const;
  std::string first_key(std::uint64_t block) const;
  /// The last block that begins with or before `key`; the first one where none does.
  std::uint64_t find_block(const std::string& key) const;
  /// Up to `count` keys that divide those behind `prefix` into parts of about the same size.
  std::vector<std::string> divide(const std::string& prefix, std::uint64_t count) const;

 private:
  std::string path_;
  std::shared_ptr<const runtime::ReadableFile> file_;
  std::uint64_t blocks_ = 0;
};

/// Goes through a file in the order of its keys.
class PublishedCursor {
 public:
  /// From the first key that is not before `from` on. `file` must outlive the cursor.
  PublishedCursor(const PublishedFile& file, const std::string& from);

  /// The entry it stands at; null at the end.
  const Entry* current() const { return entry_ ? &*entry_ : nullptr; }
  void advance();
  /// The entry of that key, or null. Keys must ascend from call to call.
  const Entry* find(const std::string& key);

 private:
  const PublishedFile& file_;
  std::uint64_t next_block_;
  std::string block_;
  std::size_t position_ = 0;
  std::optional<Entry> entry_;
};

}  // namespace matinee::jobs::publish

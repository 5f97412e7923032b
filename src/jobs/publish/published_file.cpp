// A block is a head of 16 bytes (a mark, how many bytes are used, their checksum), the entries, and
// zeros up to its full size.
#include "jobs/publish/published_file.h"

#include <fmt/format.h>

#include "jobs/publish/split.h"
#include "jobs/report.h"

namespace matinee::jobs::publish {

namespace {

/// An entry takes up to 2 KB, and many a cursor holds a block.
constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t head_size = 16;
/// "MPB" and the version of the format.
constexpr std::uint64_t mark = 0x0142504d;

template <class T>
T require(runtime::DiskResult<T> result) {
  if (!result) throw JobError(fmt::format("The ledger: {}.", result.error().message));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

void PublishedWriter::add(const Entry& entry) {
  entry_.clear();
  append_entry(entry, entry_);
  if (head_size + block_.size() + entry_.bytes().size() > block_size) write_block();
  block_ += entry_.bytes();
}

void PublishedWriter::write_block() {
  ByteWriter head;
  head.number(mark, 4);
  head.number(block_.size(), 4);
  head.number(checksum(block_), 8);
  std::string bytes(head.bytes());
  bytes += block_;
  bytes.resize(block_size);
  require(file_->write(bytes));
  block_.clear();
}

void PublishedWriter::finish() {
  if (!block_.empty()) write_block();
  require(file_->sync());
}

PublishedFile::PublishedFile(const runtime::Disk& disk, std::string path) : path_(std::move(path)) {
  if (!disk.exists(path_)) return;
  file_ = require(disk.open(path_));
  blocks_ = file_->size() / block_size;
}

std::string PublishedFile::block(std::uint64_t number) const {
  std::string bytes(block_size, '\0');
  const std::size_t size = require(file_->read_at(number * block_size, bytes));
  ByteReader head(bytes);
  const bool is_marked = head.number(4) == mark;
  const std::size_t used = head.number(4);
  const std::uint64_t sum = head.number(8);
  const bool is_whole = size == block_size && is_marked && used <= block_size - head_size;
  std::string entries = is_whole ? bytes.substr(head_size, used) : "";
  if (!is_whole || checksum(entries) != sum)
    throw JobError(fmt::format(
        "The ledger {} is damaged: what it said about published objects cannot be read. Without "
        "this file everything is published again.",
        path_));
  return entries;
}

std::string PublishedFile::first_key(std::uint64_t block) const {
  const std::string entries = this->block(block);
  ByteReader in(entries);
  return read_entry(in).key;
}

std::uint64_t PublishedFile::find_block(const std::string& key) const {
  std::uint64_t found = 0;
  for (std::uint64_t end = blocks_; end - found > 1;) {
    const std::uint64_t middle = found + (end - found) / 2;
    (first_key(middle) <= key ? found : end) = middle;
  }
  return found;
}

std::vector<std::string> PublishedFile::divide(const std::string& prefix,
                                               std::uint64_t count) const {
  std::vector<std::string> keys;
  if (blocks_ == 0) return keys;
  const std::string end = end_of_prefix(prefix);
  const std::uint64_t first = find_block(prefix);
  const std::uint64_t last = end.empty() ? blocks_ : find_block(end) + 1;
  // Two blocks at least in a part: a cut costs a page.
  const std::uint64_t parts = std::min(count + 1, (last - first) / 2);
  for (std::uint64_t part = 1; part < parts; ++part) {
    std::string key = first_key(first + (last - first) * part / parts);
    const bool ascends = keys.empty() || keys.back() < key;
    if (ascends && key > prefix && (end.empty() || key < end)) keys.push_back(std::move(key));
  }
  return keys;
}

PublishedCursor::PublishedCursor(const PublishedFile& file, const std::string& from)
    : file_(file), next_block_(file.blocks() == 0 ? 0 : file.find_block(from)) {
  advance();
  while (entry_ && entry_->key < from) advance();
}

void PublishedCursor::advance() {
  if (position_ == block_.size()) {
    entry_.reset();
    if (next_block_ >= file_.blocks()) return;
    block_ = file_.block(next_block_++);
    position_ = 0;
  }
  ByteReader in(std::string_view(block_).substr(position_));
  entry_ = read_entry(in);
  position_ = block_.size() - in.size();
}

const Entry* PublishedCursor::find(const std::string& key) {
  while (entry_ && entry_->key < key) advance();
  return entry_ && entry_->key == key ? &*entry_ : nullptr;
}

}  // namespace matinee::jobs::publish

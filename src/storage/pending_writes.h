// What the current transaction has written so far: the batch that its commit will write, and an
// index of it, so that the transaction reads its own writes.
#pragma once

#include <rocksdb/write_batch.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/cursor.h"

namespace matinee::storage {

class PendingWrites {
 public:
  /// The newest write of a key. The value is a piece of the batch, which only grows.
  struct Entry {
    bool erased = false;
    std::size_t offset = 0;
    std::size_t length = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  void erase_range(const KeyRange& range);
  void clear();

  bool erases_ranges() const { return !erased_ranges_.empty(); }
  bool empty() const { return entries_.empty() && erased_ranges_.empty(); }
  const Entries& entries() const { return entries_; }
  std::string_view value(const Entry& entry) const;
  /// The erased range that a key is in, if any; entries() count more.
  const KeyRange* find_erased_range(std::string_view key) const;

  rocksdb::WriteBatch& batch() { return batch_; }

 private:
  rocksdb::WriteBatch batch_;
  Entries entries_;
  std::vector<KeyRange> erased_ranges_;
};

}  // namespace matinee::storage

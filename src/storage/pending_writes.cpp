#include "storage/pending_writes.h"

#include "runtime/assertion.h"

namespace matinee::storage {

namespace {

void expect_ok(const rocksdb::Status& status) {
  runtime::expect(status.ok(), "a write batch in memory takes every write");
}

template <class Entries>
PendingWrites::Entry& entry_of(Entries& entries, std::string_view key) {
  auto found = entries.lower_bound(key);
  if (found == entries.end() || found->first != key) {
    found = entries.emplace_hint(found, key, PendingWrites::Entry{});
  }
  return found->second;
}

}  // namespace

void PendingWrites::put(std::string_view key, std::string_view value) {
  expect_ok(batch_.Put(key, value));
  // The value is the last thing in the batch.
  std::size_t offset = batch_.GetDataSize() - value.size();
  entry_of(entries_, key) = {.erased = false, .offset = offset, .length = value.size()};
}

void PendingWrites::erase(std::string_view key) {
  expect_ok(batch_.Delete(key));
  entry_of(entries_, key) = {.erased = true};
}

void PendingWrites::erase_range(const KeyRange& range) {
  expect_ok(batch_.DeleteRange(range.from, range.to));
  entries_.erase(entries_.lower_bound(range.from), entries_.lower_bound(range.to));
  erased_ranges_.push_back(range);
}

void PendingWrites::clear() {
  batch_.Clear();
  entries_.clear();
  erased_ranges_.clear();
}

std::string_view PendingWrites::value(const Entry& entry) const {
  return std::string_view(batch_.Data()).substr(entry.offset, entry.length);
}

const KeyRange* PendingWrites::find_erased_range(std::string_view key) const {
  for (const KeyRange& range : erased_ranges_) {
    if (range.from <= key && key < range.to) return &range;
  }
  return nullptr;
}

}  // namespace matinee::storage

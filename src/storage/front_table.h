// A table that is emptied from its beginning, such as one of what is due at which time. Its first
// entry is found without stepping over all that has been removed before it, which the store forgets
// only by and by.
#pragma once

#include <algorithm>
#include <memory>

#include "storage/table.h"

namespace matinee::storage {

/// Key and Record as those of Table. To be kept as long as the store is in use: a new one has to
/// look for the beginning again.
template <class Key, class Record>
class FrontTable : Table<Key, Record> {
  using Base = Table<Key, Record>;

 public:
  using Base::all;
  using Base::between;
  using Base::cursor;
  using Base::erase;
  using Base::erase_range;
  using Base::find;
  using Base::prefix;
  using Base::scan;
  using typename Base::KeyType;
  using typename Base::RecordType;

  FrontTable(Store& store, TableId id)
      : Base(store, id), left_(std::make_shared<KeyRange>(all())) {}
  FrontTable(const FrontTable&) = delete;
  FrontTable& operator=(const FrontTable&) = delete;

  void put(const Key& key, const Record& record) {
    Base::put(key, record);
    left_->from = std::min(left_->from, encoded(key));
  }

  /// The first entry of all. Looking for the next one begins there.
  std::optional<std::pair<Key, Record>> first() {
    auto found = Base::first(*left_);
    advance(found ? encoded(found->first) : left_->to);
    return found;
  }
  std::optional<std::pair<Key, Record>> last() const {
    return Base::first(*left_, Order::backward);
  }
  bool is_empty() { return !first(); }
  /// All entries are in it.
  const KeyRange& left() const { return *left_; }

 private:
  /// Shared with what a rollback does, which may come after this has gone.
  std::shared_ptr<KeyRange> left_;

  std::string encoded(const Key& key) const { return Base::from(all(), key).from; }

  /// What a transaction has removed may come back.
  void advance(std::string begin) {
    if (begin == left_->from) return;
    if (Base::store().in_transaction())
      Base::store().on_rollback(
          [left = left_, before = left_->from] { left->from = std::min(left->from, before); });
    left_->from = std::move(begin);
  }
};

}  // namespace matinee::storage

// A typed part of the store: records of one kind, ordered by key.
//
//   using Messages = storage::Table<std::tuple<std::uint64_t, std::uint64_t>, MessageRecord>;
//   Messages messages(store, storage::TableId{0x0102});
//   messages.put({queue, number}, record);
//   messages.scan(messages.prefix(queue), [&](const auto& key, MessageRecord record) {
//     return keep_going;
//   });
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "storage/key.h"
#include "storage/record.h"
#include "storage/store.h"

namespace matinee::storage {

/// The first two bytes of every key of a table. Fixed for ever, unique in the program. Each service
/// takes its own high byte: 0x00 storage, 0x01 sqs, 0x02 dynamodb, 0x03 s3, 0x04 sts and iam,
/// 0x05 sns, 0x06 lambda, 0x07 events, 0x08 delivery, 0x09 and above for those that follow.
enum class TableId : std::uint16_t {};

/// A cursor that gives keys and records. See Store::cursor for what it sees and how long it lives.
template <class Key, class Record>
class TableCursor {
 public:
  static constexpr std::size_t id_bytes = 2;

  TableCursor(Cursor cursor, TableId table) : cursor_(std::move(cursor)), table_(table) {}

  bool valid() const { return cursor_.valid(); }
  void next() { cursor_.next(); }
  void previous() { cursor_.previous(); }
  Key key() const { return decode_key<Key>(encoded_key()); }
  Record record() const { return decode_record_bytes<Record>(cursor_.value()); }
  /// The key without the table's identity: what encode_key(key) gives. Until the cursor moves.
  std::string_view encoded_key() const { return cursor_.key().substr(id_bytes); }
  std::string_view encoded_record() const { return cursor_.value(); }

  void seek_first() { cursor_.seek_first(); }
  void seek_last() { cursor_.seek_last(); }
  /// To the first key >= `key` in the range. Any leading part of a Key, as a tuple, will do.
  template <class Partial>
  void seek(const Partial& key) {
    seek_encoded(encode_key(key));
  }
  /// To the last key < `key` in the range.
  template <class Partial>
  void seek_before(const Partial& key) {
    cursor_.seek_before(with_table(encode_key(key)));
  }
  /// seek to the bytes of a key.
  void seek_encoded(std::string_view key) { cursor_.seek(with_table(key)); }
  /// Past every key that begins with these bytes: how S3 skips what a delimiter folds together.
  void seek_past(std::string_view key_prefix) {
    cursor_.seek(end_of_prefix(with_table(key_prefix)));
  }

 private:
  std::string with_table(std::string_view key) const {
    std::string out = encode_key(table_);
    out.append(key);
    return out;
  }

  Cursor cursor_;
  TableId table_;
};

enum class Order { forward, backward };

/// Key is one encodable type or a std::tuple of them (key.h); Record is a struct with `fields`, or
/// any other type that record.h encodes. Methods are those of Store, in the same transaction, and
/// decoding throws DamagedRecord. Holds nothing but a reference: cheap to make and copy.
template <class Key, class Record>
class Table {
 public:
  using KeyType = Key;
  using RecordType = Record;

  Table(Store& store, TableId id) : store_(&store), id_(id) {}

  std::optional<Record> find(const Key& key) const {
    std::optional<std::string_view> bytes = store_->find(encode(key));
    if (!bytes) return std::nullopt;
    return decode_record_bytes<Record>(*bytes);
  }
  bool contains(const Key& key) const { return store_->contains(encode(key)); }
  void put(const Key& key, const Record& record) {
    value_.clear();
    encode_record_bytes(value_, record);
    store_->put(encode(key), value_);
  }
  void erase(const Key& key) { store_->erase(encode(key)); }
  void erase_range(const KeyRange& range) { store_->erase_range(range); }

  /// Every key of the table.
  KeyRange all() const { return KeyRange::of_prefix(encode_key(id_)); }
  /// Every key that begins with these elements.
  template <class... Part>
  KeyRange prefix(const Part&... parts) const {
    return KeyRange::of_prefix(encode_parts(parts...));
  }
  /// Every key whose encoding begins with these bytes, which follow `parts`: for keys that end in a
  /// RawKey.
  template <class... Part>
  KeyRange raw_prefix(std::string_view bytes, const Part&... parts) const {
    return KeyRange::of_prefix(encode_parts(parts...).append(bytes));
  }
  /// from <= key < to. Any leading parts of a Key, as tuples, will do.
  template <class From, class To>
  KeyRange between(const From& from, const To& to) const {
    return {encode_parts(from), encode_parts(to)};
  }
  /// `range` without the keys before `key`.
  KeyRange from(KeyRange range, const Key& key) const {
    range.from = std::max(range.from, encode_parts(key));
    return range;
  }
  /// `range` without `key` and all before it: the next page.
  KeyRange after(KeyRange range, const Key& key) const {
    range.from = std::max(range.from, encode_parts(key).append(1, '\0'));
    return range;
  }
  /// `range` without `key` and all after it: the next page of a backward scan.
  KeyRange before(KeyRange range, const Key& key) const {
    range.to = std::min(range.to, encode_parts(key));
    return range;
  }

  TableCursor<Key, Record> cursor(const KeyRange& range) const {
    return {store_->cursor(range), id_};
  }
  TableCursor<Key, Record> cursor() const { return cursor(all()); }

  /// Calls `visit(Key, Record)` in order until it returns false. It may write to the table.
  template <class Visit>
  void scan(const KeyRange& range, Visit visit, Order order = Order::forward) const {
    TableCursor<Key, Record> place = cursor(range);
    if (order == Order::backward) place.seek_last();
    while (place.valid() && visit(place.key(), place.record())) {
      order == Order::forward ? place.next() : place.previous();
    }
  }

  /// The first record of the range in that order.
  std::optional<std::pair<Key, Record>> first(const KeyRange& range,
                                              Order order = Order::forward) const {
    std::optional<std::pair<Key, Record>> found;
    scan(
        range,
        [&](Key key, Record record) {
          found.emplace(std::move(key), std::move(record));
          return false;
        },
        order);
    return found;
  }
  bool is_empty(const KeyRange& range) const { return !cursor(range).valid(); }

  Store& store() const { return *store_; }

 private:
  const std::string& encode(const Key& key) const {
    key_.clear();
    KeyWriter writer(key_);
    writer.add(id_);
    writer.add(key);
    return key_;
  }
  template <class... Part>
  std::string encode_parts(const Part&... parts) const {
    std::string out;
    KeyWriter writer(out);
    writer.add(id_);
    (writer.add(parts), ...);
    return out;
  }

  Store* store_;
  TableId id_;
  mutable std::string key_;  // Reused from call to call.
  std::string value_;
};

}  // namespace matinee::storage

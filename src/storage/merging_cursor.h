// A cursor over the database and, on top of it, the current transaction's writes.
#pragma once

#include <rocksdb/db.h>

#include "storage/cursor.h"
#include "storage/old_versions.h"
#include "storage/pending_writes.h"

namespace matinee::storage {

class Cursor::Implementation {
 public:
  struct Parts {
    rocksdb::DB& db;
    OldVersions& old_versions;
    const PendingWrites* pending = nullptr;  // Without: over the database alone.
  };
  /// The parts must outlive the cursor.
  Implementation(const Parts& parts, KeyRange range);

  bool valid() const { return at_ != At::nothing; }
  std::string_view key() const;
  std::string_view value() const;
  void next();
  void previous();
  void seek(std::string_view key);
  void seek_before(std::string_view key);
  void seek_last();
  const KeyRange& range() const { return range_; }

 private:
  enum class At { nothing, database, pending };
  enum class Direction { forward, backward };

  bool has_pending() const { return pending_ != nullptr && !pending_->empty(); }
  void settle_on_database();
  void settle_forward(bool inclusive);
  void settle_backward();
  PendingWrites::Entries::const_iterator pending_after(bool inclusive) const;
  const PendingWrites::Entries::value_type* pending_before() const;
  void check_status() const;

  KeyRange range_;
  rocksdb::Slice lower_bound_;
  rocksdb::Slice upper_bound_;
  OldVersions& old_versions_;
  const PendingWrites* pending_;
  std::unique_ptr<rocksdb::Iterator> database_;
  At at_ = At::nothing;
  Direction direction_ = Direction::forward;
  std::string place_;           // The key from which a search starts; that of a pending entry.
  PendingWrites::Entry entry_;  // At::pending.
};

}  // namespace matinee::storage

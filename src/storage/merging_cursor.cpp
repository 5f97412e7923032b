#include "storage/merging_cursor.h"

#include "runtime/assertion.h"
#include "storage/record.h"

namespace matinee::storage {

Cursor::Implementation::Implementation(const Parts& parts, KeyRange range)
    : range_(std::move(range)),
      lower_bound_(range_.from),
      upper_bound_(range_.to),
      old_versions_(parts.old_versions),
      pending_(parts.pending) {
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower_bound_;
  if (!range_.to.empty()) options.iterate_upper_bound = &upper_bound_;
  database_.reset(parts.db.NewIterator(options));
  seek(range_.from);
}

std::string_view Cursor::Implementation::key() const {
  runtime::expect(valid(), "a cursor is read at a key");
  return at_ == At::pending ? std::string_view(place_) : database_->key().ToStringView();
}

std::string_view Cursor::Implementation::value() const {
  runtime::expect(valid(), "a cursor is read at a key");
  return at_ == At::pending ? pending_->value(entry_) : database_->value().ToStringView();
}

void Cursor::Implementation::next() {
  const OldVersions::Watch watch(old_versions_);
  if (!has_pending() && at_ == At::database && direction_ == Direction::forward) {
    database_->Next();
    return settle_on_database();
  }
  place_ = std::string(key());
  if (direction_ == Direction::backward) {
    direction_ = Direction::forward;
    database_->Seek(place_);
  }
  settle_forward(false);
}

void Cursor::Implementation::previous() {
  const OldVersions::Watch watch(old_versions_);
  if (!has_pending() && at_ == At::database && direction_ == Direction::backward) {
    database_->Prev();
    return settle_on_database();
  }
  place_ = std::string(key());
  if (direction_ == Direction::forward) {
    direction_ = Direction::backward;
    database_->SeekForPrev(place_);
  }
  settle_backward();
}

void Cursor::Implementation::seek(std::string_view key) {
  const OldVersions::Watch watch(old_versions_);
  place_ = std::max<std::string_view>(key, range_.from);
  direction_ = Direction::forward;
  database_->Seek(place_);
  settle_forward(true);
}

void Cursor::Implementation::seek_before(std::string_view key) {
  const OldVersions::Watch watch(old_versions_);
  if (!range_.to.empty() && key >= range_.to) return seek_last();
  runtime::expect(!key.empty(), "there is no key before the empty one");
  place_ = key;
  direction_ = Direction::backward;
  database_->SeekForPrev(place_);
  settle_backward();
}

void Cursor::Implementation::seek_last() {
  const OldVersions::Watch watch(old_versions_);
  // An empty place stands for the end of the range, also when the range has no end.
  place_ = range_.to;
  direction_ = Direction::backward;
  database_->SeekToLast();
  settle_backward();
}

void Cursor::Implementation::settle_on_database() {
  at_ = database_->Valid() ? At::database : At::nothing;
  check_status();
}

/// Goes to the first key after place_, or at it if `inclusive`. The database's iterator is at the
/// first key that is at or after place_.
void Cursor::Implementation::settle_forward(bool inclusive) {
  if (!has_pending()) {
    if (!inclusive && database_->Valid() && database_->key() == place_) database_->Next();
    return settle_on_database();
  }
  for (;;) {
    if (!inclusive && database_->Valid() && database_->key() == place_) database_->Next();
    while (database_->Valid()) {
      const KeyRange* erased = pending_->find_erased_range(database_->key().ToStringView());
      if (erased == nullptr) break;
      database_->Seek(erased->to);
    }
    auto entry = pending_after(inclusive);
    bool has_entry =
        entry != pending_->entries().end() && (range_.to.empty() || entry->first < range_.to);
    if (!has_entry) return settle_on_database();
    if (database_->Valid() && database_->key().ToStringView() < entry->first) {
      return settle_on_database();
    }
    place_ = entry->first;
    if (!entry->second.erased) {
      at_ = At::pending;
      entry_ = entry->second;
      return;
    }
    inclusive = false;
  }
}

/// Goes to the last key before place_. The database's iterator is at the last key that is at or
/// before place_.
void Cursor::Implementation::settle_backward() {
  for (;;) {
    if (database_->Valid() && !place_.empty() && database_->key() == place_) database_->Prev();
    if (!has_pending()) return settle_on_database();
    while (database_->Valid()) {
      const KeyRange* erased = pending_->find_erased_range(database_->key().ToStringView());
      if (erased == nullptr) break;
      database_->SeekForPrev(erased->from);
      if (database_->Valid() && database_->key() == erased->from) database_->Prev();
    }
    const auto* entry = pending_before();
    if (entry == nullptr) return settle_on_database();
    if (database_->Valid() && database_->key().ToStringView() > entry->first) {
      return settle_on_database();
    }
    place_ = entry->first;
    if (!entry->second.erased) {
      at_ = At::pending;
      entry_ = entry->second;
      return;
    }
  }
}

PendingWrites::Entries::const_iterator Cursor::Implementation::pending_after(bool inclusive) const {
  const auto& entries = pending_->entries();
  return inclusive ? entries.lower_bound(place_) : entries.upper_bound(place_);
}

const PendingWrites::Entries::value_type* Cursor::Implementation::pending_before() const {
  const auto& entries = pending_->entries();
  auto after = place_.empty() ? entries.end() : entries.lower_bound(place_);
  if (after == entries.begin()) return nullptr;
  const auto& entry = *std::prev(after);
  return entry.first < range_.from ? nullptr : &entry;
}

void Cursor::Implementation::check_status() const {
  if (at_ != At::nothing) return;
  rocksdb::Status status = database_->status();
  if (!status.ok()) throw DamagedRecord("the store cannot be read: " + status.ToString());
}

Cursor::Cursor(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Cursor::Cursor(Cursor&& other) noexcept = default;
Cursor& Cursor::operator=(Cursor&& other) noexcept = default;
Cursor::~Cursor() = default;

bool Cursor::valid() const {
  return implementation_->valid();
}
std::string_view Cursor::key() const {
  return implementation_->key();
}
std::string_view Cursor::value() const {
  return implementation_->value();
}
void Cursor::next() {
  implementation_->next();
}
void Cursor::previous() {
  implementation_->previous();
}
void Cursor::seek(std::string_view key) {
  implementation_->seek(key);
}
void Cursor::seek_first() {
  implementation_->seek(implementation_->range().from);
}
void Cursor::seek_last() {
  implementation_->seek_last();
}
void Cursor::seek_before(std::string_view key) {
  implementation_->seek_before(key);
}

std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

KeyRange KeyRange::of_prefix(std::string prefix) {
  std::string end = end_of_prefix(prefix);
  return {std::move(prefix), std::move(end)};
}

}  // namespace matinee::storage

#include "services/dynamodb/history/table_view.h"

namespace matinee::dynamodb::history {
namespace {

/// How many versions are stepped over before the next one is looked for.
constexpr int few_steps = 8;

using ItemCursor = storage::TableCursor<ItemPlace, StoredItem>;
using VersionCursor = storage::TableCursor<ItemPlace, VersionRecord>;

ItemKey key_of(const ItemPlace& place) {
  return {std::get<1>(place), std::get<2>(place).bytes};
}

ItemKey key_of(std::string_view encoded_place) {
  return key_of(storage::decode_key<ItemPlace>(encoded_place));
}

std::string_view item_part(std::string_view encoded_version) {
  return encoded_version.substr(0, encoded_version.size() - moment_bytes);
}

/// Walks over the versions of a table, from item to item.
class VersionWalk {
 public:
  VersionWalk(storage::Store& store, std::uint64_t table, const std::optional<ItemKey>& after)
      : cursor_(Versions(store, versions_id).cursor(Versions(store, versions_id).prefix(table))) {
    if (!after) return;
    cursor_.seek_past(
        storage::encode_key(ItemPlace{table, after->hash, storage::RawKey{after->bytes}}));
  }

  bool valid() const { return cursor_.valid(); }
  /// The encoded place of the item whose versions come next.
  std::string_view item() const { return item_part(cursor_.encoded_key()); }

  /// To the first version of the item at `place` that ended after a moment. False where it has
  /// none; the walk then is at another item, or at its end.
  bool find_after(const std::string& place, const Moment& moment) {
    for (int steps = 0; is_at(place); ++steps) {
      if (moment_of(cursor_.encoded_key()) > moment) return true;
      if (steps < few_steps) {
        cursor_.next();
        continue;
      }
      std::string next = place;
      storage::KeyWriter writer(next);
      writer.add(moment.time);
      writer.add(moment.number);
      cursor_.seek_encoded(next.append(1, '\0'));
    }
    return false;
  }
  Moment ended() const { return moment_of(cursor_.encoded_key()); }
  std::optional<StoredItem> item_before() const { return cursor_.record().item; }

  void leave(const std::string& place) {
    for (int steps = 0; is_at(place); ++steps)
      steps < few_steps ? cursor_.next() : cursor_.seek_past(place);
  }

 private:
  VersionCursor cursor_;

  bool is_at(const std::string& place) const { return cursor_.valid() && item() == place; }
};

ItemCursor items_after(storage::Store& store, std::uint64_t table,
                       const std::optional<ItemKey>& after) {
  const Items items(store, items_id);
  storage::KeyRange range = items.prefix(table);
  if (after) range = items.after(range, {table, after->hash, storage::RawKey{after->bytes}});
  return items.cursor(range);
}

}  // namespace

bool TableView::visit_at(const Moment& moment, const std::optional<ItemKey>& after,
                         const VisitItem& visit) const {
  ItemCursor items = items_after(store_, table_, after);
  VersionWalk versions(store_, table_, after);
  while (items.valid() || versions.valid()) {
    const bool is_there =
        items.valid() && (!versions.valid() || items.encoded_key() <= versions.item());
    const std::string place(is_there ? items.encoded_key() : versions.item());
    std::optional<StoredItem> item;
    if (versions.find_after(place, moment))
      item = versions.item_before();
    else if (is_there)
      item = items.record();
    versions.leave(place);
    if (is_there) items.next();
    if (!visit(key_of(place), item ? &*item : nullptr)) return false;
  }
  return true;
}

bool TableView::visit_changes(const Span& span, const std::optional<ItemKey>& after,
                              const VisitChange& visit) const {
  const Items items(store_, items_id);
  VersionWalk versions(store_, table_, after);
  while (versions.valid()) {
    const std::string place(versions.item());
    const ItemKey key = key_of(place);
    if (versions.find_after(place, span.from)) {
      std::optional<StoredItem> old = versions.item_before();
      std::optional<StoredItem> now = old;
      if (versions.ended() <= span.to)
        now = versions.find_after(place, span.to) ? versions.item_before()
                                                  : items.find({table_, key.hash, {key.bytes}});
      if (!visit(key, old, now)) return false;
    } else if (!visit(key, std::nullopt, std::nullopt)) {
      return false;
    }
    versions.leave(place);
  }
  return true;
}

}  // namespace matinee::dynamodb::history

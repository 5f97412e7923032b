// Tables as they were at a moment: the versions of items that ended after it, and for all other
// items what they are now.
//
// Only for moments that are kept: those of PastVersions::keep, and those since recovery to a point
// in time was switched on, within its days. Whoever reads in several rounds keeps the moment
// meanwhile. To be called within a transaction, or outside of one.
#pragma once

#include <functional>
#include <optional>

#include "services/dynamodb/item_key.h"
#include "services/dynamodb/past_versions.h"

namespace matinee::dynamodb::history {

/// Two moments, the first of which is not after the second.
struct Span {
  Moment from;
  Moment to;
};

class TableView {
 public:
  using VisitItem = std::function<bool(const ItemKey&, const StoredItem*)>;
  using VisitChange = std::function<bool(const ItemKey&, const std::optional<StoredItem>& old,
                                         const std::optional<StoredItem>& now)>;

  /// Of a table, or of a removed one, by TableRecord::number. The store must outlive it.
  TableView(storage::Store& store, std::uint64_t table) : store_(store), table_(table) {}

  /// Visits the items in the order of their keys, after one of them or from the first, until
  /// `visit` returns false. True where there are no more. The item is null where the table has it
  /// now, or had it once, and not at that moment: so that `visit` can end its turn there too.
  bool visit_at(const Moment& moment, const std::optional<ItemKey>& after,
                const VisitItem& visit) const;

  /// Likewise, the items that changed after one moment and until another, with what they were at
  /// each of the two; nothing stands for no item. Some that did not change are visited too, with
  /// two that are the same, or with nothing twice.
  bool visit_changes(const Span& span, const std::optional<ItemKey>& after,
                     const VisitChange& visit) const;

 private:
  storage::Store& store_;
  std::uint64_t table_;
};

}  // namespace matinee::dynamodb::history

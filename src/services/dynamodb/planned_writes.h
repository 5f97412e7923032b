// Writes of a transaction, or of a PartiQL statement, ready to be done: each knows its table and
// its place before anything is written, and whether it can be done once it knows what is there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dynamodb/shapes.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/item_store.h"

namespace matinee::dynamodb {

struct PlannedWrite {
  const std::string* table_name = nullptr;
  const Item* given = nullptr;  // the request's key, or the item of a Put
  std::shared_ptr<const TableRecord> table;
  ItemKey key;
  std::optional<StoredItem> old;
  std::optional<expressions::Condition> condition;
  /// A heavy condition that a worker has looked at, and the item as it was then.
  std::optional<std::pair<Item, bool>> judged;
  std::optional<expressions::Update> update;
  std::optional<Item> now;  // what an update stores
  bool puts = false;
  bool erases = false;
  bool shows_old = false;        // where the condition fails
  bool must_be_new = false;      // there must be no item: PartiQL's INSERT
  bool must_exist = false;       // there must be one: PartiQL's UPDATE
  bool ignores_missing = false;  // without an item the condition counts as met: PartiQL's DELETE

  bool only_checks() const { return !puts && !erases && !update; }
};

/// How a write that is a transaction of its own has ended.
struct DoneWrite {
  CancellationReason reason;  // why it was not done, or "None"
  WriteCost cost = {};
};

/// "None": a write that nothing is wrong with.
bool is_none(const CancellationReason& reason);
/// An error as the reason why one part of a transaction cancels it.
CancellationReason invalid_part(const protocol::ServiceError& error);

/// Throws what makes a whole request invalid and does not merely cancel a transaction.
void find_table(PlannedWrite& write, Catalog& catalog, const Context& context);
/// Whether the key, or the item to be put, fits its table; then the write has its place.
CancellationReason find_place(PlannedWrite& write);
/// Whether a write can be done, where `old` is what is there; computes what it stores.
CancellationReason prepare(PlannedWrite& write);
/// Does what has been prepared, in the current transaction.
WriteCost store(const PlannedWrite& write, ItemStore& items);
/// Of the item that is stored; 0 where none is.
std::size_t bytes_of(const PlannedWrite& write);

}  // namespace matinee::dynamodb

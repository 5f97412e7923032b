#include "services/dynamodb/partiql/written.h"

#include "services/dynamodb/item_changes.h"
#include "services/dynamodb/partiql/key_search.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::partiql {
namespace {

void plan_insert(WriteStatement& planned) {
  planned.write.given = planned.statement.item;
  planned.write.puts = true;
  planned.write.must_be_new = true;
  require_nesting_within_limit(*planned.write.given);
  if (size_of(*planned.write.given) > max_item_bytes)
    throw validation_error("Item size has exceeded the maximum allowed size");
}

// An UPDATE makes no item, as UpdateItem does; a DELETE of nothing succeeds whatever its condition.
void plan_change(WriteStatement& planned, const TableRecord& table) {
  const StatementKind kind = planned.statement.kind;
  std::optional<ItemSearch> search = find_item(table.keys, planned.statement.where);
  if (!search) throw validation_error(incomplete_key);
  require_scalar_keys(table, search->condition);
  planned.key = std::move(search->key);
  planned.write.given = &planned.key;
  planned.write.condition = std::move(search->condition);
  if (kind == StatementKind::update) planned.write.update = planned.statement.update;
  planned.write.erases = kind == StatementKind::erase;
  planned.write.ignores_missing = kind == StatementKind::erase;
  planned.write.must_exist = kind != StatementKind::erase;
}

}  // namespace

void plan(WriteStatement& planned, Catalog& catalog, const Context& context,
          const std::optional<std::string>& on_failure) {
  const Statement& statement = planned.statement;
  if (!statement.index.empty())
    throw validation_error("This operation is not supported on an index");
  const auto table = catalog.hold(context, statement.table);
  planned.write.table_name = &statement.table;
  planned.write.shows_old = on_failure == "ALL_OLD";
  if (statement.kind == StatementKind::insert)
    plan_insert(planned);
  else
    plan_change(planned, *table);
  find_table(planned.write, catalog, context);
}

std::optional<Item> returned(const WriteStatement& done) {
  const std::string& returning = done.statement.returning;
  if (returning.empty()) return std::nullopt;
  const PlannedWrite& write = done.write;
  const Item* old = write.old ? &write.old->attributes : nullptr;
  if (write.erases) return old ? std::optional(*old) : std::nullopt;
  // Where nothing was stored there was nothing to take away from, and the item is as it was.
  if (!write.now && !old) return std::nullopt;
  return returned_attributes(returning, *write.update, old, write.now ? *write.now : *old);
}

}  // namespace matinee::dynamodb::partiql

#include "services/dynamodb/planned_writes.h"

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/item_changes.h"
#include "services/dynamodb/values/size.h"

namespace matinee::dynamodb {
namespace {

bool meets_condition(const PlannedWrite& write, const Item& existing) {
  if (write.judged && write.judged->first == existing) return write.judged->second;
  return expressions::matches(*write.condition, existing);
}

CancellationReason failed_condition(const PlannedWrite& write) {
  CancellationReason reason{.code = "ConditionalCheckFailed",
                            .message = "The conditional request failed"};
  if (write.old && write.shows_old) reason.item = write.old->attributes;
  return reason;
}

}  // namespace

bool is_none(const CancellationReason& reason) {
  return reason.code == "None";
}

CancellationReason invalid_part(const protocol::ServiceError& error) {
  return {.code = "ValidationError", .message = error.message()};
}

void find_table(PlannedWrite& write, Catalog& catalog, const Context& context) {
  write.table = catalog.hold(context, *write.table_name);
  require_filled_keys(write.table->keys, *write.given);
  if (write.update) require_keys_untouched(*write.table, *write.update);
}

CancellationReason find_place(PlannedWrite& write) {
  try {
    write.puts ? require_item_keys(*write.table, *write.given)
               : require_key(write.table->keys, *write.given);
  } catch (const protocol::ServiceError& error) {
    return invalid_part(error);
  }
  write.key = item_key(write.table->keys, *write.given);
  return {.code = "None"};
}

CancellationReason prepare(PlannedWrite& write) {
  static const Item nothing;
  const Item& existing = write.old ? write.old->attributes : nothing;
  if (write.must_be_new && write.old) {
    CancellationReason reason{.code = "DuplicateItem",
                              .message = "Duplicate primary key exists in table"};
    if (write.shows_old) reason.item = existing;
    return reason;
  }
  if (write.must_exist && !write.old) return failed_condition(write);
  const bool is_asked = write.condition && (write.old || !write.ignores_missing);
  if (is_asked && !meets_condition(write, existing)) return failed_condition(write);
  if (!write.update || (!write.old && only_takes_away(*write.update))) return {.code = "None"};
  try {
    write.now = changed_item(*write.table, *write.update, write.old ? existing : *write.given);
  } catch (const protocol::ServiceError& error) {
    return invalid_part(error);
  }
  return {.code = "None"};
}

WriteCost store(const PlannedWrite& write, ItemStore& items) {
  const StoredItem* old = write.old ? &*write.old : nullptr;
  if (write.erases) return old ? items.erase(*write.table, write.key, *old) : WriteCost{};
  if (write.puts) return items.replace(*write.table, write.key, old, *write.given);
  if (write.now) return items.replace(*write.table, write.key, old, *write.now);
  return {.bytes = old ? old->bytes : 0};  // a mere check, or nothing to take away from
}

std::size_t bytes_of(const PlannedWrite& write) {
  if (write.puts) return size_of(*write.given);
  return write.now ? size_of(*write.now) : 0;
}

}  // namespace matinee::dynamodb

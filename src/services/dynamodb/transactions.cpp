// Transactions: many items of any tables, all or nothing. All conditions are looked at before
// anything is written; no item may be in a transaction twice.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "dynamodb/errors.h"
#include "protocol/json_writer.h"
#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/expressions/parser.h"
#include "services/dynamodb/item_changes.h"
#include "services/dynamodb/request_tokens.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::Substitutions;

constexpr std::size_t max_transaction_bytes = std::size_t{4} << 20;

}  // namespace

/// One write of a transaction, ready to be done.
struct PlannedWrite {
  std::shared_ptr<const TableRecord> table;
  ItemKey key;
  std::optional<StoredItem> old;
  std::optional<expressions::Condition> condition;
  /// A heavy condition that a worker has looked at, and the item as it was then.
  std::optional<std::pair<Item, bool>> judged;
  std::optional<expressions::Update> update;
  const Item* put = nullptr;  // the request's
  const Item* update_key = nullptr;
  std::optional<Item> now;  // what is to be stored
  bool erases = false;
  bool shows_old = false;  // where the condition fails
};

namespace {

// Tells items apart over all tables.
class DistinctItems {
 public:
  void add(const TableRecord& table, const ItemKey& key) {
    if (!seen_.emplace(table.number, key.bytes).second) {
      throw validation_error("Transaction request cannot include multiple operations on one item");
    }
  }

 private:
  std::set<std::pair<std::uint64_t, std::string>> seen_;
};

// Capacity by table, in the order of the tables' names.
class TransactionMeter {
 public:
  explicit TransactionMeter(const std::optional<std::string>& wanted) : wanted_(wanted) {}

  CapacityMeter& of(const TableRecord& table) {
    return meters_.try_emplace(table.name, wanted_, table).first->second;
  }
  std::optional<std::vector<ConsumedCapacity>> result() && {
    std::vector<ConsumedCapacity> all;
    for (auto& [name, meter] : meters_)
      if (auto consumed = std::move(meter).result()) all.push_back(*std::move(consumed));
    if (all.empty()) return std::nullopt;
    return all;
  }

 private:
  const std::optional<std::string>& wanted_;
  std::map<std::string, CapacityMeter> meters_;
};

template <class Part>
void read_expressions(const Part& part, PlannedWrite& write) {
  Substitutions substitutions(part.expression_attribute_names, part.expression_attribute_values);
  if constexpr (requires { part.update_expression; })
    write.update = expressions::parse_update(part.update_expression, substitutions);
  const std::optional<std::string> condition = part.condition_expression;
  if (condition) {
    write.condition =
        expressions::parse_condition(*condition, "ConditionExpression", substitutions);
  }
  substitutions.require_all_used();
  write.shows_old = part.return_values_on_condition_check_failure == "ALL_OLD";
}

template <class Part>
PlannedWrite plan_keyed(const Part& part, std::shared_ptr<const TableRecord> table) {
  PlannedWrite write{.table = std::move(table)};
  const KeySchema& keys = write.table->keys;
  read_expressions(part, write);
  require_key(keys, part.key);
  if (write.update) require_keys_untouched(keys, *write.update);
  write.key = item_key(keys, part.key);
  return write;
}

PlannedWrite plan_put(const Put& put, std::shared_ptr<const TableRecord> table) {
  PlannedWrite write{.table = std::move(table), .put = &put.item};
  read_expressions(put, write);
  if (size_of(put.item) > max_item_bytes)
    throw validation_error("Item size has exceeded the maximum allowed size");
  require_item_keys(*write.table, put.item);
  write.key = item_key(write.table->keys, put.item);
  return write;
}

PlannedWrite plan(const TransactWriteItem& item, Catalog& catalog, const Context& context) {
  const int parts = int{item.put.has_value()} + int{item.update.has_value()} +
                    int{item.delete_.has_value()} + int{item.condition_check.has_value()};
  if (parts != 1) {
    throw validation_error("TransactItems can only contain one of Check, Put, Update or Delete");
  }
  if (item.put) return plan_put(*item.put, catalog.hold(context, item.put->table_name));
  if (item.update) {
    PlannedWrite write = plan_keyed(*item.update, catalog.hold(context, item.update->table_name));
    write.update_key = &item.update->key;
    return write;
  }
  if (item.condition_check) {
    return plan_keyed(*item.condition_check,
                      catalog.hold(context, item.condition_check->table_name));
  }
  PlannedWrite write = plan_keyed(*item.delete_, catalog.hold(context, item.delete_->table_name));
  write.erases = true;
  return write;
}

bool meets_condition(const PlannedWrite& write, const Item& existing) {
  if (write.judged && write.judged->first == existing) return write.judged->second;
  return expressions::matches(*write.condition, existing);
}

// Whether a write can be done; computes what it stores.
CancellationReason prepare(PlannedWrite& write) {
  static const Item nothing;
  const Item& existing = write.old ? write.old->attributes : nothing;
  if (write.condition && !meets_condition(write, existing)) {
    CancellationReason reason{.code = "ConditionalCheckFailed",
                              .message = "The conditional request failed"};
    if (write.old && write.shows_old) reason.item = existing;
    return reason;
  }
  try {
    if (write.update)
      write.now =
          changed_item(*write.table, *write.update, write.old ? existing : *write.update_key);
  } catch (const protocol::ServiceError& error) {
    return {.code = "ValidationError", .message = error.message()};
  }
  return {.code = "None"};
}

void require_no_reason(std::vector<CancellationReason> reasons) {
  const auto is_none = [](const CancellationReason& reason) { return reason.code == "None"; };
  if (std::ranges::all_of(reasons, is_none)) return;
  std::string codes;
  for (const CancellationReason& reason : reasons)
    codes += (codes.empty() ? "" : ", ") + *reason.code;
  throw TransactionCanceledException(
      fmt::format("Transaction cancelled, please refer cancellation reasons for specific reasons "
                  "[{}]",
                  codes),
      {.cancellation_reasons = std::move(reasons)});
}

WriteCost store(const PlannedWrite& write, ItemStore& items) {
  const StoredItem* old = write.old ? &*write.old : nullptr;
  if (write.erases) return old ? items.erase(*write.table, write.key, *old) : WriteCost{};
  if (write.put) return items.replace(*write.table, write.key, old, *write.put);
  if (write.now) return items.replace(*write.table, write.key, old, *write.now);
  return {.bytes = old ? old->bytes : 0};  // a mere check
}

std::size_t bytes_of(const PlannedWrite& write) {
  if (write.put) return size_of(*write.put);
  return write.now ? size_of(*write.now) : 0;
}

}  // namespace

/// What looks at the request alone gives way; what looks at the items happens at one moment.
runtime::Task<TransactWriteItemsResponse> Service::transact_write_items(
    const Context& context, const TransactWriteItemsRequest& request) {
  std::vector<PlannedWrite> writes;
  DistinctItems items;
  for (const TransactWriteItem& item : request.transact_items) {
    if (turns_.is_over()) co_await turns_.next();
    writes.push_back(plan(item, catalog_, context));
    items.add(*writes.back().table, writes.back().key);
  }
  std::optional<std::uint64_t> digest;
  if (request.client_request_token) {
    std::string content;
    protocol::json::append_structure(content, TransactWriteItemsRequest::shape, &request);
    if (turns_.is_over()) co_await turns_.next();
    digest = RequestTokens::digest_of(content);
  }
  for (PlannedWrite& write : writes) {
    if (turns_.is_over()) co_await turns_.next();
    if (!write.condition || !HeavyConditions::is_heavy(*write.condition, max_item_bytes)) continue;
    std::optional<StoredItem> item = items_.find(*write.table, write.key);
    if (!item || !HeavyConditions::is_heavy(*write.condition, item->bytes)) continue;
    const bool meets = co_await heavy_.matches_elsewhere(*write.condition, item->attributes);
    write.judged.emplace(std::move(item->attributes), meets);
  }

  storage::Transaction transaction(store_);
  TransactWriteItemsResponse response;
  RequestTokens tokens(store_);
  const bool is_repeated =
      digest && tokens.is_repeated(context, *request.client_request_token, *digest, clock_.now());
  if (!is_repeated) response = carry_out(context, request, writes);
  transaction.commit();
  co_return response;
}

TransactWriteItemsResponse Service::carry_out(const Context& context,
                                              const TransactWriteItemsRequest& request,
                                              std::vector<PlannedWrite>& writes) {
  std::vector<CancellationReason> reasons;
  std::size_t bytes = 0;
  for (PlannedWrite& write : writes) {
    catalog_.require_still_there(context, *write.table);
    write.old = items_.find(*write.table, write.key);
    reasons.push_back(prepare(write));
    bytes += bytes_of(write);
  }
  require_no_reason(std::move(reasons));
  if (bytes > max_transaction_bytes)
    throw validation_error("Transaction size exceeds the maximum allowed size of 4 MB");

  TransactionMeter meter(request.return_consumed_capacity);
  for (const PlannedWrite& write : writes) {
    const WriteCost cost = store(write, items_);
    // Once to prepare and once to commit.
    meter.of(*write.table).write(cost);
    meter.of(*write.table).write(cost);
  }
  return {.consumed_capacity = std::move(meter).result()};
}

/// All items are of the moment when the first is read.
runtime::Task<TransactGetItemsResponse> Service::transact_get_items(
    const Context& context, const TransactGetItemsRequest& request) {
  TransactionMeter meter(request.return_consumed_capacity);
  TransactGetItemsResponse response;
  response.responses.emplace();
  DistinctItems items;
  ItemSnapshot snapshot(store_);
  for (const TransactGetItem& wanted : request.transact_items) {
    if (turns_.is_over()) co_await turns_.next();
    const Get& get = wanted.get;
    Substitutions substitutions(get.expression_attribute_names, std::nullopt);
    std::optional<expressions::Projection> projection;
    if (get.projection_expression)
      projection = expressions::parse_projection(*get.projection_expression, substitutions);
    substitutions.require_all_used();
    const auto table = catalog_.hold(context, get.table_name);
    require_key(table->keys, get.key);
    const ItemKey key = item_key(table->keys, get.key);
    items.add(*table, key);
    std::optional<StoredItem> item = snapshot.find(*table, key);
    meter.of(*table).read(item ? item->bytes : 0, true);
    meter.of(*table).read(item ? item->bytes : 0, true);
    ItemResponse& reply = response.responses->emplace_back();
    if (!item) continue;
    reply.item = projection ? expressions::project(*projection, item->attributes)
                            : std::move(item->attributes);
  }
  response.consumed_capacity = std::move(meter).result();
  co_return response;
}

}  // namespace matinee::dynamodb

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
#include "services/dynamodb/item_collections.h"
#include "services/dynamodb/planned_writes.h"
#include "services/dynamodb/request_tokens.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/told_writes.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::Substitutions;

constexpr std::size_t max_transaction_bytes = std::size_t{4} << 20;

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

// Only transactions tell of which kind their units are.
void tell_kind(ConsumedCapacity& consumed, bool writes) {
  const auto tell = [writes](auto& capacity) {
    (writes ? capacity.write_capacity_units : capacity.read_capacity_units) =
        capacity.capacity_units;
  };
  tell(consumed);
  if (consumed.table) tell(*consumed.table);
  for (auto* indexes : {&consumed.local_secondary_indexes, &consumed.global_secondary_indexes})
    if (*indexes)
      for (auto& [name, capacity] : **indexes) tell(capacity);
}

// Capacity by table, in the order of the tables' names.
class TransactionMeter {
 public:
  explicit TransactionMeter(const std::optional<std::string>& wanted) : wanted_(wanted) {}

  // Everything is charged twice: once to prepare and once to commit.
  void read(const TableRecord& table, std::size_t bytes) {
    writes_ = false;
    for (int phase = 0; phase < 2; ++phase) of(table).read(bytes, true);
  }
  void write(const TableRecord& table, const WriteCost& cost) {
    for (int phase = 0; phase < 2; ++phase) of(table).write(cost);
  }
  std::optional<std::vector<ConsumedCapacity>> result() && {
    std::vector<ConsumedCapacity> all;
    for (auto& [name, meter] : meters_) {
      auto consumed = std::move(meter).result();
      if (!consumed) continue;
      tell_kind(*consumed, writes_);
      all.push_back(*std::move(consumed));
    }
    if (all.empty()) return std::nullopt;
    return all;
  }

 private:
  const std::optional<std::string>& wanted_;
  bool writes_ = true;
  std::map<std::string, CapacityMeter> meters_;

  CapacityMeter& of(const TableRecord& table) {
    return meters_.try_emplace(table.name, wanted_, table).first->second;
  }
};

// What can be told of a part of a transaction without its table.
template <class Part>
PlannedWrite read_part(const Part& part, const Item& given) {
  PlannedWrite write{.table_name = &part.table_name, .given = &given};
  require_values(given);
  Substitutions substitutions(part.expression_attribute_names, part.expression_attribute_values);
  if constexpr (requires { part.update_expression; })
    write.update = expressions::parse_update(part.update_expression, substitutions);
  const std::optional<std::string> condition = part.condition_expression;
  if (condition) {
    write.condition =
        expressions::parse_condition(*condition, "ConditionExpression", substitutions);
  }
  // Unlike in other operations, placeholders that nothing could use are let through.
  if (condition || write.update) substitutions.require_all_used();
  write.shows_old = part.return_values_on_condition_check_failure == "ALL_OLD";
  return write;
}

PlannedWrite read_write(const TransactWriteItem& item) {
  const int parts = int{item.put.has_value()} + int{item.update.has_value()} +
                    int{item.delete_.has_value()} + int{item.condition_check.has_value()};
  if (parts != 1) {
    throw validation_error("TransactItems can only contain one of Check, Put, Update or Delete");
  }
  if (item.update) return read_part(*item.update, item.update->key);
  if (item.condition_check) return read_part(*item.condition_check, item.condition_check->key);
  if (item.delete_) {
    PlannedWrite write = read_part(*item.delete_, item.delete_->key);
    write.erases = true;
    return write;
  }
  PlannedWrite write = read_part(*item.put, item.put->item);
  write.puts = true;
  if (size_of(*write.given) > max_item_bytes)
    throw validation_error("Item size has exceeded the maximum allowed size");
  return write;
}

void require_small(std::size_t bytes) {
  if (bytes > max_transaction_bytes)
    throw validation_error("Transaction size exceeds the maximum allowed size of 4 MB");
}

void require_no_reason(std::vector<CancellationReason> reasons) {
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

// Gives all writes their tables and places. Throws TransactionCanceledException where a key does
// not fit its table: then no condition is looked at.
void find_places(std::vector<PlannedWrite>& writes, Catalog& catalog, const Context& context) {
  for (PlannedWrite& write : writes) find_table(write, catalog, context);
  std::vector<CancellationReason> reasons;
  DistinctItems items;
  for (PlannedWrite& write : writes) {
    reasons.push_back(find_place(write));
    if (is_none(reasons.back())) items.add(*write.table, write.key);
  }
  require_no_reason(std::move(reasons));
}

// One read of a transaction.
struct PlannedRead {
  const Get* get = nullptr;
  std::shared_ptr<const TableRecord> table;
  ItemKey key;
  std::optional<expressions::Projection> projection;
};

PlannedRead read_get(const Get& get) {
  require_values(get.key);
  Substitutions substitutions(get.expression_attribute_names, std::nullopt);
  PlannedRead read{.get = &get};
  if (get.projection_expression) {
    read.projection = expressions::parse_projection(*get.projection_expression, substitutions);
    substitutions.require_all_used();
  }
  return read;
}

void find_places(std::vector<PlannedRead>& reads, Catalog& catalog, const Context& context) {
  for (PlannedRead& read : reads) {
    read.table = catalog.hold(context, read.get->table_name);
    require_filled_keys(read.table->keys, read.get->key);
  }
  std::vector<CancellationReason> reasons;
  DistinctItems items;
  for (PlannedRead& read : reads) {
    try {
      require_key(read.table->keys, read.get->key);
    } catch (const protocol::ServiceError& error) {
      reasons.push_back(invalid_part(error));
      continue;
    }
    reasons.push_back({.code = "None"});
    read.key = item_key(read.table->keys, read.get->key);
    items.add(*read.table, read.key);
  }
  require_no_reason(std::move(reasons));
}

// AWS charges for reading the items that the first request wrote.
TransactWriteItemsResponse repeated_response(const TransactionTerms& terms,
                                             const std::vector<PlannedWrite>& writes) {
  TransactionMeter meter(terms.consumed_capacity);
  for (const PlannedWrite& write : writes)
    meter.read(*write.table, write.old ? write.old->bytes : 0);
  return {.consumed_capacity = std::move(meter).result()};
}

// A hop for each table.
void tell_writes(ToldWrites told, const std::vector<PlannedWrite>& writes) {
  std::map<std::string, std::vector<const PlannedWrite*>> by_table;
  for (const PlannedWrite& write : writes)
    if (!write.only_checks()) by_table[*write.table_name].push_back(&write);
  for (const auto& [name, of_table] : by_table) {
    for (const PlannedWrite* write : of_table)
      write->erases ? told.removed(*write->given)
                    : told.wrote(write->now ? *write->now : *write->given);
    told.tell(*of_table.front()->table);
  }
}

}  // namespace

/// What looks at the request alone gives way; what looks at the items happens at one moment.
runtime::Task<TransactWriteItemsResponse> Service::transact_write_items(
    const Context& context, const TransactWriteItemsRequest& request) {
  std::vector<PlannedWrite> writes;
  for (const TransactWriteItem& item : request.transact_items) {
    if (turns_.is_over()) co_await turns_.next();
    writes.push_back(read_write(item));
  }
  std::optional<std::uint64_t> digest;
  if (request.client_request_token) {
    std::string content;
    protocol::json::append_structure(content, TransactWriteItemsRequest::shape, &request);
    if (turns_.is_over()) co_await turns_.next();
    digest = RequestTokens::digest_of(content);
  }
  co_return co_await transact(context,
                              {.token = request.client_request_token,
                               .digest = digest,
                               .consumed_capacity = request.return_consumed_capacity,
                               .collection_metrics = request.return_item_collection_metrics},
                              writes);
}

runtime::Task<> Service::judge(PlannedWrite& write) {
  if (!write.condition || !HeavyConditions::is_heavy(*write.condition, max_item_bytes)) co_return;
  std::optional<StoredItem> item = items_.find(*write.table, write.key);
  if (!item || !HeavyConditions::is_heavy(*write.condition, item->bytes)) co_return;
  const bool meets = co_await heavy_.matches_elsewhere(*write.condition, item->attributes);
  write.judged.emplace(std::move(item->attributes), meets);
}

runtime::Task<TransactWriteItemsResponse> Service::transact(const Context& context,
                                                            TransactionTerms terms,
                                                            std::vector<PlannedWrite>& writes) {
  find_places(writes, catalog_, context);
  for (PlannedWrite& write : writes) {
    if (turns_.is_over()) co_await turns_.next();
    co_await judge(write);
  }
  co_await let_disk_catch_up();
  storage::Transaction transaction(store_);
  const bool is_repeated =
      terms.digest && tokens_.is_repeated(context, *terms.token, *terms.digest, clock_.now());
  for (PlannedWrite& write : writes) {
    catalog_.require_still_there(context, *write.table);
    write.old = items_.find(*write.table, write.key);
  }
  TransactWriteItemsResponse response =
      is_repeated ? repeated_response(terms, writes) : carry_out(terms, writes);
  if (!is_repeated) tell_writes({writes_, context}, writes);
  transaction.commit();
  co_return response;
}

TransactWriteItemsResponse Service::carry_out(const TransactionTerms& terms,
                                              std::vector<PlannedWrite>& writes) {
  std::vector<CancellationReason> reasons;
  std::size_t bytes = 0;
  for (PlannedWrite& write : writes) {
    reasons.push_back(prepare(write));
    bytes += bytes_of(write);
  }
  require_no_reason(std::move(reasons));
  require_small(bytes);

  TransactionMeter meter(terms.consumed_capacity);
  CollectionMeter collections(terms.collection_metrics);
  for (const PlannedWrite& write : writes) {
    meter.write(*write.table, store(write, items_));
    if (!write.only_checks()) collections.add(*write.table_name, *write.table, *write.given);
  }
  return {.consumed_capacity = std::move(meter).result(),
          .item_collection_metrics = std::move(collections).result()};
}

/// All items are of the moment when the first is read.
runtime::Task<TransactGetItemsResponse> Service::transact_get_items(
    const Context& context, const TransactGetItemsRequest& request) {
  ItemSnapshot snapshot(store_);
  std::vector<PlannedRead> reads;
  for (const TransactGetItem& item : request.transact_items) {
    if (turns_.is_over()) co_await turns_.next();
    reads.push_back(read_get(item.get));
  }
  find_places(reads, catalog_, context);
  TransactionMeter meter(request.return_consumed_capacity);
  TransactGetItemsResponse response;
  response.responses.emplace();
  std::size_t bytes = 0;
  for (const PlannedRead& read : reads) {
    if (turns_.is_over()) co_await turns_.next();
    std::optional<StoredItem> item = snapshot.find(*read.table, read.key);
    meter.read(*read.table, item ? item->bytes : 0);
    require_small(bytes += item ? item->bytes : 0);
    ItemResponse& reply = response.responses->emplace_back();
    if (!item) continue;
    reply.item = read.projection ? expressions::project(*read.projection, item->attributes)
                                 : std::move(item->attributes);
  }
  response.consumed_capacity = std::move(meter).result();
  co_return response;
}

}  // namespace matinee::dynamodb

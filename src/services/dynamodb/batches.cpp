// Many items in one request. Each is read or written as by an operation of its own; all writes of a
// batch happen here, none stays unprocessed.
#include <set>

#include "dynamodb/errors.h"
#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/item_collections.h"
#include "services/dynamodb/request_expressions.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/told_writes.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::Substitutions;

constexpr std::size_t max_writes = 25;
constexpr std::size_t max_reads = 100;
/// That are committed at once, unless one item is more.
constexpr std::size_t max_committed_bytes = std::size_t{1} << 20;
/// Of all items together; what is beyond stays unprocessed.
constexpr std::size_t max_read_bytes = std::size_t{16} << 20;

protocol::ServiceError duplicate_keys() {
  return validation_error("Provided list of item keys contains duplicates");
}

// The keys of a batch, each of which may be there once. A table may be named in two ways.
class DistinctKeys {
 public:
  void add(const TableRecord& table, const ItemKey& key) {
    if (!seen_.emplace(table.number, key.bytes).second) throw duplicate_keys();
  }

 private:
  std::set<std::pair<std::uint64_t, std::string>> seen_;
};

void require_write_request(const WriteRequest& write) {
  if (write.put_request.has_value() == write.delete_request.has_value()) {
    throw validation_error(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  require_values(write.put_request ? write.put_request->item : write.delete_request->key);
  if (write.put_request && size_of(write.put_request->item) > max_item_bytes)
    throw validation_error("Item size has exceeded the maximum allowed size");
}

void require_number_of_writes(const BatchWriteItemRequest& request) {
  std::size_t writes = 0;
  for (const auto& [table, table_writes] : request.request_items) writes += table_writes.size();
  if (writes > max_writes)
    throw validation_error("Too many items requested for the BatchWriteItem call");
}

// Batches tell of a missing or mistyped key in other words than PutItem.
void require_batch_item_keys(const TableRecord& table, const Item& item) {
  require_key(table.keys, key_attributes(table.keys, item));
  require_index_keys(table, item);
}

// The part of a batch that writes to one table.
struct TableWrites {
  const std::string* name;  // in the request
  std::shared_ptr<const TableRecord> table;
  const std::vector<WriteRequest>* writes;
  std::vector<ItemKey> keys;  // of each of them
  CapacityMeter meter;
};

ItemKey require_write_key(const TableRecord& table, const WriteRequest& write) {
  if (write.put_request) {
    require_batch_item_keys(table, write.put_request->item);
    return item_key(table.keys, write.put_request->item);
  }
  require_key(table.keys, write.delete_request->key);
  return item_key(table.keys, write.delete_request->key);
}

WriteCost write_item(ItemStore& items, const TableWrites& part, std::size_t index) {
  const WriteRequest& write = (*part.writes)[index];
  const ItemKey& key = part.keys[index];
  if (write.put_request) return items.put(*part.table, key, write.put_request->item);
  const std::optional<StoredItem> old = items.find(*part.table, key);
  return old ? items.erase(*part.table, key, *old) : WriteCost{};
}

std::optional<expressions::Projection> read_batch_projection(const KeysAndAttributes& wanted) {
  require_one_style(
      {.expressions = {{"ProjectionExpression", wanted.projection_expression.has_value()}},
       .older = {{"AttributesToGet", wanted.attributes_to_get.has_value()}},
       .names = wanted.expression_attribute_names.has_value()});
  for (const Item& key : wanted.keys) require_values(key);
  Substitutions substitutions(wanted.expression_attribute_names, std::nullopt);
  auto projection = read_projection(wanted, substitutions);
  substitutions.require_all_used();
  return projection;
}

// What can be told without the tables, of all of them. Gives their projections, in order.
std::vector<std::optional<expressions::Projection>> read_batch(const BatchGetItemRequest& request) {
  std::vector<std::optional<expressions::Projection>> projections;
  std::size_t reads = 0;
  for (const auto& [table, wanted] : request.request_items) {
    projections.push_back(read_batch_projection(wanted));
    reads += wanted.keys.size();
  }
  if (reads > max_reads)
    throw validation_error("Too many items requested for the BatchGetItem call");
  return projections;
}

// Keys that are the same even before it is known what a key of the table looks like.
void require_distinct(const std::vector<Item>& keys) {
  std::set<std::string> seen;
  for (const Item& key : keys) {
    std::string text;
    for (const auto& [name, value] : key) text += name + describe(value);
    if (!seen.insert(std::move(text)).second) throw duplicate_keys();
  }
}

// Duplicates are told even where there is no such table.
std::shared_ptr<const TableRecord> hold_table(Catalog& catalog, const Context& context,
                                              const std::string& name,
                                              const std::vector<Item>& keys) {
  try {
    return catalog.hold(context, name);
  } catch (const ResourceNotFoundException&) {
    require_distinct(keys);
    throw;
  }
}

KeysAndAttributes without_keys(const KeysAndAttributes& wanted) {
  return {.attributes_to_get = wanted.attributes_to_get,
          .consistent_read = wanted.consistent_read,
          .projection_expression = wanted.projection_expression,
          .expression_attribute_names = wanted.expression_attribute_names};
}

template <class Response>
void add_consumed(std::optional<ConsumedCapacity> consumed, Response& response) {
  if (!consumed) return;
  if (!response.consumed_capacity) response.consumed_capacity.emplace();
  response.consumed_capacity->push_back(*std::move(consumed));
}

}  // namespace

/// Nothing is written unless everything can be. A crash may leave a part of a batch that nobody has
/// been told of.
runtime::Task<BatchWriteItemResponse> Service::batch_write_item(
    const Context& context, const BatchWriteItemRequest& request) {
  for (const auto& [name, writes] : request.request_items) {
    for (const WriteRequest& write : writes) {
      if (turns_.is_over()) co_await turns_.next();
      require_write_request(write);
    }
  }
  require_number_of_writes(request);
  std::vector<TableWrites> parts;
  DistinctKeys keys;
  for (const auto& [name, writes] : request.request_items) {
    const auto table = catalog_.hold(context, name);
    TableWrites& part = parts.emplace_back(
        TableWrites{&name, table, &writes, {}, {request.return_consumed_capacity, *table}});
    for (const WriteRequest& write : writes) {
      part.keys.push_back(require_write_key(*table, write));
      keys.add(*table, part.keys.back());
    }
  }
  BatchWriteItemResponse response;
  response.unprocessed_items.emplace();
  CollectionMeter collections(request.return_item_collection_metrics);
  ToldWrites told(writes_, context);
  for (TableWrites& part : parts) {
    for (std::size_t next = 0; next < part.writes->size();) {
      co_await let_disk_catch_up();
      if (turns_.is_over()) co_await turns_.next();
      storage::Transaction transaction(store_);
      catalog_.require_still_there(context, *part.table);
      std::size_t bytes = 0;
      do {
        const WriteRequest& write = (*part.writes)[next];
        write.put_request ? told.wrote(write.put_request->item)
                          : told.removed(write.delete_request->key);
        const WriteCost cost = write_item(items_, part, next);
        bytes += cost.bytes;
        part.meter.write(cost);
      } while (++next < part.writes->size() && bytes < max_committed_bytes && !turns_.is_over());
      told.tell(*part.table);
      transaction.commit();
    }
    for (const WriteRequest& write : *part.writes)
      collections.add(*part.name, *part.table,
                      write.put_request ? write.put_request->item : write.delete_request->key);
    add_consumed(std::move(part.meter).result(), response);
  }
  response.item_collection_metrics = std::move(collections).result();
  co_return response;
}

/// Each item is read for itself: the reply is of no one moment.
runtime::Task<BatchGetItemResponse> Service::batch_get_item(const Context& context,
                                                            const BatchGetItemRequest& request) {
  const auto projections = read_batch(request);
  auto next_projection = projections.begin();
  BatchGetItemResponse response;
  response.responses.emplace();
  response.unprocessed_keys.emplace();
  std::size_t bytes = 0;
  DistinctKeys keys;
  for (const auto& [name, wanted] : request.request_items) {
    const auto& projection = *next_projection++;
    const auto table = hold_table(catalog_, context, name, wanted.keys);
    require_scalar_keys(*table, projection);
    CapacityMeter meter(request.return_consumed_capacity, *table);
    std::vector<Item>& found = (*response.responses)[name];
    for (const Item& key_item : wanted.keys) {
      if (turns_.is_over()) co_await turns_.next();
      require_key(table->keys, key_item);
      const ItemKey key = item_key(table->keys, key_item);
      keys.add(*table, key);
      std::optional<StoredItem> item = items_.find(*table, key);
      if (item && bytes + item->bytes > max_read_bytes) {
        auto [left, is_new] = response.unprocessed_keys->try_emplace(name);
        if (is_new) left->second = without_keys(wanted);
        left->second.keys.push_back(key_item);
        continue;
      }
      meter.read(item ? item->bytes : 0, wanted.consistent_read.value_or(false));
      if (!item) continue;
      bytes += item->bytes;
      found.push_back(projection ? expressions::project(*projection, item->attributes)
                                 : std::move(item->attributes));
    }
    add_consumed(std::move(meter).result(), response);
  }
  co_return response;
}

}  // namespace matinee::dynamodb

// Many items in one request. Each is read or written as by an operation of its own; all writes of a
// batch happen here, none stays unprocessed.
#include <set>

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/request_expressions.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::Substitutions;

constexpr std::size_t max_writes = 25;
constexpr std::size_t max_reads = 100;
/// Of all items together; what is beyond stays unprocessed.
constexpr std::size_t max_read_bytes = std::size_t{16} << 20;

// The keys of one table's requests, each of which may be there once.
class DistinctKeys {
 public:
  void add(const ItemKey& key) {
    if (!seen_.insert(key.bytes).second)
      throw validation_error("Provided list of item keys contains duplicates");
  }

 private:
  std::set<std::string> seen_;
};

void require_write_request(const WriteRequest& write) {
  if (write.put_request.has_value() == write.delete_request.has_value()) {
    throw validation_error(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  if (write.put_request && size_of(write.put_request->item) > max_item_bytes)
    throw validation_error("Item size has exceeded the maximum allowed size");
}

void require_writes(const BatchWriteItemRequest& request) {
  std::size_t writes = 0;
  for (const auto& [table, table_writes] : request.request_items) {
    writes += table_writes.size();
    for (const WriteRequest& write : table_writes) require_write_request(write);
  }
  if (writes > max_writes)
    throw validation_error("Too many items requested for the BatchWriteItem call");
}

// Batches tell of a missing or mistyped key in other words than PutItem.
void require_batch_item_keys(const TableRecord& table, const Item& item) {
  require_key(table.keys, key_attributes(table.keys, item));
  require_index_keys(table, item);
}

void require_reads(const BatchGetItemRequest& request) {
  std::size_t reads = 0;
  for (const auto& [table, wanted] : request.request_items) reads += wanted.keys.size();
  if (reads > max_reads)
    throw validation_error("Too many items requested for the BatchGetItem call");
}

std::optional<expressions::Projection> read_batch_projection(const KeysAndAttributes& wanted) {
  require_one_style(
      {.expressions = {{"ProjectionExpression", wanted.projection_expression.has_value()}},
       .older = {{"AttributesToGet", wanted.attributes_to_get.has_value()}},
       .names = wanted.expression_attribute_names.has_value()});
  Substitutions substitutions(wanted.expression_attribute_names, std::nullopt);
  auto projection = read_projection(wanted, substitutions);
  substitutions.require_all_used();
  return projection;
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

BatchWriteItemResponse Service::batch_write_item(const Context& context,
                                                 const BatchWriteItemRequest& request) {
  require_writes(request);
  BatchWriteItemResponse response;
  response.unprocessed_items.emplace();
  for (const auto& [name, writes] : request.request_items) {
    const TableRecord& table = catalog_.require(context, name);
    CapacityMeter meter(request.return_consumed_capacity, table);
    DistinctKeys keys;
    for (const WriteRequest& write : writes) {
      if (write.put_request) {
        const Item& item = write.put_request->item;
        require_batch_item_keys(table, item);
        const ItemKey key = item_key(table.keys, item);
        keys.add(key);
        meter.write(items_.put(table, key, item));
        continue;
      }
      require_key(table.keys, write.delete_request->key);
      const ItemKey key = item_key(table.keys, write.delete_request->key);
      keys.add(key);
      const std::optional<StoredItem> old = items_.find(table, key);
      meter.write(old ? items_.erase(table, key, *old) : WriteCost{});
    }
    add_consumed(std::move(meter).result(), response);
  }
  return response;
}

BatchGetItemResponse Service::batch_get_item(const Context& context,
                                             const BatchGetItemRequest& request) {
  require_reads(request);
  BatchGetItemResponse response;
  response.responses.emplace();
  response.unprocessed_keys.emplace();
  std::size_t bytes = 0;
  for (const auto& [name, wanted] : request.request_items) {
    const auto projection = read_batch_projection(wanted);
    const TableRecord& table = catalog_.require(context, name);
    CapacityMeter meter(request.return_consumed_capacity, table);
    DistinctKeys keys;
    std::vector<Item>& found = (*response.responses)[name];
    for (const Item& key_item : wanted.keys) {
      require_key(table.keys, key_item);
      const ItemKey key = item_key(table.keys, key_item);
      keys.add(key);
      std::optional<StoredItem> item = items_.find(table, key);
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
  return response;
}

}  // namespace matinee::dynamodb

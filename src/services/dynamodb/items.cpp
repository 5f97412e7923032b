// Single items: put, got, updated, deleted.
#include "dynamodb/errors.h"
#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/item_changes.h"
#include "services/dynamodb/item_collections.h"
#include "services/dynamodb/request_expressions.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/told_writes.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::Substitutions;

void require_old_or_none(const std::optional<std::string>& return_values) {
  if (!return_values || return_values == "ALL_OLD" || return_values == "NONE") return;
  throw validation_error("ReturnValues can only be ALL_OLD or NONE");
}

const Item* attributes_of(const std::optional<StoredItem>& item) {
  return item ? &item->attributes : nullptr;
}

// Throws ConditionalCheckFailedException where the item, or the lack of one, does not meet the
// condition of a request.
template <class Request>
void require_condition(HeavyConditions& heavy, const Request& request,
                       const std::optional<expressions::Condition>& condition, const Item* item) {
  static const Item nothing;
  if (!condition || heavy.matches(&request, *condition, item ? *item : nothing)) return;
  ConditionalCheckFailedException failure("The conditional request failed");
  if (item && request.return_values_on_condition_check_failure == "ALL_OLD")
    failure.data.item = *item;
  throw failure;
}

// What PutItem and DeleteItem can be told without their table. `values` are the item or its key.
template <class Request>
std::optional<expressions::Condition> read_write_condition(const Request& request,
                                                           const Item& values) {
  require_one_style(
      {.expressions = {{"ConditionExpression", request.condition_expression.has_value()}},
       .older = {{"Expected", request.expected.has_value()}},
       .names = request.expression_attribute_names.has_value(),
       .values = request.expression_attribute_values.has_value()});
  require_values(values);
  require_old_or_none(request.return_values);
  require_values(request.expected);
  Substitutions substitutions(request.expression_attribute_names,
                              request.expression_attribute_values);
  auto condition = read_condition(request, substitutions);
  substitutions.require_all_used();
  return condition;
}

// UpdateExpression or AttributeUpdates, with the condition.
struct UpdatePlan {
  expressions::Update update;
  std::optional<expressions::Condition> condition;
};

UpdatePlan read_update(const UpdateItemRequest& request) {
  require_one_style(
      {.expressions = {{"UpdateExpression", request.update_expression.has_value()},
                       {"ConditionExpression", request.condition_expression.has_value()}},
       .older = {{"AttributeUpdates", request.attribute_updates.has_value()},
                 {"Expected", request.expected.has_value()}},
       .names = request.expression_attribute_names.has_value(),
       .values = request.expression_attribute_values.has_value()});
  require_values(request.key);
  require_values(request.attribute_updates);
  require_values(request.expected);
  Substitutions substitutions(request.expression_attribute_names,
                              request.expression_attribute_values);
  UpdatePlan plan;
  if (request.update_expression) {
    plan.update = expressions::parse_update(*request.update_expression, substitutions);
  } else if (request.attribute_updates) {
    plan.update = translate_updates(*request.attribute_updates);
  }
  plan.condition = read_condition(request, substitutions);
  substitutions.require_all_used();
  return plan;
}

}  // namespace

PutItemResponse Service::put_item(const Context& context, const PutItemRequest& request) {
  const auto condition = counted([&] { return read_write_condition(request, request.item); });
  if (size_of(request.item) > max_item_bytes)
    throw validation_error("Item size has exceeded the maximum allowed size");
  const TableRecord& table = catalog_.require(context, request.table_name);
  require_item_keys(table, request.item);
  require_scalar_keys(table, condition);
  const ItemKey key = item_key(table.keys, request.item);

  CapacityMeter meter(request.return_consumed_capacity, table);
  PutItemResponse response;
  if (!condition && request.return_values != "ALL_OLD") {
    meter.write(items_.put(table, key, request.item));
  } else {
    std::optional<StoredItem> old = items_.find(table, key);
    require_condition(heavy_, request, condition, attributes_of(old));
    meter.write(items_.replace(table, key, old ? &*old : nullptr, request.item));
    if (old && request.return_values == "ALL_OLD") response.attributes = std::move(old->attributes);
  }
  ToldWrites told(writes_, context);
  told.wrote(request.item);
  told.tell(table);
  response.consumed_capacity = std::move(meter).result();
  response.item_collection_metrics =
      collection_metrics(request.return_item_collection_metrics, table, request.item);
  return response;
}

GetItemResponse Service::get_item(const Context& context, const GetItemRequest& request) {
  require_one_style(
      {.expressions = {{"ProjectionExpression", request.projection_expression.has_value()}},
       .older = {{"AttributesToGet", request.attributes_to_get.has_value()}},
       .names = request.expression_attribute_names.has_value()});
  require_values(request.key);
  Substitutions substitutions(request.expression_attribute_names, std::nullopt);
  const auto projection = read_projection(request, substitutions);
  substitutions.require_all_used();
  const TableRecord& table = catalog_.require(context, request.table_name);
  require_key(table.keys, request.key);
  require_scalar_keys(table, projection);

  std::optional<StoredItem> item = items_.find(table, item_key(table.keys, request.key));
  CapacityMeter meter(request.return_consumed_capacity, table);
  meter.read(item ? item->bytes : 0, request.consistent_read.value_or(false));
  GetItemResponse response{.consumed_capacity = std::move(meter).result()};
  if (item) {
    response.item = projection ? expressions::project(*projection, item->attributes)
                               : std::move(item->attributes);
  }
  return response;
}

UpdateItemResponse Service::update_item(const Context& context, const UpdateItemRequest& request) {
  const UpdatePlan plan = counted([&] { return read_update(request); });
  const TableRecord& table = catalog_.require(context, request.table_name);
  require_key(table.keys, request.key);
  require_keys_untouched(table, plan.update);
  require_scalar_keys(table, plan.condition);
  const ItemKey key = item_key(table.keys, request.key);

  const std::optional<StoredItem> old = items_.find(table, key);
  require_condition(heavy_, request, plan.condition, attributes_of(old));
  CapacityMeter meter(request.return_consumed_capacity, table);
  UpdateItemResponse response{.item_collection_metrics = collection_metrics(
                                  request.return_item_collection_metrics, table, request.key)};
  if (!old && only_takes_away(plan.update)) {
    meter.write({});
  } else {
    const Item now = changed_item(table, plan.update, old ? old->attributes : request.key);
    meter.write(items_.replace(table, key, old ? &*old : nullptr, now));
    ToldWrites told(writes_, context);
    told.wrote(now);
    told.tell(table);
    response.attributes = returned_attributes(request.return_values.value_or("NONE"), plan.update,
                                              attributes_of(old), now);
  }
  response.consumed_capacity = std::move(meter).result();
  return response;
}

DeleteItemResponse Service::delete_item(const Context& context, const DeleteItemRequest& request) {
  const auto condition = counted([&] { return read_write_condition(request, request.key); });
  const TableRecord& table = catalog_.require(context, request.table_name);
  require_key(table.keys, request.key);
  require_scalar_keys(table, condition);
  const ItemKey key = item_key(table.keys, request.key);

  std::optional<StoredItem> old = items_.find(table, key);
  require_condition(heavy_, request, condition, attributes_of(old));
  CapacityMeter meter(request.return_consumed_capacity, table);
  meter.write(old ? items_.erase(table, key, *old) : WriteCost{});
  ToldWrites told(writes_, context);
  if (old) told.removed(request.key);
  told.tell(table);
  DeleteItemResponse response{.consumed_capacity = std::move(meter).result(),
                              .item_collection_metrics = collection_metrics(
                                  request.return_item_collection_metrics, table, request.key)};
  if (old && request.return_values == "ALL_OLD") response.attributes = std::move(old->attributes);
  return response;
}

}  // namespace matinee::dynamodb

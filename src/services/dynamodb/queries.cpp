// Query and Scan.
#include <fmt/format.h>

#include <algorithm>

#include "services/dynamodb/item_pages.h"
#include "services/dynamodb/read_rules.h"
#include "services/dynamodb/request_expressions.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::Substitutions;
using storage::KeyRange;

// The expressions of a query or scan.
struct ReadPlan {
  std::optional<expressions::KeyConditions> keys;
  std::optional<expressions::Condition> filter;
  std::optional<expressions::Projection> projection;
};

ReadPlan read_plan(const QueryRequest& request) {
  require_one_style(
      {.expressions = {{"ProjectionExpression", request.projection_expression.has_value()},
                       {"FilterExpression", request.filter_expression.has_value()},
                       {"KeyConditionExpression", request.key_condition_expression.has_value()}},
       .older = {{"AttributesToGet", request.attributes_to_get.has_value()},
                 {"QueryFilter", request.query_filter.has_value()},
                 {"ConditionalOperator", request.conditional_operator.has_value()},
                 // Key conditions of the older style may stand beside other expressions.
                 {"KeyConditions", request.key_conditions.has_value() &&
                                       request.key_condition_expression.has_value()}},
       .names = request.expression_attribute_names.has_value(),
       .values = request.expression_attribute_values.has_value()});
  require_values(request.query_filter);
  require_start_values(request.exclusive_start_key);
  require_values(request.key_conditions);
  if (!request.key_conditions && !request.key_condition_expression) {
    throw validation_error(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  }
  Substitutions substitutions(request.expression_attribute_names,
                              request.expression_attribute_values);
  ReadPlan plan;
  std::optional<expressions::Condition> keys;
  if (request.key_condition_expression) {
    keys = expressions::parse_condition(*request.key_condition_expression, "KeyConditionExpression",
                                        substitutions);
  }
  if (request.filter_expression) {
    plan.filter =
        expressions::parse_condition(*request.filter_expression, "FilterExpression", substitutions);
  } else if (request.query_filter) {
    plan.filter = translate_filter(*request.query_filter, request.conditional_operator);
  } else {
    refuse_lone_operator(request.conditional_operator);
  }
  plan.projection = read_projection(request, substitutions);
  substitutions.require_all_used();
  plan.keys = keys ? expressions::to_key_conditions(*keys)
                   : translate_key_conditions(*request.key_conditions);
  return plan;
}

ReadPlan read_plan(const ScanRequest& request) {
  require_one_style(
      {.expressions = {{"ProjectionExpression", request.projection_expression.has_value()},
                       {"FilterExpression", request.filter_expression.has_value()}},
       .older = {{"AttributesToGet", request.attributes_to_get.has_value()},
                 {"ScanFilter", request.scan_filter.has_value()},
                 {"ConditionalOperator", request.conditional_operator.has_value()}},
       .names = request.expression_attribute_names.has_value(),
       .values = request.expression_attribute_values.has_value()});
  require_values(request.scan_filter);
  require_start_values(request.exclusive_start_key);
  Substitutions substitutions(request.expression_attribute_names,
                              request.expression_attribute_values);
  ReadPlan plan;
  if (request.filter_expression) {
    plan.filter =
        expressions::parse_condition(*request.filter_expression, "FilterExpression", substitutions);
  } else if (request.scan_filter) {
    plan.filter = translate_filter(*request.scan_filter, request.conditional_operator);
  } else {
    refuse_lone_operator(request.conditional_operator);
  }
  plan.projection = read_projection(request, substitutions);
  substitutions.require_all_used();
  return plan;
}

template <class Request>
void require_selection_of(const Request& request) {
  require_selection(request.select,
                    {.projection = request.projection_expression ? "ProjectionExpression"
                                   : request.attributes_to_get   ? "AttributesToGet"
                                                                 : "",
                     .of_index = request.index_name.has_value()});
}

// What both operations make of their parameters.
template <class Request>
PageRequest page_request(const Request& request, const TableRecord& table, const ReadPlan& plan) {
  PageRequest page{.table = &table};
  if (request.index_name) page.index = &require_index(table, *request.index_name);
  if (page.index && page.index->global && request.consistent_read.value_or(false)) {
    throw validation_error("Consistent reads are not supported on global secondary indexes");
  }
  if (request.limit) page.limit = static_cast<std::size_t>(*request.limit);
  if (plan.filter) page.filter = &*plan.filter;
  if (plan.projection) page.projection = &*plan.projection;
  return page;
}

template <class Request>
std::optional<ConsumedCapacity> consumed(const Request& request, const PageRequest& asked,
                                         const Page& page) {
  const bool consistent = request.consistent_read.value_or(false);
  CapacityMeter meter(request.return_consumed_capacity, *asked.table);
  meter.read(page.bytes, consistent, asked.index);
  for (const std::size_t bytes : page.fetched_bytes) meter.read(bytes, consistent);
  return std::move(meter).result();
}

template <class Response>
Response reply(const PageRequest& asked, Page page) {
  Response response{.count = page.count,
                    .scanned_count = page.scanned,
                    .last_evaluated_key = std::move(page.last_key)};
  if (!asked.only_count) response.items = std::move(page.items);
  return response;
}

// What key conditions select. All but the last one are equality: their values begin the stored
// keys.
KeyRange key_range(const PageReader& reader, const PageRequest& page, const KeySchema& keys,
                   const expressions::KeyConditions& conditions) {
  const auto value_of = [&](const std::string& name) -> const AttributeValue& {
    return *conditions.at(name).values.front();
  };
  ItemKey start = partition_key(keys, value_of);
  const expressions::KeyCondition* last = nullptr;
  for_each_sort(keys, [&](const KeyAttribute& sort) {
    const auto found = conditions.find(sort.name);
    if (found == conditions.end()) return;
    if (last) append_key_value(start.bytes, *last->values.front());
    last = &found->second;
  });
  return last ? reader.search(page, start, *last)
              : reader.partition(*page.table, page.index, start);
}

void require_segment(const ScanRequest& request) {
  if (request.segment && !request.total_segments) {
    throw validation_error(
        "The TotalSegments parameter is required but was not present in the request when Segment "
        "parameter is present");
  }
  if (!request.total_segments) return;
  if (!request.segment) {
    throw validation_error(
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  }
  if (*request.segment < *request.total_segments) return;
  throw validation_error(
      fmt::format("The Segment parameter is zero-based and must be less than parameter "
                  "TotalSegments: Segment: {} is not less than TotalSegments: {}",
                  *request.segment, *request.total_segments));
}

// The hashes of one segment: ceil(65536 * segment / total) and on.
KeyRange segment_range(const PageReader& reader, const PageRequest& page,
                       const ScanRequest& request) {
  if (!request.total_segments) return reader.whole(*page.table, page.index);
  const auto total = static_cast<std::uint64_t>(*request.total_segments);
  const auto start_of = [total](std::uint64_t segment) {
    return static_cast<std::uint32_t>((65536 * segment + total - 1) / total);
  };
  const auto segment = static_cast<std::uint64_t>(*request.segment);
  return reader.hashes(*page.table, page.index, start_of(segment), start_of(segment + 1));
}

void require_in_segment(const KeyRange& range, const std::string& place,
                        const ScanRequest& request) {
  if (place >= range.from && (range.to.empty() || place < range.to)) return;
  throw validation_error(
      fmt::format("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                  "ExclusiveStartKey with correct Segment. TotalSegments: {} Segment: {}",
                  request.total_segments.value_or(1), request.segment.value_or(0)));
}

}  // namespace

runtime::Task<QueryResponse> Service::query(const Context& context, const QueryRequest& request) {
  const ReadPlan plan = read_plan(request);
  counted([&] { require_selection_of(request); });
  const auto held = catalog_.hold(context, request.table_name);
  const TableRecord& table = *held;
  PageRequest page = page_request(request, table, plan);
  page.backward = !request.scan_index_forward.value_or(true);
  const KeySchema& keys = page.index ? page.index->keys : table.keys;
  require_key_conditions(keys, *plan.keys);
  require_keys_unfiltered(keys, page, request.query_filter.has_value());

  const PageReader reader(store_, turns_, heavy_);
  page.range = key_range(reader, page, keys, *plan.keys);
  if (request.exclusive_start_key) {
    const ItemKey start = require_start_key(page, *request.exclusive_start_key);
    require_start_in_query(keys, *plan.keys, *request.exclusive_start_key);
    page.range = reader.after(page.range, page, start);
  }
  apply_selection(request.select, page);
  Page read;
  if (page.range.from < page.range.to) read = co_await reader.read(page);
  auto capacity = consumed(request, page, read);
  auto response = reply<QueryResponse>(page, std::move(read));
  response.consumed_capacity = std::move(capacity);
  co_return response;
}

runtime::Task<ScanResponse> Service::scan(const Context& context, const ScanRequest& request) {
  require_segment(request);
  const ReadPlan plan = read_plan(request);
  require_selection_of(request);
  const auto held = catalog_.hold(context, request.table_name);
  const TableRecord& table = *held;
  PageRequest page = page_request(request, table, plan);

  const PageReader reader(store_, turns_, heavy_);
  page.range = segment_range(reader, page, request);
  if (request.exclusive_start_key) {
    const ItemKey start = require_start_key(page, *request.exclusive_start_key);
    require_in_segment(page.range, reader.partition(table, page.index, start).from, request);
    page.range = reader.after(page.range, page, start);
  }
  apply_selection(request.select, page);
  Page read;
  if (page.range.from < page.range.to) read = co_await reader.read(page);
  auto capacity = consumed(request, page, read);
  auto response = reply<ScanResponse>(page, std::move(read));
  response.consumed_capacity = std::move(capacity);
  co_return response;
}

}  // namespace matinee::dynamodb

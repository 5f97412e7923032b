#include "services/dynamodb/partiql/selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "dynamodb/operations.h"
#include "protocol/base64.h"
#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/read_rules.h"
#include "services/dynamodb/values/validation.h"
#include "services/endpoint.h"

namespace matinee::dynamodb::partiql {
namespace {

constexpr std::uint8_t token_version = 1;

protocol::ServiceError invalid_token() {
  return validation_error("Invalid NextToken");
}

}  // namespace

Selection::Selection(const Statement& statement, const TableRecord& table, bool is_consistent)
    : page_{.table = &table} {
  if (!statement.index.empty()) page_.index = &require_index(table, statement.index);
  if (page_.index && page_.index->global && is_consistent)
    throw validation_error("Consistent reads are not supported on global secondary indexes");
  search_ = find_keys(keys(), statement.where);
  check_partitions();
  put_in_order(statement);
  if (search_.filter) {
    require_scalar_keys(table, search_.filter);
    page_.filter = &*search_.filter;
  }
  if (statement.columns.empty()) return;
  for (const Column& column : statement.columns) projection_.paths.push_back(column.path);
  page_.projection = &projection_;
  apply_selection(std::nullopt, page_);
  page_.projection = nullptr;  // `show` has other names
}

void Selection::check_partitions() const {
  for (const AttributeValue* value : search_.partitions) {
    expressions::KeyConditions conditions;
    conditions[keys().partition.name] = {expressions::Operator::equal, {value}};
    if (search_.sort) conditions[keys().sort->name] = *search_.sort;
    require_key_conditions(keys(), conditions);
  }
}

void Selection::put_in_order(const Statement& statement) {
  const std::vector<Order>& order = statement.order;
  if (order.empty()) return;
  if (!statement.where)
    throw validation_error("Must have WHERE clause in the statement when using ORDER BY clause.");
  if (is_scan()) {
    throw validation_error(
        "Must have at least one non-optional hash key condition in WHERE clause when using ORDER "
        "BY clause.");
  }
  for (const Order& by : order) {
    if (is_key(keys(), by.attribute)) continue;
    throw validation_error(fmt::format(
        "Variable reference {} in ORDER BY clause must be part of the primary key", by.attribute));
  }
  auto by = order.begin();
  if (by->attribute == keys().partition.name) {
    std::ranges::sort(search_.partitions, [&](const auto* left, const auto* right) {
      return by->is_descending ? compare(*right, *left) < 0 : compare(*left, *right) < 0;
    });
    ++by;
  } else if (search_.partitions.size() > 1) {
    throw services::not_implemented(operations::ExecuteStatement);
  }
  page_.backward = by != order.end() && by->is_descending;
}

PageRequest Selection::page(const PageReader& reader, std::size_t range,
                            const std::optional<Item>& start) const {
  PageRequest page = page_;
  if (is_scan()) {
    page.range = reader.whole(*page.table, page.index);
  } else {
    const ItemKey partition = partition_key(keys(), *search_.partitions[range]);
    page.range = search_.sort ? reader.search(page, partition, *search_.sort)
                              : reader.partition(*page.table, page.index, partition);
  }
  if (start) page.range = reader.after(page.range, page, require_start_key(page, *start));
  return page;
}

Item show(const Statement& statement, Item item) {
  if (statement.columns.empty()) return item;
  Item shown;
  for (const Column& column : statement.columns)
    if (const AttributeValue* value = expressions::find_value(column.path, item))
      shown[column.name] = *value;
  return shown;
}

std::string write_token(const Place& place, std::uint64_t digest) {
  std::string bytes;
  storage::Writer out(bytes);
  out.byte(token_version);
  out.fixed64(digest);
  out.varint(place.range);
  if (place.start) encode_record(out, StoredItem{.attributes = *place.start});
  return protocol::base64_encode(bytes);
}

Place read_token(const std::string& token, std::uint64_t digest) {
  const std::optional<std::string> bytes = protocol::base64_decode(token);
  if (!bytes) throw invalid_token();
  try {
    storage::Reader in(*bytes);
    if (in.byte() != token_version) throw invalid_token();
    if (in.fixed64() != digest) throw validation_error("NextToken does not match request");
    Place place{.range = in.varint()};
    if (in.at_end()) return place;
    StoredItem start;
    decode_record(in, start);
    place.start = std::move(start.attributes);
    return place;
  } catch (const storage::DamagedRecord&) {
    throw invalid_token();
  }
}

}  // namespace matinee::dynamodb::partiql

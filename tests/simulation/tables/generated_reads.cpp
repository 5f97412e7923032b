// Queries and scans.
#include <algorithm>

#include "generator.h"

namespace matinee::simulation::tables {

/// Equality on all of the partition; then, from the left, on the sort attributes, of which the last
/// one that is named may be compared otherwise.
Condition Generator::key_condition(const KeySchema& keys, const Json& like) {
  const auto value_of = [&](const KeyAttribute& key) {
    const Json* value = like.find(key.name);
    return value && type_of(*value) == key.type && !scalar_of(*value).empty() && !chance(4)
               ? *value
               : any_key_value(key.type);
  };
  const auto operand = [](const Json& value) { return Operand{.value = value}; };
  Condition all{.op = "AND"};
  for (const KeyAttribute& key : keys.hash) {
    const Json* value = like.find(key.name);
    const bool fits = value && type_of(*value) == key.type && !scalar_of(*value).empty();
    all.children.push_back(
        {"=", {{.path = {{.name = key.name}}}, operand(fits ? *value : any_key_value(key.type))}});
  }
  const std::size_t named = below(keys.range.size() + 1);
  for (std::size_t i = 0; i < named; ++i) {
    const KeyAttribute& key = keys.range[i];
    const Operand path{.path = {{.name = key.name}}};
    const Json value = value_of(key);
    std::string op = one_of<std::string>({"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"});
    if (i + 1 < named || (op == "begins_with" && key.type == "N")) op = "=";
    Condition one{op, {path, operand(value)}};
    if (op == "BETWEEN") {
      const Json other = any_key_value(key.type);
      one.operands.push_back(operand(other));
      if (compare(value, other) > 0) std::swap(one.operands[1], one.operands[2]);
    }
    all.children.push_back(one);
  }
  return all.children.size() == 1 ? all.children.front() : all;
}

void Generator::choose_page(PageRead& read, const Table& from, const Index* index) {
  // A filter of a query names no key.
  if (chance(2)) {
    std::vector<Path> paths = {{{.name = "x"}}};
    for (const std::string name : {"a", "b", "c", "d"})
      if (!read.keys || !(index && index->keys.has(name))) paths.push_back({{.name = name}});
    read.filter = any_condition(paths);
  }
  if (chance(2)) read.limit = 1 + below(5);
  if (chance(3)) {
    read.projection = any_paths();
    const bool is_narrow = index && index->is_global && index->projection != "ALL";
    if (is_narrow && !chance(10))
      std::erase_if(read.projection, [&](const Path& path) {
        return !index->keys.has(path[0].name) && !from.keys.has(path[0].name) &&
               !index->non_key.contains(path[0].name);
      });
    if (!read.projection.empty() && chance(4)) read.select = "SPECIFIC_ATTRIBUTES";
  } else if (chance(3)) {
    read.select = one_of<std::string>({"COUNT", "ALL_ATTRIBUTES"});
    if (index && chance(2)) read.select = "ALL_PROJECTED_ATTRIBUTES";
  }
}

Json Generator::body_of(const PageRead& read) {
  Json body;
  body["TableName"] = read.table;
  if (!read.index.empty()) body["IndexName"] = read.index;
  Printer printer(dice_);
  if (read.keys) body["KeyConditionExpression"] = printer.print(*read.keys);
  if (read.filter) body["FilterExpression"] = printer.print(*read.filter);
  if (!read.projection.empty()) body["ProjectionExpression"] = printer.print(read.projection);
  printer.add_to(body);
  if (read.limit) body["Limit"] = static_cast<std::int64_t>(*read.limit);
  if (read.start) body["ExclusiveStartKey"] = spelled(*read.start, dice_);
  if (read.backward)
    body["ScanIndexForward"] = false;
  else if (read.keys && chance(3))
    body["ScanIndexForward"] = true;
  if (!read.select.empty()) body["Select"] = read.select;
  return body;
}

PageRead Generator::any_query() {
  const Table& from = table();
  PageRead read{.table = from.name};
  const Index* index = nullptr;
  if (!from.indexes.empty() && !chance(3)) index = &one_of(from.indexes);
  if (index) read.index = index->name;
  if (from.name != nowhere && chance(40)) read.index = "none";
  const KeySchema& keys = index ? index->keys : from.keys;
  Json like = Json::Object();
  if (!from.items.empty()) {
    auto place = from.items.begin();
    std::advance(place, below(from.items.size()));
    like = *place->second;
  }
  read.keys = key_condition(keys, like);
  read.backward = chance(2);
  choose_page(read, from, index);
  if (chance(3) && (!index || is_in(*index, like)) && !like.object().empty() &&
      meets(*read.keys, like)) {
    read.start = key_of(from.keys, like);
    if (index)
      for (const auto& [name, value] : key_of(index->keys, like).object())
        (*read.start)[name] = value;
    // Of one that is not there.
    if (index && chance(2))
      for (const KeyAttribute& key : from.keys.all())
        if (!index->keys.has(key.name)) (*read.start)[key.name] = any_key_value(key.type);
  }
  return read;
}

Request Generator::query() {
  const PageRead read = any_query();
  return {.operation = "Query", .body = body_of(read), .apply = [read](Model& model, const Mark&) {
            return model.query(read);
          }};
}

PageRead Generator::any_scan() {
  const Table& from = table();
  PageRead read{.table = from.name};
  const Index* index = nullptr;
  if (!from.indexes.empty() && !chance(3)) index = &one_of(from.indexes);
  if (index) read.index = index->name;
  choose_page(read, from, index);
  return read;
}

}  // namespace matinee::simulation::tables

// Tables and their indexes.
#include "generator.h"

#include <algorithm>

namespace matinee::simulation::tables {
namespace {

Json schema_of(const KeySchema& keys) {
  Json::Array schema;
  for (const KeyAttribute& key : keys.hash)
    schema.push_back(Json::Object{{"AttributeName", key.name}, {"KeyType", "HASH"}});
  for (const KeyAttribute& key : keys.range)
    schema.push_back(Json::Object{{"AttributeName", key.name}, {"KeyType", "RANGE"}});
  return schema;
}

}  // namespace

std::string Generator::any_key_type() {
  return one_of<std::string>({"S", "N", "B"});
}

std::vector<KeyAttribute> Generator::any_key_attributes(const Table& table,
                                                        std::vector<std::string> names,
                                                        std::size_t count) {
  std::vector<KeyAttribute> keys;
  while (keys.size() < count && !names.empty()) {
    const auto chosen = names.begin() + static_cast<std::ptrdiff_t>(below(names.size()));
    keys.push_back({*chosen, table.types.at(*chosen)});
    names.erase(chosen);
  }
  return keys;
}

std::string Generator::any_view() {
  return one_of<std::string>({"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"});
}

Index Generator::any_index(const Table& of, const std::string& name, bool is_global) {
  Index index{.name = name, .is_global = is_global, .keys = {}};
  if (is_global) {
    const bool has_several = chance(3);
    auto keys = any_key_attributes(of, {"p", "s", "a", "b", "c", "d"}, has_several ? 5 : 2);
    const std::size_t hashes = has_several ? 1 + below(3) : 1;
    const std::size_t ranges = has_several ? below(3) : below(2);
    for (std::size_t i = 0; i < hashes + ranges && i < keys.size(); ++i)
      (i < hashes ? index.keys.hash : index.keys.range).push_back(keys[i]);
  } else {
    index.keys = {of.keys.hash, any_key_attributes(of, {"a", "b", "c", "d"}, 1)};
  }
  index.projection = one_of<std::string>({"ALL", "KEYS_ONLY", "INCLUDE"});
  if (index.projection == "INCLUDE")
    for (const char* attribute : {"x", "l", "m", "z"})
      if (index.non_key.empty() || chance(2)) index.non_key.insert(attribute);
  return index;
}

Table Generator::any_table_named(const std::string& name) {
  Table table{.name = name, .keys = {}};
  for (const std::string attribute : {"p", "s", "a", "b", "c", "d"})
    table.types[attribute] = any_key_type();
  table.keys.hash = {{"p", table.types["p"]}};
  if (!chance(3)) table.keys.range = {{"s", table.types["s"]}};
  if (!table.keys.range.empty())
    for (const std::string index : {"local0", "local1"})
      if (chance(2)) table.indexes.push_back(any_index(table, index, false));
  for (const std::string index : {"global0", "global1"})
    if (chance(2)) table.indexes.push_back(any_index(table, index, true));
  return table;
}

Json Generator::definitions_of(const std::vector<KeyAttribute>& keys) {
  Json::Array definitions;
  std::set<std::string> known;
  for (const KeyAttribute& key : keys)
    if (known.insert(key.name).second)
      definitions.push_back(Json::Object{{"AttributeName", key.name}, {"AttributeType", key.type}});
  return definitions;
}

Json Generator::body_of_index(const Index& index) {
  Json body;
  body["IndexName"] = index.name;
  body["KeySchema"] = schema_of(index.keys);
  body["Projection"]["ProjectionType"] = index.projection;
  if (index.projection == "INCLUDE") {
    Json::Array names;
    for (const std::string& name : index.non_key) names.push_back(name);
    body["Projection"]["NonKeyAttributes"] = names;
  }
  return body;
}

Json Generator::body_of_table(const Table& table, const std::string& view) {
  Json body;
  body["TableName"] = table.name;
  body["BillingMode"] = "PAY_PER_REQUEST";
  body["KeySchema"] = schema_of(table.keys);
  std::vector<KeyAttribute> keys = table.keys.all();
  std::map<bool, Json::Array> indexes;
  for (const Index& index : table.indexes) {
    for (const KeyAttribute& key : index.keys.all()) keys.push_back(key);
    indexes[index.is_global].push_back(body_of_index(index));
  }
  body["AttributeDefinitions"] = definitions_of(keys);
  if (indexes.contains(false)) body["LocalSecondaryIndexes"] = indexes[false];
  if (indexes.contains(true)) body["GlobalSecondaryIndexes"] = indexes[true];
  if (!view.empty()) {
    body["StreamSpecification"]["StreamEnabled"] = true;
    body["StreamSpecification"]["StreamViewType"] = view;
  }
  return body;
}

const Table& Generator::table_of(const std::string& name) const {
  const auto known = model_.tables.find(name);
  return known == model_.tables.end() ? nowhere_ : known->second;
}

const Table& Generator::table() {
  if (model_.tables.empty() || chance(60)) {
    if (nowhere_.types.empty()) nowhere_ = any_table_named(nowhere);
    nowhere_.name = nowhere;
    return nowhere_;
  }
  auto chosen = model_.tables.begin();
  std::advance(chosen, below(model_.tables.size()));
  return chosen->second;
}

}  // namespace matinee::simulation::tables

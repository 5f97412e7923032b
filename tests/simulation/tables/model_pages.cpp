// Query and Scan.
#include <algorithm>

#include "model.h"

namespace matinee::simulation::tables {
namespace {

/// By which a table or index is in order: its own key, then the table's.
std::vector<KeyAttribute> order_of(const Table& table, const Index* index) {
  std::vector<KeyAttribute> order = (index ? index->keys : table.keys).all();
  for (const KeyAttribute& key : table.keys.all())
    if (index) order.push_back(key);
  return order;
}

/// Of an item: the whole key of its entry.
Json entry_key(const Table& table, const Index* index, const Json& item) {
  Json key = key_of(table.keys, item);
  if (!index) return key;
  for (const auto& [name, value] : key_of(index->keys, item).object()) key[name] = value;
  return key;
}

bool is_projected(const Table& table, const Index& index, const std::string& attribute) {
  return index.projection == "ALL" || index.keys.has(attribute) || table.keys.has(attribute) ||
         (index.projection == "INCLUDE" && index.non_key.contains(attribute));
}

/// A column has the name of the path's last attribute, with the indexes after it.
Json columns_of(const std::vector<Path>& paths, const Json& item) {
  Json columns = Json::Object();
  for (const Path& path : paths) {
    std::string name;
    for (const Step& step : path)
      name = step.index ? name + "[" + std::to_string(*step.index) + "]" : step.name;
    if (const Json* value = tables::find(path, item)) columns[name] = *value;
  }
  return columns;
}

}  // namespace

Json Model::shown(const Table& table, const Index* index, const Json& item) {
  if (!index) return item;
  Json entry = Json::Object();
  for (const auto& [name, value] : item.object())
    if (is_projected(table, *index, name)) entry[name] = value;
  return entry;
}

std::vector<std::string> Model::places(const std::string& name,
                                       const std::string& index_name) const {
  const Table& table = tables.at(name);
  const Index* index = table.find_index(index_name);
  std::vector<std::string> found;
  for (const auto& [place, item] : table.items)
    if (!index || is_in(*index, *item)) found.push_back(place);
  const auto order = order_of(table, index);
  std::ranges::sort(found, [&](const std::string& left, const std::string& right) {
    return compare_keys(order, *table.items.at(left), *table.items.at(right)) < 0;
  });
  return found;
}

Answer Model::query(const PageRead& read) const {
  Answer answer;
  const Table* table = find(read.table, answer);
  if (!table) return answer;
  const Index* index = table->find_index(read.index);
  if (!read.index.empty() && !index) return failure("ValidationException", {});
  std::vector<std::string> found = places(read.table, read.index);
  std::erase_if(
      found, [&](const std::string& place) { return !meets(*read.keys, *table->items.at(place)); });
  if (read.start) {
    const auto order = order_of(*table, index);
    std::erase_if(found, [&](const std::string& place) {
      const auto compared = compare_keys(order, *table->items.at(place), *read.start);
      return read.backward ? compared >= 0 : compared <= 0;
    });
  }
  if (read.backward) std::ranges::reverse(found);
  return page(read, *table, std::move(found));
}

Answer Model::select(const PageRead& read) const {
  PageRead whole = read;
  whole.projection.clear();
  Answer answer = query(whole);
  if (answer.is_error()) return answer;
  const Table& table = tables.at(read.table);
  const Index* index = table.find_index(read.index);
  for (const Path& path : read.projection) {
    if (!index || is_projected(table, *index, path.front().name)) continue;
    if (index->is_global) return failure("ValidationException", {});
    whole.select = "ALL_ATTRIBUTES";
  }
  Json::Array items = query(whole).reply.at("Items").array();
  if (!read.projection.empty())
    for (Json& item : items) item = columns_of(read.projection, item);
  answer.reply = Json::Object{{"Items", items}};
  return answer;
}

Answer Model::select_batch(const std::vector<Read>& reads) const {
  Json::Array responses;
  for (const Read& read : reads) {
    Answer answer;
    const Table* table = find(read.table, answer);
    Json& response = responses.emplace_back();
    response["TableName"] = read.table;
    if (!table)
      response["Error"] = Json::Object{{"Code", "ResourceNotFound"}, {"Message", "*"}};
    else if (const Json* item = table->find(read.key))
      response["Item"] = read.projection.empty() ? *item : columns_of(read.projection, *item);
  }
  return {.reply = Json::Object{{"Responses", responses}}};
}

Answer Model::scan(const PageRead& read, const std::vector<std::string>& order) const {
  Answer answer;
  const Table* table = find(read.table, answer);
  if (!table) return answer;
  if (!read.index.empty() && !table->find_index(read.index))
    return failure("ValidationException", {});
  std::vector<std::string> found = order;
  if (read.start) {
    const auto start = std::ranges::find(found, table->place_of(*read.start));
    found.erase(found.begin(), start + 1);
  }
  return page(read, *table, std::move(found));
}

Answer Model::page(const PageRead& read, const Table& table,
                   std::vector<std::string> places) const {
  const Index* index = table.find_index(read.index);
  bool is_whole = !index || (read.select == "ALL_ATTRIBUTES" && !index->is_global);
  for (const Path& path : read.projection) {
    if (!index || is_projected(table, *index, path.front().name)) continue;
    if (index->is_global) return failure("ValidationException", {});
    is_whole = true;
  }
  if (read.select == "ALL_ATTRIBUTES" && index && index->is_global && index->projection != "ALL")
    return failure("ValidationException", {});
  Answer answer;
  Json::Array items;
  std::int64_t scanned = 0;
  std::int64_t count = 0;
  for (const std::string& place : places) {
    const Json& item = *table.items.at(place);
    const Json entry = is_whole ? item : shown(table, index, item);
    ++scanned;
    if (!read.filter || meets(*read.filter, entry)) {
      ++count;
      items.push_back(read.projection.empty() ? entry : project(read.projection, entry));
    }
    if (!read.limit || static_cast<std::size_t>(scanned) < *read.limit) continue;
    answer.reply["LastEvaluatedKey"] = entry_key(table, index, item);
    break;
  }
  answer.reply["Count"] = count;
  answer.reply["ScannedCount"] = scanned;
  if (read.select != "COUNT") answer.reply["Items"] = items;
  return answer;
}

}  // namespace matinee::simulation::tables

// Tables that come, change and go; scans; time.
#include <fmt/format.h>

#include <algorithm>

#include "tables_run.h"

namespace matinee::simulation::tables {
namespace {

const std::vector<std::string> names = {"films", "actors", "awards", "copy"};

}  // namespace

Request TablesRun::any_table_request() {
  const std::string name = names[below(names.size())];
  const auto known = model_.tables.find(name);
  if (known == model_.tables.end() || below(20) == 0) {
    const Table table = generator_.any_table_named(name);
    const std::string view = below(3) == 0 ? "" : generator_.any_view();
    return {.operation = "CreateTable",
            .body = generator_.body_of_table(table, view),
            .apply = [table, view](Model& model, const Mark&) {
              return model.create_table(table, view);
            }};
  }
  if (below(3) != 0) return change_of(known->second);
  return {.operation = "DeleteTable",
          .body = Json::Object{{"TableName", name}},
          .apply = [name](Model& model, const Mark&) { return model.delete_table(name); }};
}

Request TablesRun::change_of(const Table& table) {
  const std::string name = table.name;
  Request request{.operation = "UpdateTable", .body = Json::Object{{"TableName", name}}};
  switch (below(4)) {
    case 0: {
      const std::string view = table.stream ? "" : generator_.any_view();
      Json& wanted = request.body["StreamSpecification"];
      wanted["StreamEnabled"] = !view.empty();
      if (!view.empty()) wanted["StreamViewType"] = view;
      request.apply = [name, view](Model& model, const Mark&) {
        return model.change_stream(name, view);
      };
      return request;
    }
    case 1: {
      request.operation = "UpdateTimeToLive";
      Json& wanted = request.body["TimeToLiveSpecification"];
      wanted["AttributeName"] = "t";
      wanted["Enabled"] = !table.time_to_live;
      request.apply = [name, on = !table.time_to_live](Model& model, const Mark&) {
        return model.change_time_to_live(name, on ? std::optional<std::string>("t") : std::nullopt);
      };
      return request;
    }
    default:
      return change_of_indexes(table);
  }
}

Request TablesRun::change_of_indexes(const Table& table) {
  const std::string name = table.name;
  Request request{.operation = "UpdateTable", .body = Json::Object{{"TableName", name}}};
  std::vector<std::string> free = {"global0", "global1", "global2"};
  std::vector<std::string> taken;
  for (const Index& index : table.indexes)
    if (index.is_global) taken.push_back(index.name);
  std::erase_if(free, [&](const std::string& each) { return table.find_index(each) != nullptr; });
  if (free.empty() || (!taken.empty() && below(3) == 0)) {
    const std::string gone = taken[below(taken.size())];
    request.body["GlobalSecondaryIndexUpdates"] =
        Json::Array{Json::Object{{"Delete", Json::Object{{"IndexName", gone}}}}};
    request.apply = [name, gone](Model& model, const Mark&) {
      return model.remove_index(name, gone);
    };
    return request;
  }
  const Index index = generator_.any_index(table, free[below(free.size())], true);
  request.body["AttributeDefinitions"] = Generator::definitions_of(index.keys.all());
  request.body["GlobalSecondaryIndexUpdates"] =
      Json::Array{Json::Object{{"Create", Generator::body_of_index(index)}}};
  request.apply = [name, index](Model& model, const Mark&) { return model.add_index(name, index); };
  return request;
}

/// The order of partitions is the service's own: it is learned first, and then all pages have to
/// follow it.
void TablesRun::scan() {
  const PageRead read = generator_.any_scan();
  if (!model_.tables.contains(read.table)) return;
  const Table& table = model_.tables.at(read.table);
  const Index* index = table.find_index(read.index);
  Json whole = Json::Object{{"TableName", read.table}};
  if (index) whole["IndexName"] = read.index;
  const Json::Array items = scan_all(machine_, whole);
  const std::string difference =
      find_difference(table, index, items, model_.places(read.table, read.index));
  if (!difference.empty()) return fail("Scan " + whole.text() + ": " + difference);
  std::vector<std::string> order;
  for (const Json& item : items) order.push_back(table.place_of(item));
  if (below(4) == 0) return scan_segments(read, order);
  scan_pages(read, order);
}

void TablesRun::scan_pages(const PageRead& first, const std::vector<std::string>& order) {
  for (PageRead read = first;;) {
    const Request request{
        .operation = "Scan",
        .body = generator_.body_of(read),
        .apply = [&](Model& model, const Mark&) { return model.scan(read, order); }};
    const Answer expected = model_.scan(read, order);
    perform({request});
    const Json* last = expected.reply.find("LastEvaluatedKey");
    if (!last || machine_.has_died() || has_failed()) return;
    read.start = *last;
  }
}

void TablesRun::scan_segments(const PageRead& read, const std::vector<std::string>& order) {
  const auto total = static_cast<std::int64_t>(1 + below(5));
  std::vector<std::string> found;
  for (std::int64_t segment = 0; segment < total; ++segment) {
    Json body = Json::Object{{"TableName", read.table},
                             {"Segment", segment},
                             {"TotalSegments", total},
                             {"Limit", static_cast<std::int64_t>(1 + below(4))}};
    if (!read.index.empty()) body["IndexName"] = read.index;
    for (const Json& item : scan_all(machine_, body))
      found.push_back(model_.tables.at(read.table).place_of(item));
  }
  if (found != order)
    fail(fmt::format("{} segments of {} do not make the whole", total, read.table));
}

void TablesRun::pass_time() {
  using std::chrono::seconds;
  const std::vector<seconds> ways = {seconds(1),
                                     seconds(7),
                                     seconds(90),
                                     std::chrono::minutes(11),
                                     std::chrono::hours(5),
                                     std::chrono::hours(25)};
  const seconds way = ways[below(below(4) == 0 ? ways.size() : 4)];
  note(fmt::format("{} seconds pass", way.count()));
  consumer_.read(machine_, true);
  model_.remember_second();
  machine_.machine.loop.advance(way);
}

}  // namespace matinee::simulation::tables

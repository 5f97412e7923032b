// Requests about items.
#include <algorithm>

#include "generator.h"

namespace matinee::simulation::tables {
namespace {

const char* given_name(Write::Kind kind) {
  return kind == Write::Kind::put ? "Item" : "Key";
}

}  // namespace

Write Generator::any_write(Write::Kind kind) {
  const Table& to = table();
  Write write{.kind = kind,
              .table = to.name,
              .given = kind == Write::Kind::put ? any_item(to) : any_key(to)};
  if (kind == Write::Kind::update) write.update = any_update(to);
  if (chance(2) || kind == Write::Kind::check)
    write.condition = any_condition({{{.name = "p"}}, {{.name = "a"}}});
  write.shows_old_on_failure = chance(2);
  return write;
}

/// A write without its operation's own parameters.
Json Generator::part_of(const Write& write) {
  Json body;
  body["TableName"] = write.table;
  body[given_name(write.kind)] = spelled(write.given, dice_);
  Printer printer(dice_);
  if (!write.update.empty()) body["UpdateExpression"] = printer.print(write.update);
  if (write.condition) body["ConditionExpression"] = printer.print(*write.condition);
  printer.add_to(body);
  if (write.shows_old_on_failure) body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  return body;
}

Request Generator::request_of(const Write& write) {
  Request request{.operation = write.kind == Write::Kind::put      ? "PutItem"
                               : write.kind == Write::Kind::update ? "UpdateItem"
                                                                   : "DeleteItem",
                  .body = part_of(write),
                  .apply = [write](Model& model, const Mark&) { return model.write(write); }};
  if (write.returns != "NONE" || chance(3)) request.body["ReturnValues"] = write.returns;
  if (write.capacity != "NONE") request.body["ReturnConsumedCapacity"] = write.capacity;
  return request;
}

Request Generator::put() {
  Write write = any_write(Write::Kind::put);
  if (asks_for_capacity && chance(3)) write.capacity = one_of<std::string>({"TOTAL", "INDEXES"});
  if (chance(2)) write.returns = "ALL_OLD";
  return request_of(write);
}

Request Generator::erase() {
  Write write = any_write(Write::Kind::erase);
  if (asks_for_capacity && chance(3)) write.capacity = "INDEXES";
  if (chance(2)) write.returns = "ALL_OLD";
  return request_of(write);
}

Request Generator::update() {
  Write write = any_write(Write::Kind::update);
  if (asks_for_capacity && chance(3)) write.capacity = "INDEXES";
  write.returns = one_of<std::string>({"NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"});
  return request_of(write);
}

Request Generator::get() {
  const Table& from = table();
  Read read{.table = from.name, .key = any_key(from)};
  if (chance(2)) read.projection = any_paths();
  Request request{.operation = "GetItem", .body = {}, .apply = [read](Model& model, const Mark&) {
                    return model.read(read);
                  }};
  request.body["TableName"] = read.table;
  request.body["Key"] = spelled(read.key, dice_);
  Printer printer(dice_);
  if (!read.projection.empty())
    request.body["ProjectionExpression"] = printer.print(read.projection);
  printer.add_to(request.body);
  return request;
}

Request Generator::write_batch() {
  std::map<std::string, std::vector<Write>> by_table;
  std::set<std::pair<std::string, std::string>> seen;
  Json items = Json::Object();
  const std::size_t count = 1 + below(8);
  for (std::size_t i = 0; i < count; ++i) {
    const Table& to = table();
    Write write{.kind = chance(3) ? Write::Kind::erase : Write::Kind::put,
                .table = to.name,
                .given = any_item(to)};
    if (write.kind == Write::Kind::erase) write.given = key_of(to.keys, write.given);
    if (!seen.emplace(to.name, to.place_of(write.given)).second) continue;
    Json one;
    const bool is_put = write.kind == Write::Kind::put;
    one[is_put ? "PutRequest" : "DeleteRequest"][given_name(write.kind)] =
        spelled(write.given, dice_);
    if (!items[to.name].is_array()) items[to.name] = Json::Array();
    items[to.name].array().push_back(one);
    by_table[to.name].push_back(write);
  }
  std::vector<Write> writes;
  for (const auto& [name, of_table] : by_table)
    writes.insert(writes.end(), of_table.begin(), of_table.end());
  Request request{
      .operation = "BatchWriteItem", .body = {}, .apply = [writes](Model& model, const Mark& mark) {
        return model.write_batch(writes, mark);
      }};
  request.body["RequestItems"] = items;
  return request;
}

Write Generator::any_part() {
  using Kind = Write::Kind;
  Write write = any_write(one_of<Kind>({Kind::put, Kind::update, Kind::erase, Kind::check}));
  if (!chance(4) && write.kind != Kind::check) write.condition.reset();
  if (write.kind == Kind::update && write.update.empty())
    write.update = {{.path = {{.name = "x"}}, .sum = {.literal = any_value()}}};
  return write;
}

Request Generator::write_together() {
  const auto name_of = [](Write::Kind kind) {
    const std::map<Write::Kind, std::string> names = {{Write::Kind::put, "Put"},
                                                      {Write::Kind::update, "Update"},
                                                      {Write::Kind::erase, "Delete"},
                                                      {Write::Kind::check, "ConditionCheck"}};
    return names.at(kind);
  };
  const bool is_known = !last_token_.empty() && !model_.is_token_on_edge(last_token_);
  std::string token;
  if (chance(3)) token = is_known && chance(2) ? last_token_ : "token" + std::to_string(++tokens_);
  Json body;
  std::vector<Write> writes;
  const bool fits = std::ranges::all_of(last_writes_, [&](const Write& write) {
    return last_tables_[write.table] == definitions_of(table_of(write.table).keys.all());
  });
  if (!fits && token == last_token_) token.clear();  // its tables have been made anew
  if (token == last_token_ && !token.empty() && chance(2)) {
    body = last_transaction_;
    writes = last_writes_;
  } else {
    std::set<std::pair<std::string, std::string>> seen;
    Json::Array items;
    const std::size_t count = 1 + below(5);
    for (std::size_t i = 0; i < count; ++i) {
      const Write write = any_part();
      const std::string place = table_of(write.table).place_of(write.given);
      if (!seen.emplace(write.table, place).second) continue;
      items.push_back(Json::Object{{name_of(write.kind), part_of(write)}});
      writes.push_back(write);
    }
    body["TransactItems"] = items;
    if (!token.empty()) body["ClientRequestToken"] = token;
  }
  if (!token.empty()) {
    last_token_ = token;
    last_writes_ = writes;
    last_transaction_ = body;
    for (const Write& write : writes)
      last_tables_[write.table] = definitions_of(table_of(write.table).keys.all());
  }
  return {.operation = "TransactWriteItems",
          .body = body,
          .apply = [writes, token, text = body.text()](Model& model, const Mark&) {
            return model.write_together(writes, token, text);
          }};
}

std::vector<Read> Generator::any_reads(std::size_t most) {
  std::vector<Read> reads;
  std::set<std::pair<std::string, std::string>> seen;
  const std::size_t count = 1 + below(most);
  for (std::size_t i = 0; i < count; ++i) {
    const Table& from = table();
    Read read{.table = from.name, .key = any_key(from)};
    if (seen.emplace(from.name, from.place_of(read.key)).second) reads.push_back(read);
  }
  return reads;
}

Request Generator::read_batch() {
  std::vector<Read> reads = any_reads(6);
  Json items = Json::Object();
  std::map<std::string, std::vector<Path>> projections;
  for (Read& read : reads) {
    Json& of_table = items[read.table];
    if (!projections.contains(read.table)) {
      projections[read.table] = chance(2) ? any_paths() : std::vector<Path>();
      Printer printer(dice_);
      if (!projections[read.table].empty())
        of_table["ProjectionExpression"] = printer.print(projections[read.table]);
      printer.add_to(of_table);
      of_table["Keys"] = Json::Array();
    }
    read.projection = projections[read.table];
    of_table["Keys"].array().push_back(spelled(read.key, dice_));
  }
  Request request{.operation = "BatchGetItem",
                  .body = {},
                  .apply = [reads](Model& model, const Mark&) { return model.read_batch(reads); }};
  request.body["RequestItems"] = items;
  return request;
}

Request Generator::read_together() {
  std::vector<Read> reads = any_reads(5);
  Json::Array items;
  for (Read& read : reads) {
    Json get;
    if (chance(2)) read.projection = any_paths();
    Printer printer(dice_);
    get["TableName"] = read.table;
    get["Key"] = spelled(read.key, dice_);
    if (!read.projection.empty()) get["ProjectionExpression"] = printer.print(read.projection);
    printer.add_to(get);
    items.push_back(Json::Object{{"Get", get}});
  }
  Request request{
      .operation = "TransactGetItems", .body = {}, .apply = [reads](Model& model, const Mark&) {
        return model.read_together(reads);
      }};
  request.body["TransactItems"] = items;
  return request;
}

}  // namespace matinee::simulation::tables

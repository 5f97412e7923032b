// Statements of PartiQL.
#include <algorithm>

#include "generator.h"

namespace matinee::simulation::tables {
namespace {

bool is_sayable(const Sum& sum) {
  return sum.kind != Sum::Kind::if_not_exists && std::ranges::all_of(sum.arguments, is_sayable);
}

/// ADD of a number and if_not_exists have no words in PartiQL.
bool is_unsayable(const Action& action) {
  if (action.kind == Action::Kind::add) return type_of(action.sum.literal) == "N";
  return action.kind == Action::Kind::set && !is_sayable(action.sum);
}

}  // namespace

Write Generator::any_statement() {
  using Kind = Write::Kind;
  Write write = any_write(one_of<Kind>({Kind::put, Kind::update, Kind::update, Kind::erase}));
  if (write.kind == Kind::put) {
    write.condition.reset();
    write.must_be_new = true;
    write.shows_old_on_failure = false;
    return write;
  }
  write.ignores_missing = write.kind == Kind::erase;
  write.must_exist = write.kind == Kind::update;
  std::erase_if(write.update, is_unsayable);
  if (write.kind == Kind::update && write.update.empty())
    write.update = {{.path = {{.name = "x"}}, .sum = {.literal = any_value()}}};
  return write;
}

Request Generator::statement() {
  Write write = any_statement();
  if (write.kind == Write::Kind::erase && chance(2)) write.returns = "ALL_OLD";
  if (write.kind == Write::Kind::update)
    write.returns =
        one_of<std::string>({"NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"});
  return {.operation = "ExecuteStatement",
          .body = StatementPrinter(dice_).print(table_of(write.table), write),
          .apply = [write](Model& model, const Mark&) { return model.execute(write); }};
}

Request Generator::statement_batch() {
  Json::Array statements;
  Request request{.operation = "BatchExecuteStatement"};
  if (chance(3)) {
    const std::vector<Read> reads = any_reads(4);
    for (const Read& read : reads)
      statements.push_back(StatementPrinter(dice_).print(table_of(read.table), read));
    request.apply = [reads](Model& model, const Mark&) { return model.select_batch(reads); };
  } else {
    std::vector<Write> writes;
    std::set<std::pair<std::string, std::string>> seen;
    const std::size_t count = 1 + below(5);
    for (std::size_t i = 0; i < count; ++i) {
      const Write write = any_statement();
      const Table& to = table_of(write.table);
      // What one statement has written may have expired when the next one comes, or may not.
      const bool is_new = seen.emplace(write.table, to.place_of(write.given)).second;
      if (to.time_to_live && !is_new) continue;
      statements.push_back(StatementPrinter(dice_).print(to, write));
      writes.push_back(write);
    }
    request.apply = [writes](Model& model, const Mark& mark) {
      return model.execute_batch(writes, mark);
    };
  }
  request.body["Statements"] = statements;
  return request;
}

Request Generator::statements_together() {
  Json::Array statements;
  std::vector<Write> writes;
  std::set<std::pair<std::string, std::string>> seen;
  const std::size_t count = 1 + below(5);
  for (std::size_t i = 0; i < count; ++i) {
    const Write write = any_statement();
    const Table& to = table_of(write.table);
    if (!seen.emplace(write.table, to.place_of(write.given)).second) continue;
    statements.push_back(StatementPrinter(dice_).print(to, write));
    writes.push_back(write);
  }
  Request request{
      .operation = "ExecuteTransaction", .body = {}, .apply = [writes](Model& model, const Mark&) {
        return model.write_together(writes, "", "");
      }};
  request.body["TransactStatements"] = statements;
  return request;
}

bool Generator::is_of_several(const PageRead& read) const {
  const Index* index = table_of(read.table).find_index(read.index);
  return index && (index->keys.hash.size() > 1 || index->keys.range.size() > 1);
}

Request Generator::select() {
  PageRead read = any_query();
  // Of keys of several attributes PartiQL makes a scan.
  while (is_of_several(read)) read = any_query();
  read.limit.reset();
  read.start.reset();
  read.select.clear();
  const Table& from = table_of(read.table);
  const Index* index = from.find_index(read.index);
  const KeySchema& keys = index ? index->keys : from.keys;
  if (keys.range.empty()) read.backward = false;
  if (read.backward) read.order_by = keys.range.front().name;
  return {.operation = "ExecuteStatement",
          .body = StatementPrinter(dice_).print(read),
          .apply = [read](Model& model, const Mark&) { return model.select(read); }};
}

}  // namespace matinee::simulation::tables

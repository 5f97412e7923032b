// Random requests about the tables that the model has, few keys and few values, so that they meet.
#pragma once

#include "model.h"
#include "printer.h"
#include "statements.h"

namespace matinee::simulation::tables {

struct Request {
  std::string operation;
  Json body;
  /// What it does to the model, and what it answers.
  std::function<Answer(Model&, const Mark&)> apply;
};

class Generator {
 public:
  Generator(runtime::SeededRandom& dice, const Model& model) : dice_(dice), model_(model) {}

  // generator.cpp: what there is
  Table any_table_named(const std::string& name);
  Index any_index(const Table& table, const std::string& name, bool is_global);
  Json body_of_table(const Table& table, const std::string& view);
  static Json body_of_index(const Index& index);
  static Json definitions_of(const std::vector<KeyAttribute>& keys);
  std::string any_view();

  // generated_trees.cpp
  Json any_value(int depth = 0);
  Json any_scalar(const std::string& type);
  Json any_item(const Table& table);
  Json any_key(const Table& table);
  Path any_path();
  Condition any_condition(const std::vector<Path>& paths, int depth = 0);
  std::vector<Path> any_paths();
  Update any_update(const Table& table);

  // generated_requests.cpp
  Request put();
  Request update();
  Request erase();
  Request get();
  Request write_batch();
  Request write_together();
  Request read_batch();
  Request read_together();
  Request query();
  /// A scan has to be told the order.
  PageRead any_scan();
  Json body_of(const PageRead& read);

  // generated_statements.cpp: PartiQL
  Request statement();
  Request select();
  Request statement_batch();
  Request statements_together();

  /// Off where an index may be filling, for which only what it has met costs anything.
  bool asks_for_capacity = true;

  /// Requests name this one now and then: there is no such table.
  static constexpr const char* nowhere = "nowhere";

  /// It is not known whether the last token was used.
  void forget_token() { last_token_.clear(); }

  std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }
  bool chance(std::uint64_t one_in) { return dice_.below(one_in) == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  const Table& table();

 private:
  runtime::SeededRandom& dice_;
  const Model& model_;
  Table nowhere_;  // what requests to a table that is not there are made for
  int tokens_ = 0;
  std::string last_token_;
  std::vector<Write> last_writes_;
  Json last_transaction_;
  std::map<std::string, Json> last_tables_;  // their keys

  std::string any_key_type();
  Json any_key_value(const std::string& type);
  std::vector<KeyAttribute> any_key_attributes(const Table& table, std::vector<std::string> names,
                                               std::size_t count);
  Sum any_sum(const Path& path);
  Sum any_term(Sum::Kind kind);
  Action any_action(const Table& table);
  Update any_removals();
  Condition any_predicate(const std::vector<Path>& paths);
  Write any_write(Write::Kind kind);
  Request request_of(const Write& write);
  Json part_of(const Write& write);
  Write any_part();
  Condition key_condition(const KeySchema& keys, const Json& like);
  void choose_page(PageRead& read, const Table& table, const Index* index);
  std::vector<Read> any_reads(std::size_t most);
  PageRead any_query();
  bool is_of_several(const PageRead& read) const;
  Write any_statement();
  const Table& table_of(const std::string& name) const;
};

}  // namespace matinee::simulation::tables

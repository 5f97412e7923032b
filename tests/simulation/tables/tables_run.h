// One run: what a seed does to the tables, and what must be there afterwards.
#pragma once

#include "consumer.h"
#include "generator.h"

namespace matinee::simulation::tables {

class TablesRun {
 public:
  explicit TablesRun(std::uint64_t seed);

  /// Lives of some steps each, which end with the death of the machine or in peace.
  void live();

 private:
  runtime::SeededRandom dice_;
  TablesMachine machine_;
  Model model_;
  Generator generator_;
  Consumer consumer_;
  std::vector<std::string> history_;  // what has happened, for whoever reads of a failure

  std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }
  bool has_failed() const { return testing::Test::HasFailure(); }

  void step();
  Request any_request();
  Request any_statement();
  Request any_table_request();
  Request change_of(const Table& table);
  Request change_of_indexes(const Table& table);
  /// Several at once: they are carried out in this order.
  void perform(const std::vector<Request>& requests);
  void compare(const Request& request, const Answer& expected, const Reply& reply);
  void burst();
  void scan();
  void scan_pages(const PageRead& read, const std::vector<std::string>& order);
  void scan_segments(const PageRead& read, const std::vector<std::string>& order);
  void pass_time();
  void settle();
  /// The machine has died: one of these is what it must be.
  void recover(const std::vector<Model>& possible);
  void check();
  void fail(const std::string& what);
  void note(std::string line);
};

}  // namespace matinee::simulation::tables

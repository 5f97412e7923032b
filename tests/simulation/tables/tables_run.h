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
  int backups_ = 0;                   // that were made
  std::vector<std::string> history_;  // what has happened, for whoever reads of a failure

  std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }
  bool has_failed() const { return testing::Test::HasFailure(); }

  void step();
  Request any_request();
  Request any_statement();
  Request any_table_request();
  Request change_of(const Table& table);

  // tables_run_backups.cpp: nothing where there is nothing to do it with
  std::optional<Request> any_backup_request();
  std::optional<Request> backing_up();
  std::optional<Request> removal_of_backup();
  std::optional<Request> restoring();
  std::optional<Request> change_of_recovery();
  std::optional<Request> recovering();
  std::string arn_of(const std::string& backup);
  std::string free_name();

  Request change_of_indexes(const Table& table);
  /// Several at once: they are carried out in this order.
  void perform(const std::vector<Request>& requests, bool spread = false);
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

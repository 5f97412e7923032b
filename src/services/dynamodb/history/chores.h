// What the past of tables asks for by itself, a little at a time in rounds of the loop: restored
// tables are filled, backups expire, and what nobody needs any more is removed. What a crash
// interrupts goes on after the next start.
#pragma once

#include <memory>

#include "runtime/loop.h"
#include "runtime/movable_clock.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/history/backup_store.h"
#include "services/dynamodb/history/restores.h"
#include "services/dynamodb/item_store.h"

namespace matinee::dynamodb::history {

class Chores {
 public:
  /// What they are done with; all must outlive them.
  struct Parts {
    storage::Store& store;
    Catalog& catalog;
    ItemStore& items;
    PastVersions& past;
    runtime::Loop& loop;
  };

  /// Goes on with what an earlier run has left.
  explicit Chores(const Parts& parts);
  ~Chores();
  Chores(const Chores&) = delete;
  Chores& operator=(const Chores&) = delete;

  /// Fills a new table, which is ACTIVE when that has ended. Its source is kept for it.
  void restore(const TableRecord& table, const RestoreRecord& restore);
  /// Restores of an account, or all, whose tables go away.
  void forget_all(const std::optional<std::string>& account);

 private:
  Parts parts_;
  BackupStore backups_;
  Restores restores_;
  std::uint64_t last_restore_ = 0;  // they take turns
  bool is_posted_ = false;
  runtime::TimerId timer_ = runtime::TimerId::none;
  /// While the disk catches up with what was restored; that takes no time that users move.
  runtime::TimerId disk_timer_ = runtime::TimerId::none;
  std::optional<runtime::ClockHold> disk_hold_;
  /// Steps that are still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  void post();
  void step();
  void let_disk_catch_up();
  bool restore_some();
  void end_restore(std::uint64_t number, const RestoreRecord& restore, const TableRecord* table);
  void watch();
  void wait(runtime::Time when);
};

}  // namespace matinee::dynamodb::history

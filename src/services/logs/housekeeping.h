// Removes what nobody can see any more: blocks of streams that were deleted, and events that are
// older than their group keeps them. A few blocks at a time, in rounds of the loop that follow;
// what a crash leaves is removed after the next start.
#pragma once

#include <memory>

#include "runtime/loop.h"
#include "services/logs/catalog/catalog.h"

namespace matinee::logs {

class Housekeeping {
 public:
  /// Both must outlive it.
  Housekeeping(Catalog& catalog, runtime::Loop& loop);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  /// A stream was deleted, or a group has got a retention, in the current transaction.
  void wake();

 private:
  Catalog& catalog_;
  runtime::Loop& loop_;
  bool is_posted_ = false;
  /// Groups before this one have been looked through in this pass.
  GroupNumber next_group_ = 0;
  runtime::TimerId timer_ = runtime::TimerId::none;
  /// Steps that are still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  void post_step();
  void step();
  void wait(runtime::Duration duration);
  /// False where nothing is left to be done now.
  bool remove_some();
  void remove_remains(GroupNumber group, StreamNumber stream);
  void remove_expired(GroupNumber group, Milliseconds horizon);
  bool is_time_to_pause(std::size_t removed) const;
};

}  // namespace matinee::logs

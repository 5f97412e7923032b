// Removes what nobody can see any more: blocks of streams that were deleted, and events that are
// older than their group keeps them. A few blocks at a time, in rounds of the loop that follow;
// what a crash leaves is removed after the next start.
#pragma once

#include <memory>

#include "runtime/loop.h"
#include "services/logs/catalog/catalog.h"
#include "services/logs/retention.h"

namespace matinee::logs {

class Housekeeping {
 public:
  /// All must outlive it.
  Housekeeping(Catalog& catalog, const RetentionPolicies& retention, runtime::Loop& loop);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  /// A stream was deleted, or what is kept how long has changed. Once that is committed.
  void wake();

 private:
  Catalog& catalog_;
  const RetentionPolicies& retention_;
  runtime::Loop& loop_;
  bool is_posted_ = false;
  bool again_ = false;  // something has changed since this pass began
  /// Groups before this one have been looked through in this pass.
  GroupNumber next_group_ = 0;
  /// Accounts and regions whose policies may let events of any group expire: where their groups
  /// begin and end. What this pass has still to look through.
  std::vector<std::pair<GroupNumber, GroupNumber>> governed_;
  bool has_policies_ = false;
  runtime::TimerId timer_ = runtime::TimerId::none;
  /// Steps that are still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  void post_step();
  void step();
  void wait(runtime::Duration duration);
  /// False where nothing is left to be done now.
  bool remove_some();
  void remove_remains(GroupNumber group, StreamNumber stream);
  /// Whatever is older than the group keeps it. False where there may be more.
  bool remove_expired(GroupNumber number);
  bool remove_expired(GroupNumber group, Milliseconds horizon);
  void find_governed();
  bool is_time_to_pause(std::size_t removed) const;
};

}  // namespace matinee::logs

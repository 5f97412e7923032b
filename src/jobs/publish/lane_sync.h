// Makes the journals survive a power cut, once a second and beside the work: what was sent in the
// last second may be forgotten then, and is sent again.
#pragma once

#include <atomic>

#include "jobs/publish/ledger.h"
#include "jobs/publish/summary.h"

namespace matinee::jobs::publish {

class LaneSync {
 public:
  /// Starts at once and ends with its destruction. All must outlive it, the disk also the workers.
  LaneSync(runtime::Runtime& runtime, const Ledger& ledger, PublishListener& listener);
  ~LaneSync();
  LaneSync(const LaneSync&) = delete;
  LaneSync& operator=(const LaneSync&) = delete;

 private:
  /// Shared with the worker, which may end later.
  struct Progress {
    std::atomic<bool> is_busy = false;
    std::atomic<bool> has_failed = false;
  };

  runtime::Runtime& runtime_;
  const Ledger& ledger_;
  PublishListener& listener_;
  std::shared_ptr<Progress> progress_ = std::make_shared<Progress>();
  bool has_warned_ = false;
  runtime::TimerId timer_ = runtime::TimerId::none;

  void schedule();
  void sync();
};

}  // namespace matinee::jobs::publish

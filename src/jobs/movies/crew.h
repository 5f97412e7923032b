// The tasks that work on one job at the same time, and the way to wait until their work is done or
// one of them has failed.
#pragma once

#include "runtime/task_group.h"

namespace matinee::jobs::movies {

/// Destroying it gives up what its tasks are doing: a long poll that nobody needs any more. Do that
/// from a task that is not one of them.
class Crew {
 public:
  explicit Crew(runtime::Clock& clock) : clock_(clock), group_(1'000'000) {}

  /// Starts a task of the crew.
  runtime::Task<> add(runtime::Task<> task);
  /// Something happened that `wait_for_change` may be waiting for.
  void notify();
  /// Until the next `notify`, but at most `patience`. Throws what a task of the crew has thrown.
  /// The caller goes on in a round of its own, never inside `notify`, so it may destroy the crew.
  /// For one caller at a time.
  runtime::Task<> wait_for_change(runtime::Duration patience);

 private:
  class Change;

  runtime::Clock& clock_;
  Change* waiting_ = nullptr;
  std::exception_ptr failure_;
  runtime::TaskGroup group_;

  runtime::Task<> guard(runtime::Task<> task);
};

}  // namespace matinee::jobs::movies

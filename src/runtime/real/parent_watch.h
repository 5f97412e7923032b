// The end of the process that has started this one.
#pragma once

#include <functional>

#include "runtime/loop.h"
#include "runtime/thread.h"

namespace matinee::runtime {

/// A descriptor that becomes readable when the process ends; negative where the system gives none.
int open_process(int process_id);

/// The process that has started this one, as long as it runs; then who takes its place.
int find_parent();

/// Calls back on the state thread, once, when `parent`, which was the parent of this process at the
/// beginning of the program, has ended, before this watch began or later, however it did. Unlike
/// the kernel's signal for a parent's death, which comes when the *thread* that has started a
/// process ends, this is right for test runners that start servers from threads of their own.
class ParentWatch {
 public:
  ParentWatch(Loop& loop, int parent, std::function<void()> ended);
  ~ParentWatch();
  ParentWatch(const ParentWatch&) = delete;
  ParentWatch& operator=(const ParentWatch&) = delete;

 private:
  void watch();

  Loop& loop_;
  std::function<void()> ended_;
  int parent_;
  int parent_descriptor_;
  int end_descriptor_;
  std::optional<Thread> thread_;
};

}  // namespace matinee::runtime

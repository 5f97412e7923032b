// Where work goes that must not hold up the state thread: hashing, syncing and removing files.
#pragma once

#include "runtime/clock.h"

namespace matinee::runtime {

/// All functions may be called from any thread. Work must not throw. What is still waiting when the
/// workers are destroyed is dropped.
class Workers {
 public:
  virtual ~Workers() = default;
  virtual void post(Callback work) = 0;
  /// Not before `delay` has passed, in real time: shifting the Clock does not hurry it.
  virtual void post_after(Duration delay, Callback work) = 0;
};

}  // namespace matinee::runtime

// Replies that wait until the loop has come to rest. Otherwise it is up to the machine whether what
// a call has caused (deliveries, calls of functions) comes before or after the client's next call.
#pragma once

#include "runtime/loop.h"

namespace matinee::runtime {

/// What a Loop may be besides. State thread only.
class RestingLoop {
 public:
  virtual ~RestingLoop() = default;
  /// From now on `at_rest` waits, a second at most.
  virtual void wait_for_rest() = 0;
  /// Runs `callback` once nothing is posted, nothing waits for a flush, and no timer is due. It
  /// writes nothing. Where nobody waits for rest it runs in the next round.
  virtual void at_rest(Callback callback) = 0;
  virtual bool waits_for_rest() const = 0;
};

/// Null for a loop that cannot, or need not.
inline RestingLoop* find_resting(Loop& loop) {
  auto* resting = dynamic_cast<RestingLoop*>(&loop);
  return resting && resting->waits_for_rest() ? resting : nullptr;
}

/// Does nothing for a loop that cannot.
inline void wait_for_rest(Loop& loop) {
  if (auto* resting = dynamic_cast<RestingLoop*>(&loop)) resting->wait_for_rest();
}

}  // namespace matinee::runtime

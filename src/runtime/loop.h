// The loop of the state thread. It works in rounds: everything posted so far runs, then the round
// ends: the flush hook makes its writes durable, and only then what waited for that may go out.
#pragma once

#include "runtime/clock.h"
#include "runtime/turns.h"

namespace matinee::runtime {

class Loop {
 public:
  virtual ~Loop() = default;

  /// Runs `callback` on the state thread in its next round. From any thread.
  virtual void post(Callback callback) = 0;

  /// Runs `callback` on the state thread after the flush of the current round: the place from which
  /// replies are sent. From the state thread only. Callbacks run in the order they were given; what
  /// they post or write belongs to the next round.
  virtual void after_flush(Callback callback) = 0;

  /// What makes a round durable (Store::flush); called once a round in which something ran, before
  /// the after_flush callbacks.
  virtual void set_flush(Callback flush) = 0;

  /// Runs rounds until `stop`. The calling thread is the state thread.
  virtual void run() = 0;

  /// Lets `run` return after the current round. From any thread.
  virtual void stop() = 0;

  virtual Clock& clock() = 0;

  /// Time that has passed, for measuring how long something takes: nobody moves it. From any
  /// thread.
  virtual Duration elapsed() const = 0;

  /// The number of the round that runs, or ran last. On the state thread.
  virtual std::uint64_t round() const = 0;

  /// For work of the state thread that takes long.
  Turns& turns() { return turns_; }

 private:
  Turns turns_{*this};
};

}  // namespace matinee::runtime

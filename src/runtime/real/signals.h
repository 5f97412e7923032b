// Signals, as callbacks on the state thread.
#pragma once

#include <initializer_list>

#include "runtime/loop.h"
#include "runtime/thread.h"

namespace matinee::runtime {

/// Passes signals on to the loop for as long as it lives. To be made before any other thread: it
/// blocks the signals for all threads that follow. SIGPIPE is ignored from then on.
class Signals {
 public:
  /// `handle` gets the signal's number, on the state thread, each time it arrives.
  Signals(Loop& loop, std::initializer_list<int> signals, std::function<void(int)> handle);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void watch();

  Loop& loop_;
  std::function<void(int)> handle_;
  int signal_descriptor_;
  int end_descriptor_;
  std::optional<Thread> thread_;
};

}  // namespace matinee::runtime

// For tests: a coroutine, run to its end on a simulated machine.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include "runtime/simulated/simulated_loop.h"
#include "runtime/task.h"

namespace matinee::runtime {

/// The result of a task, or what it throws: rounds and timers of the loop run until it has ended.
/// Throws std::bad_optional_access where nothing is left to run before that.
template <class T>
T run_task(SimulatedLoop& loop, Task<T> task) {
  std::optional<T> value;
  std::exception_ptr failure;
  start(std::move(task), [&](std::optional<T> result, std::exception_ptr error) {
    value = std::move(result);
    failure = error;
  });
  while (!value && !failure) {
    loop.run_until_idle();
    if (!value && !failure && !loop.advance_to_next_timer()) break;
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(value.value());
}

}  // namespace matinee::runtime

// Work of a task that takes long, done by a worker while the task waits.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "runtime/runtime.h"
#include "runtime/task.h"

namespace matinee::runtime {

/// What `work` returns. It must not throw, and uses nothing that the waiting task could take with
/// it: the task may be destroyed meanwhile.
template <class Result>
Task<Result> elsewhere(Runtime& runtime, std::move_only_function<Result()> work) {
  struct Shared {
    Promised<Result> result;
    bool is_awaited = true;
  };
  struct Guard {
    std::shared_ptr<Shared> shared = std::make_shared<Shared>();
    Guard() = default;
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { shared->is_awaited = false; }
  };
  const Guard guard;
  runtime.workers.post(
      [&loop = runtime.loop, shared = guard.shared, work = std::move(work)]() mutable {
        loop.post([shared, result = work()]() mutable {
          if (shared->is_awaited) shared->result.set(std::move(result));
        });
      });
  co_return co_await guard.shared->result;
}

}  // namespace matinee::runtime

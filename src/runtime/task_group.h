// Several tasks at once, on the state thread: a bounded number of requests in flight.
#pragma once

#include <cstddef>
#include <exception>
#include <list>

#include "runtime/channel.h"
#include "runtime/task.h"

namespace matinee::runtime {

/// Runs tasks at the same time, at most `limit` of them.
///
///   TaskGroup sends(8);
///   while (more) co_await sends.spawn(send(next_batch()));
///   co_await sends.join();
///
/// After the first exception `spawn` starts nothing more and throws it, as `join` does. Destroying
/// the group destroys the tasks that are still running.
class TaskGroup {
 public:
  explicit TaskGroup(std::size_t limit);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts the task once fewer than `limit` are running; what is awaited is its start.
  [[nodiscard]] Task<> spawn(Task<> task);
  /// Until all have ended. Throws the first exception, once nothing is running any more.
  [[nodiscard]] Task<> join();

  std::size_t running() const { return running_; }

 private:
  /// A task of the group, owned by it. It starts at once and waits at its end to be destroyed.
  struct Member {
    struct promise_type;
    std::coroutine_handle<promise_type> handle;
  };

  Member run(Task<> task);
  void destroy_ended();

  std::size_t limit_;
  std::size_t running_ = 0;
  std::exception_ptr error_;
  std::list<Member> members_;
  Event ended_;
};

}  // namespace matinee::runtime

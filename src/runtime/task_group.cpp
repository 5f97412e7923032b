#include "runtime/task_group.h"

#include <optional>

#include "runtime/assertion.h"

namespace matinee::runtime {

struct TaskGroup::Member::promise_type {
  TaskGroup& group;
  /// Where the group has it; nothing while it starts.
  std::optional<std::list<Member>::iterator> place;

  promise_type(TaskGroup& owner, const Task<>&) : group(owner) {}

  Member get_return_object() {
    return Member{std::coroutine_handle<promise_type>::from_promise(*this)};
  }
  std::suspend_never initial_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void unhandled_exception() const noexcept {
    if (!group.error_) group.error_ = std::current_exception();
  }

  /// Tells the others only once this coroutine counts as suspended, because they may well destroy
  /// the group and this coroutine with it.
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
      TaskGroup& owner = self.promise().group;
      // Those that have ended come first, so that nobody has to look for them.
      if (self.promise().place)
        owner.members_.splice(owner.members_.begin(), owner.members_, *self.promise().place);
      --owner.running_;
      owner.ended_.notify();
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return {}; }
};

TaskGroup::TaskGroup(std::size_t limit) : limit_(limit) {
  expect(limit > 0, "a task group has room for a task");
}

TaskGroup::~TaskGroup() {
  for (Member& member : members_) member.handle.destroy();
}

TaskGroup::Member TaskGroup::run(Task<> task) {
  co_await task;
}

Task<> TaskGroup::spawn(Task<> task) {
  while (running_ >= limit_ && !error_) co_await ended_.wait();
  if (error_) std::rethrow_exception(error_);
  destroy_ended();
  ++running_;
  // A member that starts may itself spawn into this group, so nothing is held across the start.
  const Member member = run(std::move(task));
  if (member.handle.done()) {
    member.handle.destroy();
    co_return;
  }
  members_.push_back(member);
  member.handle.promise().place = std::prev(members_.end());
}

Task<> TaskGroup::join() {
  while (running_ > 0) co_await ended_.wait();
  destroy_ended();
  if (error_) std::rethrow_exception(error_);
}

void TaskGroup::destroy_ended() {
  while (!members_.empty() && members_.front().handle.done()) {
    members_.front().handle.destroy();
    members_.pop_front();
  }
}

}  // namespace matinee::runtime

// The tasks that work on one job.
#include "jobs/movies/crew.h"

namespace matinee::jobs::movies {

/// A timer that resumes the waiting task, and that `wake` brings forward.
class Crew::Change {
 public:
  Change(Crew& crew, runtime::Time until) : crew_(crew), until_(until) { crew_.waiting_ = this; }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
  ~Change() {
    crew_.waiting_ = nullptr;
    crew_.clock_.cancel(timer_);
  }

  void wake() { resume_at(crew_.clock_.now()); }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    awaiting_ = awaiting;
    resume_at(until_);
  }
  void await_resume() { timer_ = runtime::TimerId::none; }

 private:
  Crew& crew_;
  runtime::Time until_;
  std::coroutine_handle<> awaiting_;
  runtime::TimerId timer_ = runtime::TimerId::none;

  void resume_at(runtime::Time when) {
    crew_.clock_.cancel(timer_);
    timer_ = crew_.clock_.call_at(when, [awaiting = awaiting_] { awaiting.resume(); });
  }
};

runtime::Task<> Crew::add(runtime::Task<> task) {
  co_await group_.spawn(guard(std::move(task)));
}

void Crew::notify() {
  if (waiting_) waiting_->wake();
}

runtime::Task<> Crew::guard(runtime::Task<> task) {
  try {
    co_await task;
  } catch (...) {
    if (!failure_) failure_ = std::current_exception();
  }
  notify();
}

runtime::Task<> Crew::wait_for_change(runtime::Duration patience) {
  if (!failure_) {
    Change change(*this, clock_.now() + patience);
    co_await change;
  }
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace matinee::jobs::movies

// A coroutine that runs on the state thread and gives one value or one exception.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include "runtime/clock.h"

namespace matinee::runtime {

template <class T>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception;

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() { exception = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;

  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace detail

/// Starts when awaited, and owns its coroutine. Await it once. Destroying a suspended task destroys
/// its frame and with it the tasks that it awaits.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

/// A coroutine that owns itself: it starts at once and destroys its frame when it ends.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <class T, class Done>
Detached run_detached(Task<T> task, Done done) {
  std::exception_ptr error;
  if constexpr (std::is_void_v<T>) {
    try {
      co_await task;
    } catch (...) {
      error = std::current_exception();
    }
    done(error);
  } else {
    std::optional<T> value;
    try {
      value.emplace(co_await task);
    } catch (...) {
      error = std::current_exception();
    }
    done(std::move(value), error);
  }
}

}  // namespace detail

/// Starts a task that nobody awaits, and calls `done` at its end: `done(exception_ptr)` for a
/// Task<void>, `done(optional<T>, exception_ptr)` otherwise. `done` must not throw.
template <class T, class Done>
void start(Task<T> task, Done done) {
  detail::run_detached(std::move(task), std::move(done));
}

/// A value that arrives later from a callback: `co_await` it in one task, `set` or `fail` it once,
/// before or after, on the state thread. Must outlive both.
template <class T>
class Promised {
 public:
  Promised() = default;
  Promised(const Promised&) = delete;
  Promised& operator=(const Promised&) = delete;

  void set(T value) {
    result_.template emplace<1>(std::move(value));
    if (waiting_) std::exchange(waiting_, nullptr).resume();
  }
  void fail(std::exception_ptr error) {
    result_.template emplace<2>(std::move(error));
    if (waiting_) std::exchange(waiting_, nullptr).resume();
  }

  bool await_ready() const noexcept { return result_.index() != 0; }
  void await_suspend(std::coroutine_handle<> awaiting) noexcept { waiting_ = awaiting; }
  T await_resume() {
    if (result_.index() == 2) std::rethrow_exception(std::get<2>(result_));
    return std::move(std::get<1>(result_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> result_;
  std::coroutine_handle<> waiting_;
};

/// `co_await sleep_until(clock, when)`: goes on once the clock reads `when`.
class [[nodiscard]] sleep_until {
 public:
  sleep_until(Clock& clock, Time when) : clock_(clock), when_(when) {}
  ~sleep_until() { clock_.cancel(timer_); }
  sleep_until(const sleep_until&) = delete;
  sleep_until& operator=(const sleep_until&) = delete;

  bool await_ready() const { return clock_.now() >= when_; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    timer_ = clock_.call_at(when_, [awaiting] { awaiting.resume(); });
  }
  void await_resume() { timer_ = TimerId::none; }

 private:
  Clock& clock_;
  Time when_;
  TimerId timer_ = TimerId::none;
};

}  // namespace matinee::runtime

// A bounded queue between tasks of the state thread: who produces faster than the other side
// consumes has to wait.
#pragma once

#include <deque>
#include <optional>

#include "runtime/task.h"

namespace matinee::runtime {

namespace detail {

/// An element of a circular list that can leave it without knowing the list.
struct Link {
  Link* previous = this;
  Link* next = this;

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { leave(); }

  void leave() noexcept {
    previous->next = next;
    next->previous = previous;
    previous = next = this;
  }
  void insert_before(Link& other) noexcept {
    previous = std::exchange(other.previous, this);
    previous->next = this;
    next = &other;
  }
};

}  // namespace detail

/// Tells waiting tasks that something happened. `co_await event.wait()` goes on at the next
/// `notify`, whatever the reason for it: look again at what you are waiting for. A task that is
/// destroyed while it waits leaves the event. State thread only.
class Event {
 public:
  class [[nodiscard]] Wait : detail::Link {
   public:
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) noexcept {
      awaiting_ = awaiting;
      insert_before(event_.waiting_);
    }
    void await_resume() const noexcept {}

   private:
    friend class Event;
    explicit Wait(Event& event) : event_(event) {}

    Event& event_;
    std::coroutine_handle<> awaiting_;
  };

  Wait wait() { return Wait(*this); }

  /// Resumes everyone who waits now, in their order, before it returns. They may wait again, and
  /// may destroy the event.
  void notify() {
    detail::Link batch;
    if (waiting_.next == &waiting_) return;
    batch.insert_before(waiting_);
    waiting_.leave();
    while (batch.next != &batch) {
      auto* next = static_cast<Wait*>(batch.next);
      next->leave();
      next->awaiting_.resume();
    }
  }

 private:
  detail::Link waiting_;
};

/// Values in the order they were sent. Any number of senders and receivers, on the state thread.
template <class T>
class Channel {
 public:
  /// `capacity` values wait in it before `send` does.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. False, and the value is dropped, if the channel is closed.
  [[nodiscard]] Task<bool> send(T value) {
    while (values_.size() >= capacity_ && !closed_) co_await changed_.wait();
    if (closed_) co_return false;
    values_.push_back(std::move(value));
    changed_.notify();
    co_return true;
  }

  /// Waits for a value. Nothing once the channel is closed and empty.
  [[nodiscard]] Task<std::optional<T>> receive() {
    while (values_.empty() && !closed_) co_await changed_.wait();
    if (values_.empty()) co_return std::nullopt;
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    changed_.notify();
    co_return value;
  }

  /// Nothing can be sent any more; what is in it can still be received.
  void close() {
    closed_ = true;
    changed_.notify();
  }

  std::size_t size() const { return values_.size(); }

 private:
  std::size_t capacity_;
  bool closed_ = false;
  std::deque<T> values_;
  Event changed_;
};

}  // namespace matinee::runtime

// Long work on the state thread, done in pieces: so that what takes a second holds nobody up for
// longer than a few milliseconds.
#pragma once

#include <coroutine>
#include <cstdint>

#include "runtime/channel.h"
#include "runtime/clock.h"

namespace matinee::runtime {

class Loop;

/// The time of one round of the loop that all long work together may take. Whoever works looks
/// before each piece, which should take some microseconds, whether the turn is over, and if so lets
/// the next round begin:
///
///   while (work_is_left()) {
///     if (turns.is_over()) co_await turns.next();
///     do_a_piece();
///   }
///
/// What a task holds across the wait has to bear that anything may have changed meanwhile; a
/// transaction cannot be held. State thread only.
class Turns {
 public:
  /// Of a round. Everybody else may have to wait for so long, and for the piece that ends it.
  static constexpr Duration length = std::chrono::milliseconds(2);

  explicit Turns(Loop& loop) : loop_(loop) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// Whether long work has had its time in this round.
  bool is_over();

  class [[nodiscard]] Next : detail::Link {
   public:
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
      awaiting_ = awaiting;
      turns_.add(*this);
    }
    void await_resume() const noexcept {}

   private:
    friend class Turns;
    explicit Next(Turns& turns) : turns_(turns) {}

    Turns& turns_;
    std::coroutine_handle<> awaiting_;
  };

  /// Goes on in a later round, once all who have waited longer have had a piece. A task that is
  /// destroyed while it waits loses its place.
  Next next() { return Next(*this); }

  /// Forgets who waits: the program ends here.
  void forget();

 private:
  Loop& loop_;
  std::uint64_t round_ = 0;
  Duration end_ = Duration::zero();  // of the turn in that round, as Loop::elapsed tells time
  detail::Link waiting_;
  bool is_posted_ = false;

  void begin(Duration now);
  void add(Next& waiter);
  void post();
  void resume();
};

}  // namespace matinee::runtime

#include "runtime/turns.h"

#include "runtime/loop.h"

namespace matinee::runtime {

bool Turns::is_over() {
  const Duration now = loop_.elapsed();
  begin(now);
  return now >= end_;
}

/// The turn begins with the first look in a round.
void Turns::begin(Duration now) {
  if (round_ == loop_.round()) return;
  round_ = loop_.round();
  end_ = now + length;
}

void Turns::add(Next& waiter) {
  waiter.insert_before(waiting_);
  if (!is_posted_) post();
}

void Turns::post() {
  is_posted_ = true;
  loop_.post([this] {
    is_posted_ = false;
    resume();
  });
}

/// At least one, so that everybody gets on, however busy the rounds are. Who waits again does so
/// because the turn is over, so nobody is resumed twice.
void Turns::resume() {
  begin(loop_.elapsed());
  while (waiting_.next != &waiting_) {
    auto* first = static_cast<Next*>(waiting_.next);
    first->leave();
    first->awaiting_.resume();
    if (is_over()) break;
  }
  if (waiting_.next != &waiting_ && !is_posted_) post();
}

void Turns::forget() {
  while (waiting_.next != &waiting_) waiting_.next->leave();
  is_posted_ = false;
}

}  // namespace matinee::runtime

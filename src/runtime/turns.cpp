#include "runtime/turns.h"

#include "runtime/loop.h"

namespace matinee::runtime {

namespace {

/// Of a round, where some have waited and others begin, for each of both: so that those who wait
/// get on by more than a piece, however many others come, and who needs little need not wait.
constexpr Duration share = Turns::length / 2;

}  // namespace

bool Turns::is_over() {
  const Duration now = loop_.elapsed();
  begin(now);
  return now >= end_;
}

/// The turn begins with the first look in a round.
void Turns::begin(Duration now) {
  if (round_ == loop_.round()) return;
  round_ = loop_.round();
  end_ = now + (waiting_.next == &waiting_ ? length : share);
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
  const bool others_began = round_ == loop_.round();
  const Duration end_of_others = end_;
  round_ = loop_.round();
  end_ = loop_.elapsed() + share;
  while (waiting_.next != &waiting_) {
    auto* first = static_cast<Next*>(waiting_.next);
    first->leave();
    first->awaiting_.resume();
    if (is_over()) break;
  }
  end_ = others_began ? end_of_others : loop_.elapsed() + share;
  if (waiting_.next != &waiting_ && !is_posted_) post();
}

void Turns::forget() {
  while (waiting_.next != &waiting_) waiting_.next->leave();
  is_posted_ = false;
}

}  // namespace matinee::runtime

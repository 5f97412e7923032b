#include "runtime/turns.h"

#include <gtest/gtest.h>

#include "runtime/simulated/simulated_loop.h"
#include "runtime/task.h"

namespace matinee::runtime {
namespace {

class TurnTaking : public testing::Test {
 protected:
  SimulatedLoop loop;
  std::string order;

  /// Does pieces, each of which leaves its name.
  Task<> work(char name, int pieces) {
    for (int i = 0; i < pieces; ++i) {
      if (loop.turns().is_over()) co_await loop.turns().next();
      order += name;
    }
  }
  void start_work(char name, int pieces) {
    start(work(name, pieces), [](std::exception_ptr error) { EXPECT_FALSE(error); });
  }
  /// Marks the rounds in `order`, as somebody else's requests that come all the time.
  void mark_rounds(int count) {
    order += '|';
    if (count > 0) loop.post([this, count] { mark_rounds(count - 1); });
  }
};

TEST_F(TurnTaking, work_that_takes_no_time_is_done_at_once) {
  loop.post([this] { start_work('a', 100); });
  loop.post([this] { order += '.'; });
  loop.run_until_idle();
  EXPECT_EQ(order, std::string(100, 'a') + '.');
}

TEST_F(TurnTaking, work_gives_way_when_its_turn_is_over) {
  loop.let_looking_take(Turns::length / 4);
  loop.post([this] {
    mark_rounds(4);
    start_work('a', 12);
  });
  loop.run_until_idle();
  // The first look of a round begins the turn. Who has waited has half of one.
  EXPECT_EQ(order, "|aaaa|aa|aa|aa|aa");
}

TEST_F(TurnTaking, all_work_of_a_round_shares_its_turn_and_nobody_is_left_out) {
  loop.let_looking_take(Turns::length);
  loop.post([this] {
    mark_rounds(9);
    for (const char name : {'a', 'b', 'c'}) start_work(name, 3);
  });
  loop.run_until_idle();
  EXPECT_EQ(order, "|a|a|b|c|a|b|c|b|c|");
}

// However many come in each round, those who wait get on by more than a piece, in their order.
TEST_F(TurnTaking, who_has_waited_has_half_of_a_round) {
  loop.let_looking_take(Turns::length / 8);
  const auto come = [this](auto self, int rounds) -> void {
    order += '|';
    for (int i = 0; i < 12; ++i) start_work(static_cast<char>('a' + i), 1);
    if (rounds > 0) loop.post([self, rounds] { self(self, rounds - 1); });
  };
  loop.post([come] { come(come, 3); });
  loop.run_until_idle();
  // Eight looks make a turn: where some wait, half are theirs, and resuming them takes one.
  EXPECT_EQ(order, "|abcdefghijkl|abcdefg|abchijk|abcldefghijkldefghijkl");
}

TEST_F(TurnTaking, moving_the_clock_does_not_end_a_turn) {
  loop.post([this] {
    EXPECT_FALSE(loop.turns().is_over());
    loop.post([this] { EXPECT_FALSE(loop.turns().is_over()); });
  });
  loop.advance(std::chrono::hours(1));
  loop.run_until_idle();
}

TEST_F(TurnTaking, who_is_destroyed_while_waiting_loses_its_place) {
  loop.let_looking_take(Turns::length);
  bool went_on = false;
  loop.post([&] {
    EXPECT_FALSE(loop.turns().is_over());
    {
      const auto wait = [&]() -> Task<> {
        co_await loop.turns().next();
        went_on = true;
      };
      Task<> waiting = wait();
      waiting.await_suspend(std::noop_coroutine()).resume();
    }
    start_work('a', 1);
  });
  loop.run_until_idle();
  EXPECT_FALSE(went_on);
  EXPECT_EQ(order, "a");
}

}  // namespace
}  // namespace matinee::runtime

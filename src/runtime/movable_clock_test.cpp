// The clock of a real loop, moved by a user.
#include "runtime/movable_clock.h"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/real/real_loop.h"
#include "runtime/real/worker_pool.h"

namespace matinee::runtime {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

/// A paused clock makes times exact; the tests move it.
class AMovedClock : public testing::Test {
 protected:
  AMovedClock() {
    loop.pause();
    start = loop.now();
  }

  Time after(Duration duration) const { return start + duration; }

  /// Runs the loop until the move has ended.
  ClockMoved move(ClockGoal goal) {
    ClockMoved result;
    loop.move(goal, [&](ClockMoved moved) {
      result = moved;
      loop.stop();
    });
    loop.run();
    return result;
  }
  ClockMoved advance(Duration duration) {
    return move({.kind = ClockGoal::Kind::time, .time = loop.now() + duration});
  }

  RealLoop loop;
  Time start;
  std::vector<Time> ran;
};

TEST_F(AMovedClock, lets_each_timer_run_at_its_own_time_and_in_order) {
  loop.call_at(after(hours(5)), [&] { ran.push_back(loop.now()); });
  loop.call_at(after(hours(2)), [&] {
    ran.push_back(loop.now());
    loop.call_at(loop.now() + hours(1), [&] { ran.push_back(loop.now()); });
  });
  loop.call_at(after(days(30)), [&] { ran.push_back(loop.now()); });
  const ClockMoved moved = advance(days(1));
  EXPECT_EQ(ran, (std::vector{after(hours(2)), after(hours(3)), after(hours(5))}));
  EXPECT_EQ(moved.now, after(days(1)));
  EXPECT_EQ(moved.fired, 3U);
  EXPECT_EQ(loop.now(), after(days(1)));
  EXPECT_EQ(loop.state().next, after(days(30)));
}

TEST_F(AMovedClock, waits_for_what_a_timer_has_set_going) {
  Time seen;
  loop.call_at(after(hours(1)), [&] {
    loop.post([&] { loop.after_flush([&] { loop.post([&] { seen = loop.now(); }); }); });
  });
  loop.call_at(after(hours(2)), [] {});
  advance(hours(3));
  EXPECT_EQ(seen, after(hours(1)));
}

TEST_F(AMovedClock, flushes_before_replies_and_at_the_end) {
  int flushes = 0;
  int timers = 0;
  loop.set_flush([&] { ++flushes; });
  for (int i = 1; i <= 1000; ++i) loop.call_at(after(minutes(i)), [&] { ++timers; });
  int flushes_before_reply = 0;
  loop.call_at(after(minutes(1)),
               [&] { loop.after_flush([&] { flushes_before_reply = flushes; }); });
  advance(days(1));
  EXPECT_EQ(timers, 1000);
  EXPECT_EQ(flushes_before_reply, 1);
  EXPECT_GE(flushes, 2);
  EXPECT_LT(flushes, 20) << "nobody waits for the others";
}

TEST_F(AMovedClock, does_not_go_on_while_it_is_held) {
  WorkerPool workers(1);
  workers.hold_while_busy(loop);
  Time seen;
  loop.call_at(after(hours(1)),
               [&] { workers.post([&] { loop.post([&] { seen = loop.now(); }); }); });
  loop.call_at(after(hours(2)), [] {});
  advance(hours(3));
  EXPECT_EQ(seen, after(hours(1)));
}

TEST_F(AMovedClock, goes_to_the_next_timer_and_no_further) {
  for (const hours hour : {hours(1), hours(1), hours(2)})
    loop.call_at(after(hour), [&] { ran.push_back(loop.now()); });
  const ClockMoved moved = move({.kind = ClockGoal::Kind::timer});
  EXPECT_EQ(moved.now, after(hours(1)));
  EXPECT_EQ(moved.fired, 2U);
  move({.kind = ClockGoal::Kind::timer});
  EXPECT_EQ(loop.now(), after(hours(2)));
  EXPECT_EQ(move({.kind = ClockGoal::Kind::timer}).fired, 0U) << "there is none";
  EXPECT_EQ(loop.now(), after(hours(2)));
}

TEST_F(AMovedClock, runs_until_nothing_is_on_its_way) {
  loop.call_at(after(hours(1)), [&] { ran.push_back(loop.now()); });
  loop.call_on_the_way(after(hours(2)), [&] {
    loop.call_on_the_way(after(hours(3)), [&] { ran.push_back(loop.now()); });
  });
  const TimerId cancelled = loop.call_on_the_way(after(days(9)), [] {});
  loop.cancel(cancelled);
  loop.call_at(after(hours(4)), [&] { ran.push_back(loop.now()); });
  move({.kind = ClockGoal::Kind::idle});
  EXPECT_EQ(ran, (std::vector{after(hours(1)), after(hours(3))}));
  EXPECT_EQ(loop.now(), after(hours(3)));
}

TEST_F(AMovedClock, can_be_given_up_on_the_way) {
  std::uint64_t number = 0;
  for (int i = 1; i <= 10; ++i)
    loop.call_at(after(hours(i)), [&, i] {
      if (i == 3) loop.give_up(number);
    });
  ClockMoved moved;
  number = loop.move({.time = after(days(1))}, [&](ClockMoved result) {
    moved = result;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(moved.given_up);
  EXPECT_EQ(moved.now, after(hours(3)));
}

TEST_F(AMovedClock, moves_one_after_the_other) {
  std::vector<Time> ends;
  loop.move({.time = after(hours(1))}, [&](ClockMoved moved) { ends.push_back(moved.now); });
  loop.move({.time = after(hours(2))}, [&](ClockMoved moved) {
    ends.push_back(moved.now);
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(ends, (std::vector{after(hours(1)), after(hours(2))}));
}

TEST_F(AMovedClock, stands_while_it_is_paused_and_goes_on_from_there) {
  advance(days(1));
  EXPECT_TRUE(loop.state().paused);
  EXPECT_EQ(loop.now(), after(days(1)));
  loop.resume();
  EXPECT_FALSE(loop.state().paused);
  EXPECT_GE(loop.now(), after(days(1)));
  EXPECT_LT(loop.now(), after(days(1) + hours(1)));
  EXPECT_LT(loop.wall_time(), after(hours(1))) << "what others see";
}

TEST_F(AMovedClock, leaves_the_real_clock_alone) {
  Clock& real = real_clock(loop);
  bool ran_by_real_time = false;
  loop.call_at(after(hours(1)), [&] { EXPECT_LT(real.now(), after(minutes(30))); });
  real.call_at(real.now() + std::chrono::milliseconds(50), [&] {
    ran_by_real_time = true;
    loop.stop();
  });
  const TimerId cancelled = real.call_at(real.now(), [&] { ADD_FAILURE() << "cancelled"; });
  real.cancel(cancelled);
  advance(hours(2));
  loop.run();
  EXPECT_TRUE(ran_by_real_time);
}

TEST_F(AMovedClock, that_runs_goes_on_from_the_goal) {
  loop.resume();
  loop.call_at(after(days(2)), [&] { ran.push_back(loop.now()); });
  advance(days(1));
  EXPECT_TRUE(ran.empty());
  EXPECT_GE(loop.now(), after(days(1)));
  advance(days(1));
  ASSERT_EQ(ran.size(), 1U);
  EXPECT_EQ(ran.front(), after(days(2)));
}

}  // namespace
}  // namespace matinee::runtime

// Both loops keep the same promises.
#include <gtest/gtest.h>

#include "runtime/real/real_loop.h"
#include "runtime/simulated/simulation.h"
#include "runtime/thread.h"

namespace matinee::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

template <class AnyLoop>
class BothLoops : public testing::Test {
 protected:
  AnyLoop loop;
  std::vector<std::string> happened;
  Callback note(std::string what) {
    return [this, what = std::move(what)] { happened.push_back(what); };
  }
};

using Loops = testing::Types<RealLoop, SimulatedLoop>;
TYPED_TEST_SUITE(BothLoops, Loops);

TYPED_TEST(BothLoops, a_round_flushes_once_and_then_lets_the_replies_out) {
  auto& loop = this->loop;
  loop.set_flush(this->note("flush"));
  loop.post([&] {
    this->happened.push_back("first");
    loop.after_flush(this->note("first reply"));
  });
  loop.post([&] {
    this->happened.push_back("second");
    loop.after_flush(this->note("second reply"));
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(this->happened,
            (std::vector<std::string>{"first", "second", "flush", "first reply", "second reply"}));
}

TYPED_TEST(BothLoops, what_a_reply_posts_belongs_to_the_next_round) {
  auto& loop = this->loop;
  loop.set_flush(this->note("flush"));
  loop.post([&] {
    loop.after_flush([&] {
      this->happened.push_back("reply");
      loop.post([&] {
        this->happened.push_back("posted");
        loop.stop();
      });
    });
  });
  loop.run();
  EXPECT_EQ(this->happened, (std::vector<std::string>{"flush", "reply", "posted", "flush"}));
}

TYPED_TEST(BothLoops, timers_run_by_time_and_then_in_the_order_they_were_set) {
  auto& loop = this->loop;
  Time start = loop.now();
  loop.call_at(start + milliseconds(2), [&] {
    this->happened.push_back("last");
    loop.stop();
  });
  loop.call_at(start + milliseconds(1), this->note("first"));
  loop.call_at(start + milliseconds(1), this->note("second"));
  TimerId cancelled = loop.call_at(start + milliseconds(1), this->note("cancelled"));
  loop.cancel(cancelled);
  loop.run();
  EXPECT_EQ(this->happened, (std::vector<std::string>{"first", "second", "last"}));
  EXPECT_GE(loop.now(), start + milliseconds(2));
}

TYPED_TEST(BothLoops, a_timer_in_the_past_runs_in_the_next_round) {
  auto& loop = this->loop;
  loop.set_flush(this->note("flush"));
  loop.post([&] { loop.call_at(loop.now(), [&] { this->happened.push_back("from the post"); }); });
  loop.call_at(loop.now() - hours(1), [&] {
    loop.call_at(loop.now() - hours(2), [&] {
      this->happened.push_back("from the timer");
      loop.stop();
    });
  });
  loop.run();
  EXPECT_EQ(this->happened,
            (std::vector<std::string>{"flush", "from the timer", "from the post", "flush"}));
}

TYPED_TEST(BothLoops, cancelling_a_timer_that_has_run_does_nothing) {
  auto& loop = this->loop;
  TimerId first = loop.call_at(loop.now(), this->note("ran"));
  loop.call_at(loop.now() + milliseconds(1), [&] {
    loop.cancel(first);
    loop.cancel(first);
    loop.cancel(TimerId::none);
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(this->happened, (std::vector<std::string>{"ran"}));
}

TEST(RealLoop, other_threads_wake_it_and_all_their_posts_run) {
  RealLoop loop;
  constexpr int count = 20000;
  int ran = 0;
  auto post_all = [&] {
    for (int i = 0; i < count; ++i) {
      loop.post([&] {
        if (++ran == 2 * count) loop.stop();
      });
    }
  };
  Thread first("first", post_all);
  Thread second("second", post_all);
  loop.run();
  EXPECT_EQ(ran, 2 * count);
}

TEST(RealLoop, its_clock_is_the_wall_clock_and_never_goes_back) {
  RealLoop loop;
  auto wall = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  Time last = loop.now();
  EXPECT_LT(std::chrono::abs(last - wall), std::chrono::seconds(1));
  for (int i = 0; i < 10000; ++i) {
    Time next = loop.now();
    ASSERT_GE(next, last);
    last = next;
  }
}

TEST(RealLoop, it_begins_no_earlier_than_an_earlier_run_has_ended) {
  RealLoop loop;
  const Time before = loop.now();
  loop.start_no_earlier_than(before - std::chrono::hours(1));
  EXPECT_LT(loop.now() - before, std::chrono::minutes(1));
  loop.start_no_earlier_than(before + std::chrono::hours(48));
  EXPECT_GE(loop.now(), before + std::chrono::hours(48));
  EXPECT_LT(loop.wall_time() - before, std::chrono::minutes(1)) << "what others see";
}

TEST(RealLoop, what_waits_for_rest_comes_after_all_that_was_caused_before) {
  RealLoop loop;
  loop.wait_for_rest();
  std::vector<std::string> order;
  const auto note = [&](const char* word) { order.emplace_back(word); };
  loop.post([&] {
    loop.at_rest([&] {
      note("reply");
      loop.stop();
    });
    loop.call_at(loop.now(), [&] {
      note("timer");
      loop.post([&] { note("end"); });
    });
    loop.post([&] {
      note("delivery");
      loop.after_flush([&] { loop.post([&] { note("settled"); }); });
    });
  });
  loop.run();
  EXPECT_EQ(order.back(), "reply");
  EXPECT_EQ(order.size(), 5U);
}

TEST(RealLoop, nobody_waits_for_rest_unless_it_is_asked_to) {
  RealLoop loop;
  EXPECT_EQ(find_resting(loop), nullptr);
  wait_for_rest(loop);
  EXPECT_EQ(find_resting(loop), &loop);
}

/// A second passes with four looks at the clock.
class HastyMachine final : public Machine {
 public:
  Time now() const override { return Time(std::chrono::milliseconds(250) * ++looks_); }
  void wait(std::optional<Duration>) override {}

 private:
  mutable int looks_ = 0;
};

TEST(RealLoop, work_without_end_keeps_nobody_from_replies) {
  HastyMachine machine;
  RealLoop loop(&machine);
  loop.wait_for_rest();
  std::function<void()> work = [&] { loop.post([&] { work(); }); };
  loop.post([&] {
    loop.at_rest([&] { loop.stop(); });
    work();
  });
  loop.run();
}

TEST(SimulatedLoop, time_stands_still_until_it_is_advanced) {
  SimulatedLoop loop;
  Time start = loop.now();
  std::vector<Time> ran;
  loop.call_at(start + hours(1), [&] {
    ran.push_back(loop.now());
    loop.call_at(loop.now() + hours(1), [&] { ran.push_back(loop.now()); });
  });
  loop.run_until_idle();
  EXPECT_TRUE(ran.empty());
  loop.advance(hours(3));
  EXPECT_EQ(ran, (std::vector{start + hours(1), start + hours(2)}));
  EXPECT_EQ(loop.now(), start + hours(3));
  EXPECT_FALSE(loop.advance_to_next_timer());
}

TEST(SimulatedLoop, the_flush_in_which_the_program_ends_lets_no_reply_out) {
  SimulatedLoop loop;
  int replies = 0;
  int flushes = 0;
  loop.set_flush([&] {
    if (++flushes == 2) loop.forget_replies();
  });
  for (int round = 1; round <= 2; ++round) {
    loop.post([&] { loop.after_flush([&] { ++replies; }); });
    loop.run_until_idle();
    EXPECT_EQ(replies, 1) << "round " << round;
  }
  EXPECT_EQ(flushes, 2);
}

TEST(Random, a_seed_repeats_itself_and_another_does_not) {
  SeededRandom first(7);
  SeededRandom same(7);
  SeededRandom other(8);
  std::string text = first.text(40, "abcdefgh");
  EXPECT_EQ(text, same.text(40, "abcdefgh"));
  EXPECT_NE(text, other.text(40, "abcdefgh"));
}

TEST(Random, a_uuid_has_the_form_of_version_4) {
  SeededRandom random(1);
  for (int i = 0; i < 100; ++i) {
    std::string uuid = random.uuid();
    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_TRUE(std::string("89ab").contains(uuid[19])) << uuid;
    EXPECT_EQ(uuid[8], '-');
    EXPECT_EQ(uuid[23], '-');
  }
}

TEST(Random, numbers_below_a_bound_reach_all_of_it) {
  SeededRandom random(1);
  std::array<int, 10> counts{};
  for (int i = 0; i < 10000; ++i) ++counts.at(random.below(10));
  for (int count : counts) EXPECT_NEAR(count, 1000, 200);
}

}  // namespace
}  // namespace matinee::runtime

#include "runtime/task_group.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "runtime/simulated/simulation.h"

namespace matinee::runtime {
namespace {

using std::chrono::seconds;

class Tasks : public testing::Test {
 public:
  SimulatedLoop loop;
  int running = 0;
  int most = 0;
  int ended = 0;

  Task<> work(Duration duration) {
    most = std::max(most, ++running);
    co_await sleep_until(loop, loop.now() + duration);
    --running;
    ++ended;
  }
  Task<> fail_after(Duration duration, std::string why) {
    co_await sleep_until(loop, loop.now() + duration);
    throw std::runtime_error(why);
  }
  /// What the task throws, or nothing.
  std::string run(Task<> task) {
    std::string error;
    bool done = false;
    start(std::move(task), [&](std::exception_ptr thrown) {
      done = true;
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const std::exception& exception) {
        error = exception.what();
      }
    });
    loop.run();
    EXPECT_TRUE(done);
    return error;
  }
};

TEST_F(Tasks, a_group_runs_as_many_as_its_limit_at_once) {
  Time began = loop.now();
  EXPECT_EQ(run([](Tasks& test) -> Task<> {
              TaskGroup group(3);
              for (int i = 0; i < 9; ++i) co_await group.spawn(test.work(seconds(1)));
              co_await group.join();
            }(*this)),
            "");
  EXPECT_EQ(most, 3);
  EXPECT_EQ(ended, 9);
  EXPECT_EQ(loop.now() - began, seconds(3));
}

TEST_F(Tasks, tasks_that_never_wait_do_not_pile_up) {
  EXPECT_EQ(run([](Tasks& test) -> Task<> {
              TaskGroup group(2);
              auto at_once = [](Tasks& inner) -> Task<> {
                ++inner.ended;
                co_return;
              };
              for (int i = 0; i < 100000; ++i) co_await group.spawn(at_once(test));
              co_await group.join();
            }(*this)),
            "");
  EXPECT_EQ(ended, 100000);
}

TEST_F(Tasks, the_first_exception_is_thrown_by_join_once_all_have_ended) {
  std::string error = run([](Tasks& test) -> Task<> {
    TaskGroup group(4);
    co_await group.spawn(test.work(seconds(5)));
    co_await group.spawn(test.fail_after(seconds(2), "second"));
    co_await group.spawn(test.fail_after(seconds(1), "first"));
    co_await group.join();
  }(*this));
  EXPECT_EQ(error, "first");
  EXPECT_EQ(ended, 1);
}

TEST_F(Tasks, nothing_is_spawned_after_an_exception_and_the_rest_is_destroyed) {
  std::string error = run([](Tasks& test) -> Task<> {
    TaskGroup group(2);
    co_await group.spawn(test.fail_after(seconds(1), "failed"));
    co_await group.spawn(test.work(seconds(60)));
    co_await group.spawn(test.work(seconds(1)));
    co_await group.join();
  }(*this));
  EXPECT_EQ(error, "failed");
  EXPECT_EQ(ended, 0);
}

TEST_F(Tasks, a_full_channel_makes_the_sender_wait) {
  Channel<int> channel(2);
  std::vector<int> received;
  std::size_t fullest = 0;
  run([](Tasks& test, Channel<int>& numbers, std::vector<int>& got,
         std::size_t& most_waiting) -> Task<> {
    TaskGroup group(2);
    co_await group.spawn([](Channel<int>& out, std::size_t& size) -> Task<> {
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(co_await out.send(i));
        size = std::max(size, out.size());
      }
      out.close();
      EXPECT_FALSE(co_await out.send(99));
    }(numbers, most_waiting));
    co_await group.spawn([](Tasks& inner, Channel<int>& in, std::vector<int>& into) -> Task<> {
      while (std::optional<int> value = co_await in.receive()) {
        into.push_back(*value);
        co_await sleep_until(inner.loop, inner.loop.now() + seconds(1));
      }
    }(test, numbers, got));
    co_await group.join();
  }(*this, channel, received, fullest));
  EXPECT_EQ(received, (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(fullest, 2u);
}

TEST_F(Tasks, every_value_of_a_channel_reaches_one_of_its_receivers) {
  Channel<int> channel(1);
  std::vector<int> received;
  run([](Channel<int>& numbers, std::vector<int>& got) -> Task<> {
    TaskGroup group(8);
    for (int i = 0; i < 3; ++i) {
      co_await group.spawn([](Channel<int>& in, std::vector<int>& into) -> Task<> {
        while (std::optional<int> value = co_await in.receive()) into.push_back(*value);
      }(numbers, got));
    }
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(co_await numbers.send(i));
    numbers.close();
    co_await group.join();
  }(channel, received));
  std::ranges::sort(received);
  EXPECT_EQ(received.size(), 100u);
  EXPECT_TRUE(std::ranges::adjacent_find(received) == received.end());
}

TEST_F(Tasks, a_destroyed_task_leaves_the_event_it_waits_for) {
  Event event;
  int woken = 0;
  auto wait = [](Event& on, int& count) -> Task<> {
    co_await on.wait();
    ++count;
  };
  {
    TaskGroup group(2);
    start(group.spawn(wait(event, woken)), [](std::exception_ptr) {});
    EXPECT_EQ(group.running(), 1u);
  }
  event.notify();
  EXPECT_EQ(woken, 0);
}

}  // namespace
}  // namespace matinee::runtime

#include "gateway/poller.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>

#include "runtime/thread.h"

namespace matinee::gateway {
namespace {

struct Noting final : Poller::Watcher {
  void on_events(std::uint32_t events) override { seen.push_back(events); }
  std::vector<std::uint32_t> seen;
};

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    here = OwnedDescriptor(ends[0]);
    there = OwnedDescriptor(ends[1]);
  }
  void send_here() { EXPECT_EQ(send(there.get(), "x", 1, MSG_NOSIGNAL), 1); }

  OwnedDescriptor here{-1};
  OwnedDescriptor there{-1};
};

TEST(Poller, tells_each_arrival_once_and_again_where_it_is_asked_anew) {
  Poller poller;
  Noting noting;
  Pair pair;
  poller.add(pair.here.get(), EPOLLIN | EPOLLET, noting);
  pair.send_here();
  poller.wait(false);
  EXPECT_EQ(noting.seen, std::vector<std::uint32_t>({EPOLLIN}));
  poller.wait(true);
  EXPECT_EQ(noting.seen.size(), 1);
  poller.change(pair.here.get(), EPOLLIN | EPOLLOUT | EPOLLET, noting);
  poller.wait(true);
  EXPECT_EQ(noting.seen.back(), EPOLLIN | EPOLLOUT);
  poller.remove(pair.here.get());
  pair.send_here();
  poller.wait(true);
  EXPECT_EQ(noting.seen.size(), 2);
}

TEST(Poller, ticks_again_and_again) {
  Poller poller;
  int ticks = 0;
  Ticker ticker(poller, std::chrono::milliseconds(1), [&] { ++ticks; });
  while (ticks < 3) poller.wait(false);
  EXPECT_EQ(ticks, 3);
}

TEST(PollerQueue, wakes_the_loop_for_what_another_thread_posts) {
  Poller poller;
  PollerQueue queue(poller);
  int ran = 0;
  ASSERT_TRUE(queue.may_sleep());
  runtime::Thread other("other", [&] { queue.post([&] { ++ran; }); });
  poller.wait(false);
  queue.run();
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(queue.may_sleep());
}

TEST(PollerQueue, keeps_the_loop_awake_while_there_is_something_to_run) {
  Poller poller;
  PollerQueue queue(poller);
  std::vector<int> ran;
  queue.post([&] {
    ran.push_back(1);
    queue.post([&] { ran.push_back(2); });
  });
  EXPECT_FALSE(queue.may_sleep());
  queue.run();
  EXPECT_EQ(ran, std::vector<int>({1}));
  EXPECT_FALSE(queue.may_sleep());
  queue.run();
  EXPECT_EQ(ran, std::vector<int>({1, 2}));
}

TEST(PollerQueue, takes_nothing_after_its_end) {
  Poller poller;
  PollerQueue queue(poller);
  const auto token = std::make_shared<int>();
  queue.post([token] { FAIL(); });
  queue.close();
  EXPECT_EQ(token.use_count(), 1);
  queue.post([token] { FAIL(); });
  EXPECT_EQ(token.use_count(), 1);
  queue.run();
}

}  // namespace
}  // namespace matinee::gateway

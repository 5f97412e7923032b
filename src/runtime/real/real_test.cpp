// The parts that only a real machine has: signals, worker threads, background processes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <future>

#include "runtime/real/detached_process.h"
#include "runtime/real/limits.h"
#include "runtime/real/real_environment.h"
#include "runtime/real/real_loop.h"
#include "runtime/real/signals.h"
#include "runtime/real/system_random.h"
#include "runtime/real/worker_pool.h"

namespace matinee::runtime {
namespace {

TEST(Signals, a_signal_becomes_a_callback_of_the_loop) {
  RealLoop loop;
  int received = 0;
  Signals signals(loop, {SIGUSR1}, [&](int signal) {
    received = signal;
    loop.stop();
  });
  ::kill(::getpid(), SIGUSR1);
  loop.run();
  EXPECT_EQ(received, SIGUSR1);
}

TEST(WorkerPool, all_work_is_done_on_other_threads) {
  std::promise<void> done;
  std::atomic<int> count = 0;
  WorkerPool pool(3);
  for (int i = 0; i < 1000; ++i) {
    pool.post([&] {
      if (++count == 1000) done.set_value();
    });
  }
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST(WorkerPool, work_for_later_is_not_done_earlier) {
  std::promise<std::chrono::steady_clock::time_point> done;
  std::promise<void> at_once;
  WorkerPool pool(1);
  auto start = std::chrono::steady_clock::now();
  pool.post_after(std::chrono::milliseconds(20),
                  [&] { done.set_value(std::chrono::steady_clock::now()); });
  pool.post([&] { at_once.set_value(); });
  at_once.get_future().wait();
  EXPECT_GE(done.get_future().get() - start, std::chrono::milliseconds(20));
}

TEST(WorkerPool, work_that_waits_when_the_pool_ends_is_dropped) {
  auto dropped = std::make_shared<int>(1);
  {
    WorkerPool pool(1);
    pool.post_after(std::chrono::hours(1), [dropped] { ++*dropped; });
  }
  EXPECT_EQ(dropped.use_count(), 1);
  EXPECT_EQ(*dropped, 1);
}

TEST(SystemRandom, it_does_not_repeat_itself) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 10000; ++i) seen.insert(random.uuid());
  EXPECT_EQ(seen.size(), 10000u);
}

TEST(DetachedProcess, it_is_ready_with_its_first_line) {
  std::string log = testing::TempDir() + "/detached." + std::to_string(::getpid());
  auto process = start_detached({"/bin/sh", "-c", "echo problem >&2; echo ready; exec cat"}, log);
  ASSERT_TRUE(process) << process.error();
  EXPECT_EQ(process->first_line, "ready");
  ::kill(process->process_id, SIGKILL);
  ::waitpid(process->process_id, nullptr, 0);
  std::string line;
  std::ifstream(log) >> line;
  EXPECT_EQ(line, "problem");
  ::unlink(log.c_str());
}

TEST(DetachedProcess, one_that_ends_before_it_is_ready_is_an_error_naming_the_log) {
  std::string log = testing::TempDir() + "/detached." + std::to_string(::getpid());
  auto process = start_detached({"/bin/sh", "-c", "exit 3"}, log);
  ASSERT_FALSE(process);
  EXPECT_TRUE(process.error().contains(log)) << process.error();
  ::unlink(log.c_str());
}

TEST(DetachedProcess, the_last_thing_it_says_before_it_ends_is_the_error) {
  std::string log = testing::TempDir() + "/detached." + std::to_string(::getpid());
  std::ofstream(log) << "of an earlier one\n";
  auto process = start_detached({"/bin/sh", "-c", "echo starts >&2; echo taken. >&2"}, log);
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error(), "taken.");
  process = start_detached({"/bin/sh", "-c", "exit 3"}, log);
  ASSERT_FALSE(process);
  EXPECT_FALSE(process.error().contains("taken")) << process.error();
  ::unlink(log.c_str());
}

TEST(DetachedProcess, a_log_that_cannot_be_written_is_named) {
  auto process = start_detached({"/bin/sh", "-c", "echo ready"}, "/dev/null/log");
  ASSERT_FALSE(process);
  EXPECT_TRUE(process.error().contains("/dev/null/log cannot be written")) << process.error();
}

TEST(StandardStreams, one_that_is_closed_is_not_taken_by_the_next_file) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDIN_FILENO);
    ::close(STDOUT_FILENO);
    open_standard_streams();
    ::_exit(::open("/dev/zero", O_RDONLY) > STDERR_FILENO ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(RealEnvironment, it_tells_variables_that_are_empty_from_those_that_are_missing) {
  RealEnvironment environment;
  ::setenv("MATINEE_TEST_EMPTY", "", 1);
  EXPECT_EQ(environment.find("MATINEE_TEST_EMPTY"), "");
  EXPECT_FALSE(environment.find("MATINEE_TEST_MISSING"));
  EXPECT_EQ(environment.process_id(), ::getpid());
}

}  // namespace
}  // namespace matinee::runtime

// The parts that only a real machine has: signals, worker threads, background processes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "runtime/real/detached_process.h"
#include "runtime/real/limits.h"
#include "runtime/real/parent_watch.h"
#include "runtime/real/real_disk.h"
#include "runtime/real/real_environment.h"
#include "runtime/real/real_loop.h"
#include "runtime/real/real_processes.h"
#include "runtime/real/real_terminal.h"
#include "runtime/real/signals.h"
#include "runtime/real/start_pages.h"
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
  auto process = start_detached(
      {.arguments = {"/bin/sh", "-c", "echo problem >&2; echo ready; exec cat"}, .log = log});
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
  auto process = start_detached({.arguments = {"/bin/sh", "-c", "exit 3"}, .log = log});
  ASSERT_FALSE(process);
  EXPECT_TRUE(process.error().contains(log)) << process.error();
  ::unlink(log.c_str());
}

TEST(DetachedProcess, the_last_thing_it_says_before_it_ends_is_the_error) {
  std::string log = testing::TempDir() + "/detached." + std::to_string(::getpid());
  std::ofstream(log) << "of an earlier one\n";
  auto process = start_detached(
      {.arguments = {"/bin/sh", "-c", "echo starts >&2; echo taken. >&2"}, .log = log});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error(), "taken.");
  process = start_detached({.arguments = {"/bin/sh", "-c", "exit 3"}, .log = log});
  ASSERT_FALSE(process);
  EXPECT_FALSE(process.error().contains("taken")) << process.error();
  ::unlink(log.c_str());
}

TEST(DetachedProcess, a_log_that_cannot_be_written_is_named) {
  auto process =
      start_detached({.arguments = {"/bin/sh", "-c", "echo ready"}, .log = "/dev/null/log"});
  ASSERT_FALSE(process);
  EXPECT_TRUE(process.error().contains("/dev/null/log cannot be written")) << process.error();
}

TEST(DetachedProcess, it_reads_what_nobody_else_can_see) {
  std::string log = testing::TempDir() + "/detached." + std::to_string(::getpid());
  auto process = start_detached({.arguments = {"/bin/sh", "-c", "read secret; echo \"$secret\""},
                                 .log = log,
                                 .input = "hush\n"});
  ASSERT_TRUE(process) << process.error();
  EXPECT_EQ(process->first_line, "hush");
  ::waitpid(process->process_id, nullptr, 0);
  ::unlink(log.c_str());
}

TEST(RealProcesses, a_program_is_run_to_its_end_and_tells_how_it_ended) {
  RealProcesses processes;
  const auto run = [&](const std::string& script) {
    return processes.run({"sh", "-c", script}, ProgramOutput::dropped);
  };
  EXPECT_EQ(run("exit 3"), 3);
  EXPECT_EQ(run("kill -9 $$"), 128 + SIGKILL);
  // It has no input that it could wait for.
  EXPECT_EQ(run("read -r line; [ -z \"$line\" ]"), 0);
}

TEST(RealProcesses, a_program_that_is_not_there_is_an_error_that_names_it) {
  const auto result = RealProcesses().run({"no-such-program"}, ProgramOutput::dropped);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "no-such-program cannot be started: No such file or directory.");
}

TEST(ParentWatch, the_end_of_the_parent_is_noticed_and_that_of_a_thread_is_not) {
  std::array<int, 2> told{};
  ASSERT_EQ(::pipe(told.data()), 0);
  std::array<int, 2> go{};
  ASSERT_EQ(::pipe(go.data()), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    // Its child is started from a thread that ends at once.
    std::thread([&] {
      if (::fork() != 0) return;
      RealLoop loop;
      ParentWatch watch(loop, find_parent(), [&loop] { loop.stop(); });
      char ready = 'r';
      (void)!::write(told[1], &ready, 1);
      loop.run();
      char ended = 'e';
      (void)!::write(told[1], &ended, 1);
      ::_exit(0);
    }).join();
    char byte = 0;
    (void)!::read(go[0], &byte, 1);
    ::_exit(0);
  }
  char said = 0;
  ASSERT_EQ(::read(told[0], &said, 1), 1);
  EXPECT_EQ(said, 'r');
  pollfd waiting{.fd = told[0], .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&waiting, 1, 300), 0);
  ASSERT_EQ(::write(go[1], "g", 1), 1);
  ::waitpid(parent, nullptr, 0);
  ASSERT_EQ(::read(told[0], &said, 1), 1);
  EXPECT_EQ(said, 'e');
  for (const int end : {told[0], told[1], go[0], go[1]}) ::close(end);
}

TEST(ParentWatch, a_parent_that_has_ended_before_it_is_watched_is_noticed) {
  const pid_t parent = ::fork();
  if (parent == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  RealLoop loop;
  const ParentWatch watch(loop, parent, [&loop] { loop.stop(); });
  loop.run();
}

TEST(StandardStreams, what_is_written_to_one_that_is_closed_is_lost_and_says_so) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDOUT_FILENO);
    open_standard_streams();
    RealTerminal terminal;
    terminal.out("a result");
    ::_exit(terminal.has_lost_output() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(RealTerminal, the_locale_decides_about_characters_and_the_terminal_about_lines) {
  const std::array<std::tuple<const char*, const char*, bool>, 5> cases = {
      {{"", "C.UTF-8", true},
       {"", "de_DE.utf8", true},
       {"", "C", false},
       {"C", "C.UTF-8", false},
       {"", "", false}}};
  for (const auto& [all, lang, unicode] : cases) {
    ::setenv("LC_ALL", all, 1);
    ::unsetenv("LC_CTYPE");
    ::setenv("LANG", lang, 1);
    EXPECT_EQ(RealTerminal().shows_unicode(), unicode) << all << " " << lang;
  }
}

TEST(RealDisk, directories_that_are_made_private_are_this_users_alone) {
  const std::string base = testing::TempDir() + "/private." + std::to_string(::getpid());
  ::mkdir(base.c_str(), 0755);
  RealDisk disk;
  ASSERT_TRUE(disk.create_private_directories(base + "/a/b"));
  ASSERT_TRUE(disk.create_private_directories(base + "/a/b"));
  struct stat status = {};
  for (const char* made : {"/a", "/a/b"}) {
    ASSERT_EQ(::stat((base + made).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
  }
  ASSERT_EQ(::stat(base.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0755U);
  std::filesystem::remove_all(base);
}

TEST(RealDisk, a_lock_whose_process_is_not_here_says_so) {
  const std::string path = testing::TempDir() + "/lock." + std::to_string(::getpid());
  RealDisk disk;
  auto lock = disk.lock(path);
  ASSERT_TRUE(lock);
  EXPECT_TRUE(disk.find_lock_holder(path)->is_here);
  // As a process in a container writes it, which is number 1 there.
  std::ofstream(path) << "1\nhttp://127.0.0.1:4566\n";
  const auto holder = disk.find_lock_holder(path);
  EXPECT_EQ(holder->text, "http://127.0.0.1:4566");
  EXPECT_FALSE(holder->is_here);
  lock->reset();
  ::unlink(path.c_str());
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

/// What this program has in memory of its file, in bytes.
std::size_t resident_of_files() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "RssFile:") continue;
    std::size_t kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

TEST(StartPages, relocations_leave_the_memory_and_are_still_there) {
  const std::size_t before = resident_of_files();
  const std::size_t given_back = give_back_start_pages();
  EXPECT_GT(given_back, 0U);
  EXPECT_LE(resident_of_files() + given_back / 2, before);
  // What is asked for again comes from the file.
  EXPECT_EQ(give_back_start_pages(), given_back);
}

TEST(StartPages, code_that_has_run_leaves_the_memory_and_runs_again) {
  const std::size_t before = resident_of_files();
  const std::size_t code = give_back_start_code();
  EXPECT_GT(code, 0U);
  EXPECT_LT(resident_of_files(), before);
  EXPECT_EQ(give_back_start_code(), code);
}

}  // namespace
}  // namespace matinee::runtime

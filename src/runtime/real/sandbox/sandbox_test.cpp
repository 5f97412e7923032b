// Programs in sandboxes: what they see, what they say, how they end.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "runtime/real/sandbox/launcher.h"
#include "runtime/real/sandbox/process_tree.h"
#include "runtime/real/sandbox/sandbox_fixture.h"

namespace matinee::runtime {
namespace {

using Sandboxed = SandboxTest;
INSTANTIATE_TEST_SUITE_P(Machine, Sandboxed, testing::Values(Mode::sandbox, Mode::process),
                         name_of_mode);

TEST_P(Sandboxed, what_a_program_writes_is_heard_before_its_end) {
  const auto heard = run("echo one; echo two >&2; exit 7");
  EXPECT_EQ(heard->text, "one\ntwo\n");
  EXPECT_EQ(heard->end->exit_status, 7);
  EXPECT_EQ(heard->end->signal, 0);
  EXPECT_FALSE(heard->end->out_of_memory);
}

TEST_P(Sandboxed, a_program_that_kills_itself_ends_by_that_signal) {
  EXPECT_EQ(run("kill -9 $$")->end->signal, SIGKILL);
  EXPECT_EQ(run("kill -SEGV $$")->end->signal, SIGSEGV);
}

TEST_P(Sandboxed, the_environment_is_the_one_that_was_given) {
  SandboxSpec spec = shell("exec env");
  spec.command = {"/usr/bin/env"};
  spec.environment = {"LETTERS=a b", "HANDLER={task}/x", "TMPDIR={tmp}"};
  const std::string task_seen = is_locked_in ? "/var/task" : code.path();
  const auto heard = run(std::move(spec));
  EXPECT_TRUE(heard->text.starts_with("LETTERS=a b\nHANDLER=" + task_seen + "/x\nTMPDIR="))
      << heard->text;
  // As a plain process it is no user that /etc/passwd knows a home of.
  EXPECT_EQ(std::ranges::count(heard->text, '\n'), is_locked_in ? 3 : 4) << heard->text;
}

TEST_P(Sandboxed, it_begins_in_the_folder_of_its_code_and_cannot_change_it) {
  code.add("file.txt", "content");
  const auto heard = run("pwd; cat file.txt; echo x 2>/dev/null > new.txt; echo $?");
  if (!is_locked_in) {
    EXPECT_EQ(heard->text.find(code.path() + "\ncontent"), 0);
    return;
  }
  EXPECT_EQ(heard->text, "/var/task\ncontent2\n");
  EXPECT_FALSE(std::filesystem::exists(code.path() + "/new.txt"));
}

TEST_P(Sandboxed, a_program_that_is_not_there_is_named_by_the_systems_error) {
  auto heard = listener();
  SandboxSpec spec = shell("");
  spec.command = {"{task}/bootstrap"};
  auto sandbox = machine.sandboxes->start(std::move(spec), *heard, "");
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_EQ(heard->end->failure_number, ENOENT);
  EXPECT_NE(heard->end->failure.find("No such file"), std::string::npos) << heard->end->failure;
}

TEST_P(Sandboxed, later_layers_cover_earlier_ones) {
  TestFolder first;
  TestFolder second;
  first.add("python/a.py", "first a");
  first.add("python/b.py", "first b");
  second.add("python/b.py", "second b");
  second.add("bin/tool", "tool");
  SandboxSpec spec = shell("cd \"$OPT\"; cat python/a.py python/b.py bin/tool");
  spec.environment.emplace_back("OPT={opt}");
  spec.layers = {machine.sandboxes->folder(first.path()), machine.sandboxes->folder(second.path())};
  EXPECT_EQ(run(std::move(spec))->text, "first asecond btool");
}

TEST_P(Sandboxed, a_folder_appears_where_it_is_wanted) {
  TestFolder loaders;
  loaders.add("bootstrap.py", "loader");
  SandboxSpec spec = shell("cat \"$RUNTIME/bootstrap.py\"; echo; echo $RUNTIME");
  spec.environment.emplace_back("RUNTIME={/var/runtime}");
  spec.folders = {{loaders.path(), "/var/runtime"}};
  const std::string seen = is_locked_in ? "/var/runtime" : loaders.path();
  EXPECT_EQ(run(std::move(spec))->text, "loader\n" + seen + "\n");
}

TEST_P(Sandboxed, framed_records_come_with_type_and_time) {
  const auto heard =
      run("printf '\\245\\132\\000\\003\\000\\000\\000\\005\\000\\000\\000\\000\\000\\000\\000\\007"
          "hello' >&3; echo text");
  EXPECT_EQ(heard->text, "text\n");
  ASSERT_EQ(heard->records.size(), 1);
  EXPECT_EQ(heard->records[0].bytes, "hello");
  EXPECT_EQ(heard->records[0].frame_type, 3);
  EXPECT_EQ(heard->records[0].time, Time(Duration(7)));
}

TEST_P(Sandboxed, asking_a_program_to_end_is_a_signal_that_it_may_answer) {
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(
      shell("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done"), *heard, "");
  ASSERT_TRUE(wait_until([&] { return heard->text == "up\n"; }));
  sandbox->ask_to_end();
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_EQ(heard->text, "up\nbye\n");
  EXPECT_EQ(heard->end->exit_status, 3);
}

TEST_P(Sandboxed, one_that_ignores_being_asked_is_killed_with_its_children) {
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(
      shell("trap '' TERM; (trap '' TERM; setsid sleep 1000) & echo $!; while :; do sleep 1; done"),
      *heard, "");
  ASSERT_TRUE(wait_until([&] { return heard->text.ends_with("\n"); }));
  sandbox->ask_to_end();
  sandbox->kill();
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_EQ(heard->end->signal, SIGKILL);
  if (!is_locked_in) EXPECT_NE(::kill(std::stoi(heard->text), 0), 0);
}

TEST_P(Sandboxed, what_a_program_leaves_behind_ends_with_it) {
  const auto heard = run("setsid sleep 1000 & echo $!; exit 0");
  EXPECT_EQ(heard->end->exit_status, 0);
  if (!is_locked_in) EXPECT_NE(::kill(std::stoi(heard->text), 0), 0);
}

TEST_P(Sandboxed, output_can_be_taken_before_it_comes_by_itself) {
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(shell("echo up; sleep 1000"), *heard, "");
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  // The loop does not run, which would bring it as well.
  while (heard->text.empty() && std::chrono::steady_clock::now() < give_up) {
    sandbox->take_output();
    std::this_thread::yield();
  }
  EXPECT_EQ(heard->text, "up\n");
}

TEST_P(Sandboxed, the_next_program_may_find_what_the_last_one_left_in_tmp) {
  auto first = listener();
  const std::string write = "echo kept > \"${TMPDIR:-/tmp}/file\"; kill -9 $$";
  const std::string read = "cat \"${TMPDIR:-/tmp}/file\"";
  auto sandbox = machine.sandboxes->start(shell(write), *first, "");
  ASSERT_TRUE(wait_until([&] { return first->end.has_value(); }));
  auto second = listener();
  auto next = machine.sandboxes->start(shell(read), *second, sandbox->scratch());
  sandbox.reset();
  ASSERT_TRUE(wait_until([&] { return second->end.has_value(); }));
  EXPECT_EQ(second->text, "kept\n");
  EXPECT_EQ(second->end->exit_status, 0);
  EXPECT_EQ(run(read)->end->exit_status, 1);  // another sandbox has another
}

TEST_P(Sandboxed, programs_beside_the_main_one_are_told_apart) {
  auto heard = listener();
  SandboxSpec spec = shell("");
  spec.command.clear();
  auto sandbox = machine.sandboxes->start(std::move(spec), *heard, "");
  const std::vector<std::string> environment = {"PATH=/usr/bin:/bin"};
  sandbox->run({.name = "extension",
                .command = {"/bin/sh", "-c", "echo from an extension; sleep 1000"},
                .environment = environment});
  ASSERT_TRUE(wait_until([&] { return !heard->text.empty(); }));
  sandbox->run(
      {.command = {"/bin/sh", "-c", "echo from the function; exit 5"}, .environment = environment});
  ASSERT_TRUE(wait_until([&] { return heard->program_ends.contains(""); }));
  EXPECT_EQ(heard->program_ends[""].exit_status, 5);
  EXPECT_FALSE(heard->end) << "the extension still runs";
  sandbox->kill();
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_EQ(heard->end->exit_status, 5);
  EXPECT_EQ(heard->program_ends["extension"].signal, SIGKILL);
  EXPECT_EQ(heard->text_of["extension"], "from an extension\n");
  EXPECT_EQ(heard->text_of[""], "from the function\n");
}

TEST_P(Sandboxed, names_of_hosts_are_those_that_were_given) {
  SandboxSpec spec = shell("cat /etc/hosts");
  spec.hosts = {{"www.omdbapi.com", "127.0.0.9"}};
  const std::string text = run(std::move(spec))->text;
  EXPECT_EQ(text.starts_with("127.0.0.9 www.omdbapi.com\n"), is_locked_in) << text;
}

TEST_P(Sandboxed, the_user_of_programs_has_awss_name) {
  const std::string text = run(shell("id -un 2>/dev/null"))->text;
  EXPECT_EQ(text == "sbx_user1051\n", is_locked_in) << text;
}

TEST_P(Sandboxed, destroying_one_kills_it_without_a_word) {
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(shell("echo up; sleep 1000"), *heard, "");
  ASSERT_TRUE(wait_until([&] { return heard->text == "up\n"; }));
  sandbox.reset();
  run("true");
  EXPECT_FALSE(heard->end);
}

TEST_P(Sandboxed, one_can_be_killed_before_it_has_begun) {
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(shell("sleep 1000"), *heard, "");
  sandbox->kill();
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_EQ(heard->end->signal, SIGKILL);
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

TEST_P(Sandboxed, many_at_once_all_end_and_leave_no_descriptor_open) {
  run("true");
  ASSERT_TRUE(wait_until([&] { return machine.sandboxes->cells() == 0; }));
  const std::size_t before = open_descriptors();
  constexpr int count = 40;
  std::vector<std::unique_ptr<Heard>> heard;
  std::vector<std::unique_ptr<Sandbox>> sandboxes;
  for (int i = 0; i < count; ++i) {
    heard.push_back(listener());
    sandboxes.push_back(machine.sandboxes->start(
        shell("echo " + std::to_string(i) + "; exec sleep 1000"), *heard.back(), ""));
  }
  for (int i = 0; i < count; ++i)
    ASSERT_TRUE(wait_until(
        [&] { return heard[static_cast<std::size_t>(i)]->text == std::to_string(i) + "\n"; }));
  EXPECT_EQ(machine.sandboxes->cells(), count);
  sandboxes.clear();
  ASSERT_TRUE(wait_until([&] { return machine.sandboxes->cells() == 0; }));
  // The last one may be closed a moment after its cell has gone.
  EXPECT_TRUE(wait_until([&] { return open_descriptors() <= before; })) << open_descriptors();
  for (const auto& one : heard) EXPECT_FALSE(one->end);
}

TEST_P(Sandboxed, finding_out_what_the_machine_allows_leaves_no_process_behind) {
  ASSERT_GT(machine.sandboxes->launcher(), 0);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!descendants_of(machine.sandboxes->launcher()).empty() &&
         std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  EXPECT_TRUE(descendants_of(machine.sandboxes->launcher()).empty());
}

TEST_P(Sandboxed, when_the_launcher_is_killed_programs_end_and_the_next_start_has_a_new_one) {
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(shell("echo $$; sleep 1000"), *heard, "");
  ASSERT_TRUE(wait_until([&] { return heard->text.ends_with("\n"); }));
  const int launcher = machine.sandboxes->launcher();
  ASSERT_GT(launcher, 0);
  ::kill(launcher, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_EQ(heard->end->signal, SIGKILL);
  EXPECT_EQ(run("echo again")->text, "again\n");
  EXPECT_NE(machine.sandboxes->launcher(), launcher);
}

}  // namespace

int serve_for_test(const std::string& mode, const std::string& directory, const std::string& word);

}  // namespace matinee::runtime

/// The launcher is this program once more, as it is with the server.
int main(int argument_count, char** arguments) {
  if (matinee::runtime::is_launcher(argument_count, arguments))
    return matinee::runtime::run_launcher();
  if (argument_count == 5 && std::string(arguments[1]) == "--serve")
    return matinee::runtime::serve_for_test(arguments[2], arguments[3], arguments[4]);
  testing::InitGoogleTest(&argument_count, arguments);
  return RUN_ALL_TESTS();
}

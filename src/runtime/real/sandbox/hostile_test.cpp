// Programs that mean harm: the server and other programs go on.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "runtime/real/sandbox/launcher.h"
#include "runtime/real/sandbox/sandbox_fixture.h"

namespace matinee::runtime {
namespace {

using Hostile = SandboxTest;
INSTANTIATE_TEST_SUITE_P(Machine, Hostile, testing::Values(Mode::sandbox, Mode::process),
                         name_of_mode);

TEST_P(Hostile, a_memory_bomb_is_killed_for_want_of_memory) {
  SandboxSpec spec = shell("head -c 1000000000 /dev/zero | tail");
  spec.memory_bytes = std::uint64_t{64} << 20;
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(std::move(spec), *heard, "");
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_TRUE(heard->end->out_of_memory);
  EXPECT_EQ(heard->end->signal, SIGKILL);
  EXPECT_GT(sandbox->peak_memory(), std::uint64_t{64} << 20);
}

TEST_P(Hostile, what_processes_have_together_is_counted) {
  auto heard = listener();
  auto sandbox = machine.sandboxes->start(
      shell("hold() { x=$(head -c 20000000 /dev/zero | tr '\\0' a); echo full; sleep 1000; }; "
            "hold & hold"),
      *heard, "");
  ASSERT_TRUE(wait_until([&] { return heard->text == "full\nfull\n"; }));
  // What was looked at a moment ago is not looked at again.
  ASSERT_TRUE(wait_until([&] { return sandbox->peak_memory() > 40'000'000; }));
  EXPECT_LT(sandbox->peak_memory(), std::uint64_t{128} << 20);
}

TEST_P(Hostile, tmp_has_no_more_room_than_it_was_given) {
  SandboxSpec spec = shell(
      "cd \"${TMPDIR:-/tmp}\"; head -c 50000000 /dev/zero > large 2>/dev/null; echo $?;"
      "wc -c < large");
  spec.scratch_bytes = std::uint64_t{10} << 20;
  const std::string text = run(std::move(spec))->text;
  EXPECT_NE(text.substr(0, 2), "0\n");
  EXPECT_LE(std::stoull(text.substr(text.find('\n'))), std::uint64_t{10} << 20);
}

TEST_P(Hostile, tmp_has_room_for_so_many_files_only) {
  SandboxSpec spec = shell(
      "cd \"${TMPDIR:-/tmp}\"; i=0; while [ $i -lt 1000 ] && (: > $i) 2>/dev/null; do i=$((i+1)); "
      "done; echo $i");
  spec.scratch_bytes = std::uint64_t{10} << 20;
  const int files = std::stoi(run(std::move(spec))->text);
  // A folder of the machine has as many as its disk.
  EXPECT_EQ(files < 1000, is_locked_in) << files;
}

TEST_P(Hostile, nothing_can_be_written_outside_of_tmp) {
  if (!is_locked_in && !is_another_user()) {
    std::cout << "A plain process of the same user may write what that user may.\n";
    return;
  }
  const std::string text =
      run("for place in / /usr /etc /usr/bin /dev /proc /opt /var /var/task; do "
          "(echo x > $place/planted-by-a-test) 2>/dev/null && echo $place; done; "
          "(echo x > planted) 2>/dev/null && echo task; true")
          ->text;
  EXPECT_EQ(text, "");
}

TEST_P(Hostile, the_folders_of_the_server_are_not_to_be_seen) {
  TestFolder data;
  data.add("secret", "key");
  std::filesystem::permissions(data.path(), std::filesystem::perms::owner_all);
  SandboxSpec spec = shell("cat " + data.path() + "/secret 2>&1; ls " + folder.path() + " 2>&1");
  const std::string text = run(std::move(spec))->text;
  EXPECT_EQ(text.find("key") == std::string::npos, is_locked_in || is_another_user()) << text;
  EXPECT_EQ(text.find("run") == std::string::npos || text.find("No such") != std::string::npos,
            is_locked_in)
      << text;
}

TEST_P(Hostile, the_server_and_its_launcher_cannot_be_killed) {
  SandboxSpec spec = shell(
      "kill -9 $SERVER $LAUNCHER 2>/dev/null; kill -9 -$SERVER 2>/dev/null; "
      "kill -STOP $PPID 2>/dev/null; kill -9 $PPID 2>/dev/null; kill -9 -1 2>/dev/null; "
      "echo alive");
  spec.environment.push_back("SERVER=" + std::to_string(::getpid()));
  spec.environment.push_back("LAUNCHER=" + std::to_string(machine.sandboxes->launcher()));
  EXPECT_EQ(run(std::move(spec))->text, "alive\n");
  EXPECT_EQ(run("echo on")->text, "on\n");
}

TEST_P(Hostile, another_programs_environment_is_not_to_be_seen) {
  auto other = listener();
  SandboxSpec victim = shell("echo up; exec sleep 1000");
  victim.environment.emplace_back("SECRET=of-another-function");
  auto sandbox = machine.sandboxes->start(std::move(victim), *other, "");
  ASSERT_TRUE(wait_until([&] { return !other->text.empty(); }));
  const auto heard = run("cat /proc/[0-9]*/environ 2>/dev/null; true");
  if (is_locked_in || is_another_user())
    EXPECT_EQ(heard->text.find("of-another-function"), std::string::npos);
}

TEST_P(Hostile, it_has_no_rights_and_gets_none) {
  const std::string text =
      run("grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'; "
          "ulimit -n; ulimit -c; id -u")
          ->text;
  const std::string user = is_locked_in        ? "993"
                           : is_another_user() ? "60579"  // the first cell's
                                               : std::to_string(::geteuid());
  // Without capabilities the set of those that could be had cannot be emptied; none can be had.
  const std::string bound =
      text.substr(text.find("CapBnd:"), text.find("NoNew") - text.find("CapBnd:"));
  EXPECT_EQ(text, "CapEff:0000000000000000\n" + bound + "NoNewPrivs:1\nSeccomp:2\n1024\n0\n" +
                      user + "\n");
}

TEST_P(Hostile, a_folder_that_only_the_server_may_enter_can_hold_code) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  SandboxSpec spec = shell("cat file; grep CapEff /proc/self/status | tr -d '\\t'; id -u");
  std::filesystem::create_directory(folder.path() + "/code");
  folder.add("code/file", "text\n");
  spec.task = machine.sandboxes->folder(folder.path() + "/code");
  const std::string text = run(std::move(spec))->text;
  EXPECT_TRUE(text.starts_with("text\nCapEff:")) << text;
  if (::geteuid() != 0) return;
  EXPECT_FALSE(text.ends_with("\n0\n")) << "it is not root, wherever that can be avoided";
  // That it may pass folders of root, where these are to be seen, is all that it may.
  EXPECT_TRUE(text.find("CapEff:0000000000000000\n") != std::string::npos ||
              (!is_locked_in && (text.find("CapEff:0000000000000004\n") != std::string::npos ||
                                 text.find("CapEff:0000000000000002\n") != std::string::npos)))
      << text;
}

TEST_P(Hostile, namespaces_mounts_and_the_like_are_refused) {
  const auto heard =
      run("unshare -U true 2>/dev/null; echo $?; unshare -m true 2>/dev/null; echo $?; "
          "mount -t tmpfs none /tmp 2>/dev/null || echo no");
  EXPECT_EQ(heard->text, "1\n1\nno\n");
}

TEST_P(Hostile, gigabytes_of_output_make_the_program_wait_and_not_the_server_grow) {
  std::map<std::uint64_t, std::uint64_t> of_rounds;
  std::uint64_t total = 0;
  struct Counter final : SandboxListener {
    explicit Counter(std::function<void(std::size_t)> count_bytes)
        : count(std::move(count_bytes)) {}
    void on_output(SandboxOutput output) override { count(output.bytes.size()); }
    void on_end(const SandboxEnd&) override {}
    std::function<void(std::size_t)> count;
  };
  Counter counter([&](std::size_t bytes) {
    // The first piece keeps the loop for a while, in which the program writes what it can.
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    while (total == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    of_rounds[machine.loop.round()] += bytes;
    total += bytes;
    if (holds_) holds_();
  });
  auto sandbox = machine.sandboxes->start(shell("yes"), counter, "");
  ASSERT_TRUE(wait_until([&] { return total > std::uint64_t{100} << 20; }));
  for (const auto& [round, bytes] : of_rounds)
    EXPECT_LE(bytes, Cell::most_waiting + (std::size_t{64} << 10));
  EXPECT_EQ(run("echo works")->text, "works\n");
}

TEST_P(Hostile, records_that_are_none_are_text_and_endless_ones_are_cut) {
  EXPECT_EQ(run("printf 'no frame at all' >&3")->text, "no frame at all");
  const auto heard =
      run("printf '\\245\\132\\000\\001\\377\\377\\377\\377' >&3; head -c 5000000 /dev/zero >&3");
  ASSERT_EQ(heard->records.size(), 1);
  EXPECT_EQ(heard->records[0].bytes.size(), FrameReader::longest_record);
}

/// Whether a process runs whose arguments hold the word.
bool is_running(const std::string& word) {
  DIR* folder = ::opendir("/proc");
  bool found = false;
  while (const dirent* entry = ::readdir(folder)) {
    std::ifstream file(std::string("/proc/") + entry->d_name + "/cmdline");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.find(word) != std::string::npos && text.find("--serve") == std::string::npos)
      found = true;
  }
  ::closedir(folder);
  return found;
}

/// Looks until it holds, for half a minute at most.
bool comes_true(const std::function<bool()>& holds) {
  for (int look = 0; look < 3000; ++look) {
    if (holds()) return true;
    ::poll(nullptr, 0, 10);
  }
  return false;
}

std::size_t run_folders(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().filename().native().starts_with("matinee-functions-")) ++count;
  return count;
}

TEST_P(Hostile, when_the_server_is_killed_programs_end_and_the_next_server_cleans_up) {
  const std::string directory = folder.path() + "/server";
  const std::string word = "7" + std::to_string(::getpid()) + (is_locked_in ? "1" : "2");
  const pid_t server = ::fork();
  if (server == 0) {
    const char* mode = GetParam() == Mode::sandbox ? "sandbox" : "process";
    ::execl("/proc/self/exe", "sandbox_tests", "--serve", mode, directory.c_str(), word.c_str(),
            nullptr);
    ::_exit(127);
  }
  ASSERT_TRUE(comes_true([&] { return is_running(word); }));
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  EXPECT_TRUE(comes_true([&] { return !is_running(word); }));
  EXPECT_EQ(run_folders(directory), 1);
  SandboxMachine next(directory, GetParam() == Mode::sandbox);
  next.sandboxes->abilities();
  EXPECT_EQ(run_folders(directory), 1) << "its own, and no other";
  next.sandboxes.reset();
  EXPECT_EQ(run_folders(directory), 0);
}

}  // namespace

/// A server with one program that runs for long, until it is killed.
int serve_for_test(const std::string& mode, const std::string& directory, const std::string& word) {
  SandboxMachine machine(directory, mode == "sandbox");
  Heard heard([] {});
  auto sandbox = machine.sandboxes->start(
      {.command = {"/bin/sh", "-c", "setsid sleep " + word + " & sleep " + word},
       .environment = {"PATH=/usr/bin:/bin"},
       .task = machine.sandboxes->folder("/usr/share")},
      heard, "");
  machine.loop.run();
  return 0;
}

}  // namespace matinee::runtime

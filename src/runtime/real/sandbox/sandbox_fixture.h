// Sandboxes of this machine for tests: programs of the shell in them, what they write, how they
// end.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/real/real_disk.h"
#include "runtime/real/real_environment.h"
#include "runtime/real/real_loop.h"
#include "runtime/real/sandbox/real_sandboxes.h"
#include "runtime/real/system_random.h"
#include "runtime/real/worker_pool.h"

namespace matinee::runtime {

/// A folder that goes away with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string name = std::filesystem::temp_directory_path() / "sandbox-test-XXXXXX";
    path_ = ::mkdtemp(name.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string add(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
  }

 private:
  std::string path_;
};

/// Loop, workers and sandboxes, built as the program does it.
struct SandboxMachine {
  explicit SandboxMachine(const std::string& directory, bool locked_in)
      : sandboxes(std::make_unique<RealSandboxes>(
            Runtime{loop, loop, random, disk, workers, environment},
            SandboxOptions{.directory = directory, .locked_in = locked_in})) {}

  RealLoop loop;
  SystemRandom random;
  RealDisk disk;
  WorkerPool workers{2};
  RealEnvironment environment;
  std::unique_ptr<RealSandboxes> sandboxes;
};

/// Remembers what one sandbox says.
class Heard final : public SandboxListener {
 public:
  explicit Heard(std::function<void()> changed) : changed_(std::move(changed)) {}

  void on_output(SandboxOutput output) override {
    bytes += output.bytes.size();
    if (output.kind == OutputKind::framed) {
      records.push_back(std::move(output));
    } else if (text.size() < most_text) {
      text_of[output.program] += output.bytes;
      text += output.bytes;
    }
    changed_();
  }
  void on_program_end(const std::string& name, const SandboxEnd& how) override {
    program_ends[name] = how;
    changed_();
  }
  void on_end(const SandboxEnd& how) override {
    end = how;
    changed_();
  }

  std::string text;
  std::map<std::string, std::string> text_of;
  std::vector<SandboxOutput> records;
  std::map<std::string, SandboxEnd> program_ends;
  std::optional<SandboxEnd> end;
  std::uint64_t bytes = 0;

 private:
  static constexpr std::size_t most_text = std::size_t{1} << 20;
  std::function<void()> changed_;
};

enum class Mode { sandbox, process };

/// Each test is of a sandbox, and of plain processes.
class SandboxTest : public testing::TestWithParam<Mode> {
 protected:
  SandboxTest() : machine(folder.path() + "/run", GetParam() == Mode::sandbox) {
    is_locked_in = machine.sandboxes->abilities().is_locked_in;
    if (GetParam() == Mode::sandbox && !is_locked_in)
      std::cout << "This machine locks nothing in, so that what follows is expected of plain "
                   "processes: "
                << machine.sandboxes->abilities().missing.front() << "\n";
  }

  /// Runs the loop until it holds. Fails the test after half a minute.
  testing::AssertionResult wait_until(std::function<bool()> holds) {
    bool is_late = false;
    if (holds()) return testing::AssertionSuccess();
    const TimerId timer = machine.loop.call_at(machine.loop.now() + std::chrono::seconds(30), [&] {
      is_late = true;
      machine.loop.stop();
    });
    holds_ = [&] {
      if (holds()) machine.loop.stop();
    };
    // For what nobody tells of.
    TimerId look = TimerId::none;
    std::function<void()> look_again = [&] {
      holds_();
      look = machine.loop.call_at(machine.loop.now() + std::chrono::milliseconds(5), look_again);
    };
    look_again();
    machine.loop.run();
    holds_ = nullptr;
    machine.loop.cancel(timer);
    machine.loop.cancel(look);
    return is_late ? testing::AssertionFailure() << "it has not happened within 30 s"
                   : testing::AssertionSuccess();
  }

  std::unique_ptr<Heard> listener() {
    return std::make_unique<Heard>([this] {
      if (holds_) holds_();
    });
  }

  std::shared_ptr<CodeFolder> task() { return machine.sandboxes->folder(code.path()); }

  SandboxSpec shell(std::string script) {
    return {.command = {"/bin/sh", "-c", std::move(script)},
            .environment = {"PATH=/usr/bin:/bin"},
            .task = task()};
  }

  /// Runs a script to its end.
  std::unique_ptr<Heard> run(SandboxSpec spec) {
    auto heard = listener();
    auto sandbox = machine.sandboxes->start(std::move(spec), *heard, "");
    EXPECT_TRUE(wait_until([&] { return heard->end.has_value(); }));
    if (!heard->end) heard->end = SandboxEnd{.failure = "The test has given up."};
    EXPECT_EQ(heard->end->failure, "");
    return heard;
  }
  std::unique_ptr<Heard> run(std::string script) { return run(shell(std::move(script))); }

  /// As plain processes, programs of root are another user's, where root may do that and that user
  /// can get at all that they need. Those of others are their own.
  bool is_another_user() { return run("id -u")->text != std::to_string(::geteuid()) + "\n"; }

  TestFolder folder;
  TestFolder code;
  bool is_locked_in = false;
  std::function<void()> holds_;
  SandboxMachine machine;
};

inline std::string name_of_mode(const testing::TestParamInfo<Mode>& info) {
  return info.param == Mode::sandbox ? "sandbox" : "process";
}

}  // namespace matinee::runtime

// Callables that stand for programs.
#include "runtime/simulated/simulated_sandboxes.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

#include "runtime/simulated/simulated_loop.h"

namespace matinee::runtime {
namespace {

class SimulatedPrograms : public testing::Test, public SandboxListener {
 protected:
  void on_output(SandboxOutput output) override { heard += output.bytes; }
  void on_program_end(const std::string& name, const SandboxEnd& how) override {
    heard += "[" + name + " ends by " + std::to_string(how.signal) + "]";
  }
  void on_end(const SandboxEnd& how) override { end = how; }

  std::unique_ptr<Sandbox> start(const std::string& handler) {
    return sandboxes.start({.command = {"bootstrap"}, .environment = {"_HANDLER=" + handler}},
                           *this, "");
  }

  SimulatedLoop loop;
  SimulatedSandboxes sandboxes{loop};
  std::string heard;
  std::optional<SandboxEnd> end;
};

TEST_F(SimulatedPrograms, say_and_end_in_virtual_time) {
  sandboxes.let_starting_take(std::chrono::milliseconds(5));
  sandboxes.provide("app.handler", [this](const std::shared_ptr<SimulatedProgram>& program) {
    program->write("up ");
    loop.call_at(loop.now() + std::chrono::hours(1), [program] {
      program->write("done ");
      program->exit(3);
      program->write("never");
    });
  });
  const auto sandbox = start("app.handler");
  loop.advance(std::chrono::milliseconds(4));
  EXPECT_EQ(heard, "");
  loop.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(heard, "up ");
  EXPECT_EQ(sandboxes.running(), 1);
  loop.advance(std::chrono::hours(1));
  EXPECT_EQ(heard, "up done [ ends by 0]");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_status, 3);
  EXPECT_EQ(sandboxes.running(), 0);
}

TEST_F(SimulatedPrograms, end_when_they_are_killed_asked_or_too_large) {
  std::shared_ptr<SimulatedProgram> last;
  sandboxes.provide("app", [&](std::shared_ptr<SimulatedProgram> program) { last = program; });
  auto sandbox = start("app");
  loop.run_until_idle();
  sandbox->kill();
  loop.run_until_idle();
  EXPECT_EQ(end->signal, SIGKILL);
  EXPECT_FALSE(last->is_running());

  sandbox = start("app");
  loop.run_until_idle();
  last->on_terminate = [&] { last->exit(0); };
  sandbox->ask_to_end();
  loop.run_until_idle();
  EXPECT_EQ(end->signal, 0);

  sandbox = start("app");
  loop.run_until_idle();
  last->use_memory(std::uint64_t{1} << 30);
  loop.run_until_idle();
  EXPECT_TRUE(end->out_of_memory);
  EXPECT_EQ(sandbox->peak_memory(), std::uint64_t{1} << 30);
}

TEST_F(SimulatedPrograms, that_nobody_has_provided_are_not_there) {
  const auto sandbox = start("nobody");
  loop.run_until_idle();
  EXPECT_EQ(end->failure_number, ENOENT);
}

TEST_F(SimulatedPrograms, of_a_sandbox_that_is_destroyed_say_nothing_more) {
  std::shared_ptr<SimulatedProgram> last;
  sandboxes.provide("app", [&](std::shared_ptr<SimulatedProgram> program) { last = program; });
  auto sandbox = start("app");
  loop.run_until_idle();
  last->write("lost");
  sandbox.reset();
  last->exit(0);
  loop.run_until_idle();
  EXPECT_EQ(heard, "");
  EXPECT_FALSE(end);
  EXPECT_EQ(sandboxes.running(), 0);
}

TEST_F(SimulatedPrograms, beside_the_main_one_keep_a_sandbox_going) {
  std::shared_ptr<SimulatedProgram> main;
  std::shared_ptr<SimulatedProgram> extension;
  sandboxes.provide("app", [&](std::shared_ptr<SimulatedProgram> program) { main = program; });
  sandboxes.provide("ext", [&](std::shared_ptr<SimulatedProgram> program) { extension = program; });
  const auto sandbox = start("app");
  sandbox->run({.name = "ext", .command = {"/opt/extensions/ext"}, .environment = {}});
  loop.run_until_idle();
  main->crash(SIGSEGV);
  loop.run_until_idle();
  EXPECT_FALSE(end);
  extension->exit(0);
  loop.run_until_idle();
  EXPECT_EQ(heard, "[ ends by 11][ext ends by 0]");
  EXPECT_EQ(end->signal, SIGSEGV);
}

}  // namespace
}  // namespace matinee::runtime

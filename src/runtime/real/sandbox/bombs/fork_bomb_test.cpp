// Programs that start as many processes as they can: a program of its own, because what is around
// it may have no more room for processes than they take.
#include <gtest/gtest.h>

#include "runtime/real/sandbox/launcher.h"
#include "runtime/real/sandbox/sandbox_fixture.h"

namespace matinee::runtime {
namespace {

using ForkBombs = SandboxTest;
INSTANTIATE_TEST_SUITE_P(Machine, ForkBombs, testing::Values(Mode::sandbox, Mode::process),
                         name_of_mode);

TEST_P(ForkBombs, are_ended_and_nobody_else_notices) {
  auto heard = listener();
  auto bomb = machine.sandboxes->start(
      shell("echo up; exec 2>/dev/null; f() { f & f & sleep 1000; }; f"), *heard, "");
  ASSERT_TRUE(wait_until([&] { return !heard->text.empty(); }));
  EXPECT_EQ(run("echo works")->text, "works\n");
  bomb->kill();
  ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  EXPECT_EQ(run("echo works still")->text, "works still\n");
}

TEST_P(ForkBombs, come_to_a_thousand_processes_and_no_further) {
  const std::string text =
      run("exec 2>/dev/null; i=0; while [ $i -lt 2000 ]; do sleep 1000 & i=$((i+1)); echo $i; done")
          ->text;
  const int most = std::stoi(text.substr(text.rfind('\n', text.size() - 2) + 1));
  EXPECT_LT(most, 1100);
  EXPECT_GT(most, 900);
}

}  // namespace
}  // namespace matinee::runtime

int main(int argument_count, char** arguments) {
  if (matinee::runtime::is_launcher(argument_count, arguments))
    return matinee::runtime::run_launcher();
  testing::InitGoogleTest(&argument_count, arguments);
  return RUN_ALL_TESTS();
}

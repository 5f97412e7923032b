// How long a sandbox takes to begin.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "runtime/real/sandbox/sandbox_fixture.h"

namespace matinee::runtime {
namespace {

using SandboxSpeed = SandboxTest;
INSTANTIATE_TEST_SUITE_P(Machine, SandboxSpeed, testing::Values(Mode::sandbox, Mode::process),
                         name_of_mode);

/// On a machine with nothing else to do it is a hundredth of what this allows.
constexpr std::chrono::milliseconds much_too_long(300);

TEST_P(SandboxSpeed, a_program_says_hello_within_milliseconds) {
  using Clock = std::chrono::steady_clock;
  std::filesystem::copy(SANDBOX_HELLO, code.path() + "/bootstrap");
  std::vector<double> milliseconds;
  for (int i = 0; i < 100; ++i) {
    SandboxSpec spec = shell("");
    spec.command = {"{task}/bootstrap"};
    auto heard = listener();
    const Clock::time_point start = Clock::now();
    auto sandbox = machine.sandboxes->start(std::move(spec), *heard, "");
    ASSERT_TRUE(wait_until([&] { return !heard->text.empty(); }));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    ASSERT_TRUE(wait_until([&] { return heard->end.has_value(); }));
  }
  std::ranges::sort(milliseconds);
  std::printf("From start to the first output: %.2f ms at best, %.2f ms at the median.\n",
              milliseconds.front(), milliseconds[milliseconds.size() / 2]);
  EXPECT_LT(milliseconds[milliseconds.size() / 2], much_too_long.count());
}

}  // namespace
}  // namespace matinee::runtime

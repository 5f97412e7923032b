#include "services/lambda/running/failures.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace matinee::lambda {
namespace {

TEST(Failures, of_programs_that_cannot_be_started_name_them_as_they_are_seen_inside) {
  const auto text = [](int number) {
    return runtime_failure({.failure = "no", .failure_number = number}, "{task}/bootstrap").message;
  };
  EXPECT_EQ(text(ENOENT), "fork/exec /var/task/bootstrap: no such file or directory");
  EXPECT_EQ(text(EACCES), "fork/exec /var/task/bootstrap: permission denied");
  EXPECT_EQ(text(ENOEXEC), "fork/exec /var/task/bootstrap: exec format error");
  EXPECT_EQ(text(E2BIG), "fork/exec /var/task/bootstrap: argument list too long");
  const Failure extension =
      extension_failure({.failure = "no", .failure_number = EACCES}, "{opt}/extensions/x");
  EXPECT_EQ(extension.type, "Extension.LaunchError");
  EXPECT_EQ(extension.message, "fork/exec /opt/extensions/x: permission denied");
  EXPECT_EQ(runtime_failure({.failure = "There is no room."}, "x").message, "There is no room.");
}

TEST(Failures, of_programs_that_end_tell_how) {
  EXPECT_EQ(runtime_failure({}, "").message, "Runtime exited without providing a reason");
  EXPECT_EQ(runtime_failure({.exit_status = 3}, "").message,
            "Runtime exited with error: exit status 3");
  EXPECT_EQ(runtime_failure({.signal = SIGSEGV}, "").message,
            "Runtime exited with error: signal: segmentation fault");
  const Failure memory = runtime_failure({.signal = SIGKILL, .out_of_memory = true}, "");
  EXPECT_EQ(memory.type, "Runtime.OutOfMemory");
  EXPECT_EQ(memory.message, "Runtime exited with error: signal: killed");
  EXPECT_EQ(extension_failure({}, "").message, "exit code 0");
  EXPECT_EQ(extension_failure({.exit_status = 1}, "").message, "exit status 1");
  EXPECT_EQ(extension_failure({.signal = SIGKILL}, "").message, "signal: killed");
  EXPECT_EQ(extension_failure({}, "").type, "Extension.Crash");
}

}  // namespace
}  // namespace matinee::lambda

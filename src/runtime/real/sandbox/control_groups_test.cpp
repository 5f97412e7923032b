// Where control groups are, by what the kernel tells.
#include "runtime/real/sandbox/control_groups.h"

#include <gtest/gtest.h>

#include <iostream>

namespace matinee::runtime {
namespace {

TEST(ControlGroups, their_mount_is_found_among_others) {
  EXPECT_EQ(control_group_mount(
                "22 1 0:21 / /proc rw shared:1 - proc proc rw\n"
                "30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                "35 23 0:31 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"),
            "/sys/fs/cgroup");
  EXPECT_EQ(control_group_mount("22 1 0:21 / /proc rw - proc proc rw\n"), "");
  EXPECT_EQ(control_group_mount(""), "");
}

TEST(ControlGroups, the_own_group_is_that_of_version_2) {
  EXPECT_EQ(own_control_group("9:name=systemd:/\n4:memory:/x\n0::/user.slice/shell.scope\n"),
            "/user.slice/shell.scope");
  EXPECT_EQ(own_control_group("4:memory:/x\n"), "");
}

TEST(ControlGroups, a_controller_is_a_whole_word) {
  EXPECT_TRUE(has_controller("cpuset cpu memory pids\n", "cpu"));
  EXPECT_TRUE(has_controller("cpuset cpu memory pids\n", "pids"));
  EXPECT_FALSE(has_controller("cpuset io\n", "cpu"));
  EXPECT_FALSE(has_controller("", "cpu"));
}

TEST(ControlGroups, a_machine_without_the_memory_of_groups_says_so_or_makes_one) {
  std::string refused;
  const auto groups = ControlGroups::find(refused);
  EXPECT_EQ(groups == nullptr, !refused.empty());
  if (!groups) {
    std::cout << "This machine limits no memory: " << refused << ".\n";
    return;
  }
  const auto group = groups->make(1, {.memory_bytes = std::uint64_t{64} << 20, .processors = 0.1});
  ASSERT_TRUE(group);
  EXPECT_GE(group->descriptor(), 0);
  EXPECT_FALSE(group->has_run_out_of_memory());
}

}  // namespace
}  // namespace matinee::runtime

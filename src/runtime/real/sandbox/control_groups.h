// Control groups (version 2) of the kernel: limits of memory, processor and processes for all that
// runs in a cell, where this user may make some.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/real/sandbox/packets.h"

namespace matinee::runtime {

/// Goes away with it; nothing may run in it any more by then.
class ControlGroup {
 public:
  explicit ControlGroup(std::string path);
  ~ControlGroup();
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  int descriptor() const { return folder_.get(); }
  /// Whether the kernel has killed something in it for want of memory.
  bool has_run_out_of_memory() const;

 private:
  std::string path_;
  OwnedDescriptor folder_;
};

struct GroupLimits {
  std::uint64_t memory_bytes = 0;
  double processors = 1;
};

class ControlGroups {
 public:
  /// Looks for a place from this process's own group upwards. Nothing where the memory of groups
  /// cannot be limited; `refused` is why, in words.
  static std::unique_ptr<ControlGroups> find(std::string& refused);

  /// Nothing where that fails.
  std::unique_ptr<ControlGroup> make(std::uint64_t id, const GroupLimits& limits) const;

 private:
  explicit ControlGroups(std::string parent) : parent_(std::move(parent)) {}

  std::string parent_;
};

/// Where control groups of version 2 are mounted, by the text of /proc/self/mountinfo; empty where
/// they are not.
std::string control_group_mount(std::string_view mounts);
/// The path of the own group below it, by the text of /proc/self/cgroup.
std::string own_control_group(std::string_view groups);
/// Whether a list such as "cpu memory pids" has the word.
bool has_controller(std::string_view list, std::string_view name);

}  // namespace matinee::runtime

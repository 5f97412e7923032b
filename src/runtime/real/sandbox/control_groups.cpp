#include "runtime/real/sandbox/control_groups.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace matinee::runtime {
namespace {

constexpr std::string_view name_prefix = "matinee-";
constexpr std::string_view most_processes = "1024";
constexpr double period_microseconds = 100'000;
constexpr double least_microseconds = 1'000;  // the kernel's

std::string read_file(const std::string& path) {
  const OwnedDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> piece{};
  ssize_t size = 0;
  while (file && (size = ::read(file.get(), piece.data(), piece.size())) > 0)
    text.append(piece.data(), static_cast<std::size_t>(size));
  return text;
}

bool write_file(const std::string& path, std::string_view text) {
  const OwnedDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// The first line that `holds`.
template <class Predicate>
std::string_view find_line(std::string_view text, Predicate holds) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (holds(text.substr(0, end))) return text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

/// Groups of servers that have ended without a chance to remove them.
void remove_leftovers(const std::string& parent) {
  DIR* folder = ::opendir(parent.c_str());
  if (folder == nullptr) return;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(name_prefix)) continue;
    const std::string_view rest = name.substr(name_prefix.size());
    const std::string server(rest.substr(0, rest.find('-')));
    if (::access(("/proc/" + server).c_str(), F_OK) != 0)
      ::rmdir((parent + "/" + std::string(name)).c_str());
  }
  ::closedir(folder);
}

bool limits_memory_of_groups(const std::string& parent) {
  if (::access((parent + "/cgroup.procs").c_str(), W_OK) != 0 ||
      ::access(parent.c_str(), W_OK) != 0)
    return false;
  const std::string file = parent + "/cgroup.subtree_control";
  if (!has_controller(read_file(file), "memory") && !write_file(file, "+memory")) return false;
  for (const std::string name : {"cpu", "pids"})
    if (!has_controller(read_file(file), name)) write_file(file, "+" + name);
  return true;
}

}  // namespace

std::string control_group_mount(std::string_view mounts) {
  const std::string_view line = find_line(
      mounts, [](std::string_view text) { return text.find(" - cgroup2 ") != text.npos; });
  std::size_t at = 0;
  for (int field = 0; field < 4 && at != line.npos; ++field) at = line.find(' ', at + 1);
  if (line.empty() || at == line.npos) return "";
  return std::string(line.substr(at + 1, line.find(' ', at + 1) - at - 1));
}

std::string own_control_group(std::string_view groups) {
  const std::string_view line =
      find_line(groups, [](std::string_view text) { return text.starts_with("0::"); });
  return line.empty() ? "" : std::string(line.substr(3));
}

bool has_controller(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(" \n"), list.size());
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

ControlGroup::ControlGroup(std::string path)
    : path_(std::move(path)), folder_(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

ControlGroup::~ControlGroup() {
  folder_.reset();
  ::rmdir(path_.c_str());
}

bool ControlGroup::has_run_out_of_memory() const {
  const std::string events = read_file(path_ + "/memory.events");
  const std::string_view line =
      find_line(events, [](std::string_view text) { return text.starts_with("oom_kill "); });
  return !line.empty() && line != "oom_kill 0";
}

std::unique_ptr<ControlGroups> ControlGroups::find(std::string& refused) {
  const std::string mount = control_group_mount(read_file("/proc/self/mountinfo"));
  if (mount.empty()) {
    refused = "there are no control groups of version 2";
    return nullptr;
  }
  if (!has_controller(read_file(mount + "/cgroup.controllers"), "memory") &&
      own_control_group(read_file("/proc/self/cgroup")) == "/") {
    refused = "control groups of version 2 do not have the memory here";
    return nullptr;
  }
  std::string group = own_control_group(read_file("/proc/self/cgroup"));
  if (group == "/") group.clear();
  for (;;) {
    const std::string parent = mount + group;
    if (limits_memory_of_groups(parent)) {
      remove_leftovers(parent);
      return std::unique_ptr<ControlGroups>(new ControlGroups(parent));
    }
    if (group.empty()) break;
    group.resize(group.rfind('/'));
  }
  refused = "this user may not make control groups";
  return nullptr;
}

std::unique_ptr<ControlGroup> ControlGroups::make(std::uint64_t id,
                                                  const GroupLimits& limits) const {
  const std::string path = parent_ + "/" + std::string(name_prefix) + std::to_string(::getpid()) +
                           "-" + std::to_string(id);
  if (::mkdir(path.c_str(), S_IRWXU) != 0) return nullptr;
  auto group = std::make_unique<ControlGroup>(path);
  write_file(path + "/memory.swap.max", "0");
  write_file(path + "/pids.max", most_processes);
  const auto share = static_cast<std::uint64_t>(
      std::max(least_microseconds, limits.processors * period_microseconds));
  write_file(path + "/cpu.max", std::to_string(share) + " 100000");
  if (!write_file(path + "/memory.max", std::to_string(limits.memory_bytes))) return nullptr;
  return group;
}

}  // namespace matinee::runtime

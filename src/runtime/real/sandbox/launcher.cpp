#include "runtime/real/sandbox/launcher.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "runtime/real/sandbox/cell_plan.h"
#include "runtime/real/sandbox/confinement.h"
#include "runtime/real/sandbox/first_process.h"

namespace matinee::runtime {
namespace {

constexpr int launcher_socket = 3;
constexpr const char* launcher_command = "--launch-sandboxes";

constexpr std::uint64_t own_namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;

struct NewProcess {
  pid_t id = -1;  // 0 in the new process itself
  OwnedDescriptor descriptor;
};

/// Copies this process, as fork does, into new namespaces and into a control group if there is one.
NewProcess copy_process(std::uint64_t namespaces, int control_group) {
  int descriptor = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | namespaces;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&descriptor);
  arguments.exit_signal = SIGCHLD;
  if (control_group >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(control_group);
  }
  const long id = ::syscall(SYS_clone3, &arguments, sizeof(arguments));
  if (id >= 0 || namespaces != 0) return {static_cast<pid_t>(id), OwnedDescriptor(descriptor)};
  // Where containers know nothing of the call they refuse it, though not what it does.
  const pid_t forked = ::fork();
  if (forked <= 0) return {forked, OwnedDescriptor()};
  return {forked, OwnedDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, forked, 0)))};
}

bool write_file(const std::string& path, const std::string& text) {
  const OwnedDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// Who the users inside are outside. Only root may name others than itself.
bool map_users(pid_t process, std::uint64_t cell) {
  const std::string folder = "/proc/" + std::to_string(process);
  const auto line = [](unsigned inside, unsigned outside) {
    return std::to_string(inside) + " " + std::to_string(outside) + " 1\n";
  };
  const auto user = static_cast<unsigned>(outer_user(cell));
  if (::geteuid() == 0)
    return write_file(folder + "/uid_map", line(0, 0) + line(inner_user, user)) &&
           write_file(folder + "/gid_map", line(0, 0) + line(inner_group, user));
  return write_file(folder + "/uid_map", line(inner_user, ::geteuid())) &&
         write_file(folder + "/setgroups", "deny") &&
         write_file(folder + "/gid_map", line(inner_group, ::getegid()));
}

class Launcher {
 public:
  int run() {
    ::signal(SIGCHLD, SIG_IGN);  // nobody waits for the ends that descriptors tell of
    while (std::optional<PacketReader> packet = PacketReader::receive(launcher_socket, true)) {
      if (packet->kind() == PacketKind::hello) answer_hello(*packet);
      if (packet->kind() == PacketKind::make) make(*packet);
    }
    return 0;
  }

 private:
  CellMethod method_ = CellMethod::processes;

  /// Makes a cell; the new process never returns from here. The error is a sentence.
  std::expected<NewProcess, std::string> make_cell(const CellPlan& plan, CellMethod method,
                                                   OwnedDescriptor control, int control_group) {
    std::uint64_t namespaces = 0;
    if (method != CellMethod::processes) namespaces = own_namespaces;
    if (method == CellMethod::user_namespace) namespaces |= CLONE_NEWUSER;
    std::optional<DescriptorPair> gate = DescriptorPair::pipe();
    if (!gate) return std::unexpected(std::string("opening a pipe: ") + std::strerror(errno));
    NewProcess made = copy_process(namespaces, control_group);
    if (made.id < 0)
      return std::unexpected(std::string("making namespaces: ") + std::strerror(errno));
    if (made.id == 0) {
      gate->second.reset();
      char ready = 0;
      if (::read(gate->first.get(), &ready, 1) != 1) ::_exit(1);
      // Of all that the launcher has, whose other ends would never see an end of theirs.
      const auto only = static_cast<unsigned>(control.get());
      ::syscall(SYS_close_range, launcher_socket, only - 1, 0);
      ::syscall(SYS_close_range, only + 1, ~0U, 0);
      run_first_process(plan, method, std::move(control));
    }
    if (method == CellMethod::user_namespace && !map_users(made.id, plan.id))
      return std::unexpected(std::string("naming the users inside: ") + std::strerror(errno));
    // The first victims where the machine runs out of memory are functions.
    write_file("/proc/" + std::to_string(made.id) + "/oom_score_adj", "500");
    if (::write(gate->second.get(), "", 1) != 1)
      return std::unexpected(std::string("starting: ") + std::strerror(errno));
    return made;
  }

  /// What this method is refused here; empty if nothing is.
  std::string try_method(CellMethod method, const std::string& root) {
    std::optional<DescriptorPair> control = DescriptorPair::packets();
    if (!control) return std::strerror(errno);
    CellPlan plan{.is_locked_in = true, .root = root, .scratch_bytes = 1 << 20};
    plan.hosts = "127.0.0.1 localhost\n";
    plan.users = user_line;
    const auto made = make_cell(plan, method, std::move(control->second), -1);
    if (!made) return made.error();
    std::optional<PacketReader> answer = PacketReader::receive(control->first.get(), true);
    if (!answer) return "the first process has ended";
    return answer->kind() == PacketKind::failed ? answer->text() : "";
  }

  void answer_hello(PacketReader& packet) {
    const bool wants_to_lock_in = packet.number() != 0;
    const std::string root = packet.text();
    std::string refused;
    if (wants_to_lock_in) {
      method_ = CellMethod::user_namespace;
      refused = try_method(method_, root);
      if (!refused.empty() && ::geteuid() == 0 &&
          try_method(CellMethod::root_namespaces, root).empty()) {
        method_ = CellMethod::root_namespaces;
        refused.clear();
      }
      if (!refused.empty()) method_ = CellMethod::processes;
    }
    Packet(PacketKind::able)
        .add(static_cast<std::uint64_t>(method_))
        .add(std::string_view(refused))
        .send(launcher_socket, true);
  }

  void make(PacketReader& packet) {
    const CellPlan plan = CellPlan::read(packet);
    OwnedDescriptor control = packet.descriptor();
    const OwnedDescriptor control_group = packet.descriptor();
    const CellMethod method = plan.is_locked_in ? method_ : CellMethod::processes;
    const auto made = make_cell(plan, method, std::move(control), control_group.get());
    if (!made) {
      Packet(PacketKind::unmade)
          .add(plan.id)
          .add(std::string_view(made.error()))
          .send(launcher_socket, true);
      return;
    }
    Packet reply(PacketKind::made);
    reply.add(plan.id).add(static_cast<std::uint64_t>(made->id));
    if (made->descriptor) reply.add_descriptor(made->descriptor.get());
    reply.send(launcher_socket, true);
  }
};

}  // namespace

bool is_launcher(int argument_count, const char* const* arguments) {
  return argument_count == 2 && std::strcmp(arguments[1], launcher_command) == 0;
}

int run_launcher() {
  // What the server forgot to keep for itself is nobody's here.
  ::syscall(SYS_close_range, launcher_socket + 1, ~0U, 0);
  ::fcntl(launcher_socket, F_SETFD, FD_CLOEXEC);
  return Launcher().run();
}

std::expected<StartedLauncher, std::string> start_launcher() {
  std::optional<DescriptorPair> ends = DescriptorPair::packets();
  if (!ends)
    return std::unexpected(std::string("A socket cannot be made: ") + std::strerror(errno) + ".");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends->second.get(), launcher_socket);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  // A session of its own: what a terminal sends to the server is not for it.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  std::string name = "matinee";
  std::string command = launcher_command;
  std::array<char*, 3> arguments = {name.data(), command.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  pid_t process = 0;
  const int error = ::posix_spawn(&process, "/proc/self/exe", &actions, &attributes,
                                  arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return std::unexpected(std::string("The helper that starts functions cannot be started: ") +
                           std::strerror(error) + ".");
  return StartedLauncher{process, std::move(ends->first)};
}

}  // namespace matinee::runtime

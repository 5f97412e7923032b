#include "runtime/real/sandbox/first_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>

#include "runtime/real/sandbox/cell_root.h"
#include "runtime/real/sandbox/confinement.h"
#include "runtime/real/sandbox/process_tree.h"
#include "runtime/sandbox.h"

namespace matinee::runtime {
namespace {

/// Where it is the first of all processes that it sees, its end is theirs. Elsewhere it has to kill
/// them itself, and so must hear that the launcher has ended.
constexpr int launcher_ended = SIGUSR2;

constexpr int between_sweeps = 20;  // milliseconds

/// In the new process: becomes the program. `failure` takes the error otherwise.
[[noreturn]] void become_program(const ProgramPlan& plan, std::array<int, 3> streams, int failure) {
  std::vector<char*> arguments;
  for (const std::string& argument : plan.command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (const std::string& variable : plan.environment)
    environment.push_back(const_cast<char*>(variable.c_str()));
  environment.push_back(nullptr);

  ::setsid();
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  bool works = ::dup2(streams[0], STDIN_FILENO) >= 0 && ::dup2(streams[1], STDOUT_FILENO) >= 0 &&
               ::dup2(streams[1], STDERR_FILENO) >= 0;
  int first_to_close = STDERR_FILENO + 1;
  if (works && streams[2] >= 0) {
    works = ::dup2(streams[2], framed_descriptor) >= 0;
    first_to_close = framed_descriptor + 1;
  }
  // Close them when the program begins: the one for the failure is needed until then.
  constexpr unsigned close_on_execution = 1U << 2;
  ::syscall(SYS_close_range, first_to_close, ~0U, close_on_execution);
  if (works && ::chdir(plan.working_directory.c_str()) == 0 && !plan.command.empty())
    ::execve(arguments.front(), arguments.data(), environment.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t told = ::write(failure, &error, sizeof(error));
  ::_exit(127);
}

class FirstProcess {
 public:
  FirstProcess(const CellPlan& plan, CellMethod method, OwnedDescriptor control)
      : plan_(plan), method_(method), control_(move_up(std::move(control))) {}

  void run() {
    if (const std::optional<std::string> refused = set_up()) {
      Packet(PacketKind::failed).add(std::string_view(*refused)).send(control_.get(), true);
      return;
    }
    if (!tell_that_it_is_up()) return;
    while (work()) {
    }
    end_all();
  }

 private:
  const CellPlan& plan_;
  CellMethod method_;
  OwnedDescriptor control_;
  OwnedDescriptor signals_;
  OwnedDescriptor nothing_;  // /dev/null
  std::map<pid_t, std::string> programs_;
  pid_t main_ = 0;
  bool is_running_ = false;  // something, or what it has left

  bool is_locked_in() const { return method_ != CellMethod::processes; }

  /// Away from the numbers that programs are given.
  static OwnedDescriptor move_up(OwnedDescriptor low) {
    constexpr int enough = 10;
    return OwnedDescriptor(::fcntl(low.get(), F_DUPFD_CLOEXEC, enough));
  }

  std::optional<std::string> set_up() {
    ::umask(S_IWGRP | S_IWOTH);
    if (is_locked_in()) {
      if (std::optional<std::string> refused = enter_cell_root(plan_)) return refused;
    } else {
      ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
    nothing_ = move_up(OwnedDescriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)));
    if (!nothing_) return std::string("opening /dev/null: ") + std::strerror(errno);
    if (std::optional<std::string> refused = confine(plan_, method_)) return refused;
    // Only now: changes of the user take both back.
    ::prctl(PR_SET_PDEATHSIG, is_locked_in() ? SIGKILL : launcher_ended, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, launcher_ended);
    ::signal(SIGCHLD, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &wanted, nullptr);
    signals_ = move_up(OwnedDescriptor(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)));
    if (!signals_) return std::string("hearing signals: ") + std::strerror(errno);
    return std::nullopt;
  }

  bool tell_that_it_is_up() {
    Packet up(PacketKind::up);
    const OwnedDescriptor processes(is_locked_in() ? ::open("/proc", O_RDONLY | O_CLOEXEC) : -1);
    if (processes) up.add_descriptor(processes.get());
    return up.send(control_.get(), true);
  }

  /// False when it is to end.
  bool work() {
    std::array<pollfd, 2> waiting = {pollfd{signals_.get(), POLLIN, 0},
                                     pollfd{control_.get(), POLLIN, 0}};
    // Of what a program has left behind something may have been overlooked in its making.
    const bool has_leftovers = is_running_ && programs_.empty();
    const int ready = ::poll(waiting.data(), waiting.size(), has_leftovers ? between_sweeps : -1);
    if (ready < 0) return true;
    if (ready == 0) {
      kill_all();
      reap();
    }
    if (waiting[0].revents != 0 && !take_signals()) return false;
    if (waiting[1].revents != 0) return take_packet();
    return true;
  }

  bool take_signals() {
    signalfd_siginfo signal{};
    bool goes_on = true;
    while (::read(signals_.get(), &signal, sizeof(signal)) == sizeof(signal))
      if (signal.ssi_signo == launcher_ended) goes_on = false;
    reap();
    return goes_on;
  }

  void reap() {
    for (;;) {
      int status = 0;
      const pid_t process = ::waitpid(-1, &status, WNOHANG);
      if (process < 0 && errno == EINTR) continue;
      if (process <= 0) {
        if (process < 0 && is_running_ && programs_.empty()) tell_empty();
        return;
      }
      const auto found = programs_.find(process);
      if (found == programs_.end()) continue;
      tell_end(found->second, status, 0);
      programs_.erase(found);
      if (process == main_) main_ = 0;
      // What the programs have left behind has nobody to answer to.
      if (programs_.empty()) kill_all();
    }
  }

  void tell_end(const std::string& name, int status, int error) const {
    Packet(PacketKind::ended)
        .add(std::string_view(name))
        .add(static_cast<std::uint64_t>(status))
        .add(static_cast<std::uint64_t>(error))
        .send(control_.get(), true);
  }

  void tell_empty() {
    is_running_ = false;
    Packet(PacketKind::empty).send(control_.get(), true);
  }

  bool take_packet() {
    std::optional<PacketReader> packet = PacketReader::receive(control_.get(), false);
    if (!packet) return errno == EAGAIN && !is_closed();
    switch (packet->kind()) {
      case PacketKind::run:
        start(*packet);
        return true;
      case PacketKind::terminate:
        if (main_ > 0) ::kill(main_, SIGTERM);
        return true;
      case PacketKind::kill:
        kill_all();
        reap();
        return true;
      default:
        return false;
    }
  }

  bool is_closed() const {
    pollfd end{control_.get(), POLLIN, 0};
    return ::poll(&end, 1, 0) > 0 && (end.revents & POLLHUP) != 0;
  }

  void start(PacketReader& packet) {
    const ProgramPlan plan = ProgramPlan::read(packet);
    const OwnedDescriptor output = move_up(packet.descriptor());
    const OwnedDescriptor framed = move_up(packet.descriptor());
    is_running_ = true;
    std::optional<DescriptorPair> failure = DescriptorPair::pipe();
    const pid_t process = failure ? ::fork() : -1;
    if (process == 0)
      become_program(plan, {nothing_.get(), output.get(), framed.get()},
                     move_up(std::move(failure->second)).get());
    int error = errno;
    if (process > 0) {
      failure->second.reset();
      if (::read(failure->first.get(), &error, sizeof(error)) != sizeof(error)) {
        programs_.emplace(process, plan.name);
        if (plan.name.empty()) main_ = process;
        return;
      }
    }
    tell_end(plan.name, 0, error);
    reap();
  }

  /// Kills until nothing is left.
  void end_all() {
    for (;;) {
      kill_all();
      pid_t process = 0;
      while ((process = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
      }
      if (process < 0) return;
      ::poll(nullptr, 0, 1);
    }
  }

  void kill_all() const {
    if (is_locked_in())
      ::kill(-1, SIGKILL);
    else
      kill_descendants();
  }
};

}  // namespace

void run_first_process(const CellPlan& plan, CellMethod method, OwnedDescriptor control) {
  FirstProcess(plan, method, std::move(control)).run();
  ::_exit(0);
}

}  // namespace matinee::runtime

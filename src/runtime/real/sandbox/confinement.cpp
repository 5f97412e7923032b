#include "runtime/real/sandbox/confinement.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "runtime/real/sandbox/process_tree.h"

namespace matinee::runtime {
namespace {

/// systemd, which hands out users on most machines, leaves these out.
constexpr unsigned first_outer_user = 60578;
constexpr unsigned outer_users = 600;

constexpr rlim_t most_processes = 1024;  // threads among them; as on AWS
constexpr rlim_t most_files = 1024;      // as on AWS

/// What nobody needs who answers invocations, and what attacks on a kernel begin with.
constexpr std::array denied_calls = {
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_setns,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    438 /* pidfd_getfd */,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_acct,
    SYS_quotactl,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    SYS_fanotify_init,
    SYS_lookup_dcookie,
    SYS_mbind,
    SYS_migrate_pages,
    SYS_move_pages,
#ifdef __x86_64__
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

constexpr std::uint32_t new_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                         CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                         CLONE_NEWNET | 0x80 /* CLONE_NEWTIME, unshare only */;

/// Calls that send a signal to the process that their first argument names.
constexpr std::array signal_calls = {
    SYS_kill,       SYS_tkill,    SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
    SYS_pidfd_open, SYS_prlimit64};

#ifdef __x86_64__
constexpr std::uint32_t this_machine = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t this_machine = AUDIT_ARCH_AARCH64;
#endif

/// A program for the kernel that looks at each system call.
class CallFilter {
 public:
  explicit CallFilter(const std::vector<int>& guarded) {
    load(offsetof(seccomp_data, arch));
    refuse_unless_equal(this_machine);
    load(offsetof(seccomp_data, nr));
#ifdef __x86_64__
    refuse_from(0x40000000);  // the calls of another interface, x32
#endif
    for (const auto call : denied_calls) refuse_if_equal(static_cast<std::uint32_t>(call));
    // It hands its flags over in memory, where no filter sees them. The C library does without.
    answer_if_equal(SYS_clone3, ENOSYS);
    refuse_flags(SYS_clone, new_namespaces & ~0x80u);
    refuse_flags(SYS_unshare, new_namespaces);
    for (const auto call : signal_calls) guard(static_cast<std::uint32_t>(call), guarded);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }

  bool install() {
    const sock_fprog program{.len = static_cast<unsigned short>(code_.size()),
                             .filter = code_.data()};
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
  }

 private:
  std::vector<sock_filter> code_;

  void add(int code, std::uint32_t value, int if_true = 0, int if_false = 0) {
    code_.push_back({.code = static_cast<std::uint16_t>(code),
                     .jt = static_cast<std::uint8_t>(if_true),
                     .jf = static_cast<std::uint8_t>(if_false),
                     .k = value});
  }
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  }
  void answer(int error) {
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
  }
  void answer_if_equal(std::uint32_t value, int error) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(error);
  }
  void refuse_if_equal(std::uint32_t value) { answer_if_equal(value, EPERM); }
  void refuse_unless_equal(std::uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    answer(EPERM);
  }
  void refuse_from(std::uint32_t value) {
    add(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1);
    answer(EPERM);
  }
  /// The number of the call is loaded before and after.
  void refuse_flags(std::uint32_t call, std::uint32_t flags) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    load(offsetof(seccomp_data, args));
    add(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1);
    answer(EPERM);
    load(offsetof(seccomp_data, nr));
  }
  void guard(std::uint32_t call, const std::vector<int>& guarded) {
    if (guarded.empty()) return;
    const int length = static_cast<int>(2 * guarded.size());
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, length + 2);
    load(offsetof(seccomp_data, args));
    for (const int process : guarded) refuse_if_equal(static_cast<std::uint32_t>(process));
    load(offsetof(seccomp_data, nr));
  }
};

bool set_limit(__rlimit_resource resource, rlim_t most) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return false;
  limit = {.rlim_cur = std::min(most, limit.rlim_max), .rlim_max = std::min(most, limit.rlim_max)};
  return ::setrlimit(resource, &limit) == 0;
}

constexpr int no_capability = -1;

/// All but one, which programs get too.
bool drop_capabilities(int kept) {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    if (capability != kept) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (kept != no_capability) {
    const auto bit = std::uint32_t{1} << kept;  // those of before Linux 2.6.24 are below 32
    sets[0] = {.effective = bit, .permitted = bit, .inheritable = bit};
  }
  return ::syscall(SYS_capset, &header, sets.data()) == 0 &&
         (kept == no_capability || ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept, 0, 0) == 0);
}

bool has_capability(int capability) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> sets{};
  return ::syscall(SYS_capget, &header, sets.data()) == 0 &&
         (sets[0].permitted >> capability & 1) != 0;
}

bool become(int user, int group) {
  return ::setgroups(0, nullptr) == 0 &&
         ::setresgid(static_cast<gid_t>(group), static_cast<gid_t>(group),
                     static_cast<gid_t>(group)) == 0 &&
         ::setresuid(static_cast<uid_t>(user), static_cast<uid_t>(user),
                     static_cast<uid_t>(user)) == 0;
}

/// Whether another user could use all of these.
bool are_reachable_by(int user, const std::vector<std::string>& paths) {
  if (::setegid(static_cast<gid_t>(user)) != 0 || ::seteuid(static_cast<uid_t>(user)) != 0)
    return false;
  const bool reachable = std::ranges::all_of(paths, [](const std::string& path) {
    return ::faccessat(AT_FDCWD, path.c_str(), R_OK | X_OK, AT_EACCESS) == 0;
  });
  return ::seteuid(0) == 0 && ::setegid(0) == 0 && reachable;
}

/// Whether nothing went wrong. Programs of somebody who is not root stay that user's, and are not
/// known by that name where they have a namespace of their own. `kept` is a capability that the
/// program cannot do without.
bool change_user(const CellPlan& plan, CellMethod method, int& kept) {
  if (::getuid() != 0) return true;
  if (method == CellMethod::user_namespace) return become(inner_user, inner_group);
  const int user = outer_user(plan.id);
  if (method == CellMethod::root_namespaces) return become(user, user);
  const auto owner = static_cast<uid_t>(user);
  // In a namespace that knows no other users root stays what it is.
  if (::chown(plan.scratch.c_str(), owner, owner) != 0) return true;
  if (!are_reachable_by(user, plan.needed)) {
    // Where folders of root are in the way the program may pass them: better than being root, whose
    // processes nothing limits, and who may send signals to the server.
    kept = has_capability(CAP_DAC_READ_SEARCH) ? CAP_DAC_READ_SEARCH : CAP_DAC_OVERRIDE;
    if (!has_capability(kept)) kept = no_capability;
    ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  }
  return become(user, user);
}

/// The kernel counts all of the user, but in a namespace of users only those in there.
bool limit_processes(CellMethod method) {
  const bool is_among_others = method == CellMethod::processes && ::getuid() < first_outer_user;
  return set_limit(RLIMIT_NPROC, most_processes + (is_among_others ? count_threads_of_user() : 0));
}

}  // namespace

int outer_user(std::uint64_t cell) {
  return static_cast<int>(first_outer_user + cell % outer_users);
}

std::optional<std::string> confine(const CellPlan& plan, CellMethod method) {
  const auto refused = [](std::string_view what) {
    return std::string(what) + ": " + std::strerror(errno);
  };
  if (!set_limit(RLIMIT_CORE, 0) || !set_limit(RLIMIT_NOFILE, most_files))
    return refused("limiting files");
  // Where /tmp is a folder of the machine, at least no file in it grows larger than it may be.
  if (method == CellMethod::processes && !set_limit(RLIMIT_FSIZE, plan.scratch_bytes))
    return refused("limiting the size of files");
  int kept = no_capability;
  if (!change_user(plan, method, kept)) return refused("becoming another user");
  if (!limit_processes(method)) return refused("limiting processes");
  if (!drop_capabilities(kept)) return refused("giving up capabilities");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("giving up privileges");
  std::vector<int> guarded = plan.guarded;
  if (method == CellMethod::processes) {
    constexpr int everybody = -1;
    guarded.insert(guarded.end(), {everybody, ::getpid(), -::getpgrp()});
  }
  if (!CallFilter(guarded).install()) return refused("filtering system calls");
  return std::nullopt;
}

}  // namespace matinee::runtime

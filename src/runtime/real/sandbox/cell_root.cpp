#include "runtime/real/sandbox/cell_root.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>

namespace matinee::runtime {
namespace {

/// Programs and libraries of the system. Where the machine has links, so has the root.
constexpr std::array system_folders = {"usr",   "bin",    "sbin", "lib", "lib32",
                                       "lib64", "libx32", "etc",  "nix"};
constexpr std::array devices = {"null", "zero", "full", "random", "urandom"};

/// As many files as the /tmp of AWS has room for, which is one in 16 KiB.
constexpr std::uint64_t bytes_per_file = 16 << 10;

/// As the kernel has it (Linux 5.12); the header of Debian 12 does not go with <sys/mount.h>.
struct MountAttributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
  std::uint64_t user_namespace = 0;
};
constexpr std::uint64_t read_only = 1;
constexpr std::uint64_t no_set_user_id = 2;
constexpr std::uint64_t no_devices = 4;

class RootBuilder {
 public:
  explicit RootBuilder(const CellPlan& plan) : plan_(plan) {}

  bool build() {
    return begin() && add_system() && add_devices() && add_proc() && add_scratch() &&
           add_folders() && add_names() && enter();
  }
  const std::string& failure() const { return failure_; }

 private:
  const CellPlan& plan_;
  std::string failure_;

  bool check(bool worked, std::string_view what) {
    if (worked) return true;
    failure_ = std::string(what) + ": " + std::strerror(errno);
    return false;
  }

  bool begin() {
    return check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
                 "a mount namespace of its own") &&
           check(::mount("tmpfs", plan_.root.c_str(), "tmpfs", MS_NOSUID | MS_NODEV,
                         "mode=755,size=1m,nr_inodes=8k") == 0,
                 "mounting a root") &&
           check(::chdir(plan_.root.c_str()) == 0, "entering the new root");
  }

  bool add_system() {
    for (const std::string name : system_folders) {
      const std::string here = "/" + name;
      struct stat status{};
      if (::lstat(here.c_str(), &status) == 0 && !show(here, name)) return false;
    }
    return true;
  }

  /// What is `here` on this machine appears at the relative path `inside`, read-only.
  bool show(const std::string& here, const std::string& inside) {
    struct stat status{};
    if (::lstat(here.c_str(), &status) != 0) return check(false, here);
    if (S_ISLNK(status.st_mode)) {
      std::array<char, PATH_MAX> target{};
      const ssize_t size = ::readlink(here.c_str(), target.data(), target.size() - 1);
      return check(size > 0 && ::symlink(target.data(), inside.c_str()) == 0, here);
    }
    return make_place(inside, S_ISDIR(status.st_mode)) && bind(here, inside) &&
           limit(inside, read_only | no_set_user_id | no_devices);
  }

  bool make_place(const std::string& inside, bool is_folder) {
    for (std::size_t slash = inside.find('/'); slash != std::string::npos;
         slash = inside.find('/', slash + 1))
      if (!make_folder(inside.substr(0, slash))) return false;
    if (is_folder) return make_folder(inside);
    const int file = ::open(inside.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file >= 0) ::close(file);
    return check(file >= 0 || errno == EROFS, "making /" + inside);
  }

  bool make_folder(const std::string& inside) {
    // In a folder that is read-only already it has to be there.
    const bool made = ::mkdir(inside.c_str(), 0755) == 0 || errno == EEXIST ||
                      ::access(inside.c_str(), F_OK) == 0;
    return check(made, "making /" + inside);
  }

  bool bind(const std::string& here, const std::string& inside) {
    return check(::mount(here.c_str(), inside.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0,
                 "showing " + here);
  }

  bool limit(const std::string& inside, std::uint64_t attributes) {
    const MountAttributes wanted{.set = attributes};
    return check(::syscall(SYS_mount_setattr, AT_FDCWD, inside.c_str(), AT_RECURSIVE, &wanted,
                           sizeof(wanted)) == 0,
                 "making /" + inside + " read-only");
  }

  bool add_devices() {
    if (!make_folder("dev")) return false;
    for (const std::string name : devices) {
      const std::string inside = "dev/" + name;
      if (!make_place(inside, false) || !bind("/" + inside, inside)) return false;
    }
    return check(::symlink("/proc/self/fd", "dev/fd") == 0 &&
                     ::symlink("/proc/self/fd/0", "dev/stdin") == 0 &&
                     ::symlink("/proc/self/fd/1", "dev/stdout") == 0 &&
                     ::symlink("/proc/self/fd/2", "dev/stderr") == 0,
                 "making /dev");
  }

  bool add_proc() {
    return make_folder("proc") &&
           check(::mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0,
                 "mounting /proc");
  }

  bool add_scratch() {
    const std::string options =
        "mode=1777,size=" + std::to_string(plan_.scratch_bytes) +
        ",nr_inodes=" + std::to_string(plan_.scratch_bytes / bytes_per_file + 16);
    return make_folder("tmp") &&
           check(::mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0,
                 "mounting /tmp");
  }

  bool add_folders() {
    for (const auto& [here, inside] : plan_.folders)
      if (!show(here, inside.substr(1))) return false;
    return true;
  }

  /// How names of hosts are looked up. /etc/resolv.conf is often a link to a place outside.
  bool add_names() {
    std::array<char, PATH_MAX> path{};
    if (::realpath("/etc/resolv.conf", path.data()) != nullptr && !is_in_every_root(path.data()) &&
        !show(path.data(), path.data() + 1))
      return false;
    return cover("hosts", plan_.hosts) && cover("passwd", plan_.users);
  }

  /// Another text for a file of /etc; none leaves it as it is on this machine.
  bool cover(const std::string& name, const std::string& text) {
    const std::string place = "etc/" + name;
    if (text.empty() || ::access(("/" + place).c_str(), F_OK) != 0) return true;
    if (!make_folder("run")) return false;
    const std::string own = "run/" + name;
    const int file = ::open(own.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    const bool written =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (file >= 0) ::close(file);
    return check(written, "writing /" + place) && bind(own, place) && limit(place, read_only);
  }

  bool enter() {
    const MountAttributes wanted{.set = read_only};
    return check(::syscall(SYS_mount_setattr, AT_FDCWD, ".", 0, &wanted, sizeof(wanted)) == 0,
                 "making the root read-only") &&
           // The old root lies over the new one for a moment.
           check(::syscall(SYS_pivot_root, ".", ".") == 0, "changing the root") &&
           check(::umount2(".", MNT_DETACH) == 0, "leaving the old root") &&
           check(::chdir("/") == 0, "entering the root");
  }
};

}  // namespace

std::optional<std::string> enter_cell_root(const CellPlan& plan) {
  RootBuilder builder(plan);
  if (builder.build()) return std::nullopt;
  return builder.failure();
}

bool is_in_every_root(const std::string& path) {
  for (const std::string name : system_folders)
    if ((path + "/").starts_with("/" + name + "/")) return true;
  return false;
}

}  // namespace matinee::runtime

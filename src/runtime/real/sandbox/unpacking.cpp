#include "runtime/real/sandbox/unpacking.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "archives/zip_reader.h"
#include "runtime/real/sandbox/packets.h"

namespace matinee::runtime {
namespace {

namespace fs = std::filesystem;

constexpr mode_t folder_mode = 0755;

/// Opens below the folder: never through a link, and never outside of it.
OwnedDescriptor open_below(int folder, const std::string& path, std::uint64_t flags,
                           std::uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? S_IRUSR | S_IWUSR : 0;
  how.resolve = resolve;
  return OwnedDescriptor(
      static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how))));
}

class Unpacker {
 public:
  explicit Unpacker(const std::string& folder)
      : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  std::expected<void, std::string> unpack(std::string_view archive) {
    if (!folder_) return std::unexpected(std::string("The folder for an archive is gone."));
    const bool is_archive = archives::visit_zip(
        archive, [this](const archives::ZipEntry& entry, const archives::ZipContent& content) {
          return add(entry, content);
        });
    if (!is_archive) return std::unexpected(std::string("The archive is damaged."));
    // Only now: nothing is written through links of the archive.
    for (const auto& [name, target] : links_)
      if (!failure_.empty() || !add_link(name, target)) break;
    if (!failure_.empty()) return std::unexpected(std::move(failure_));
    return {};
  }

 private:
  OwnedDescriptor folder_;
  std::string last_parent_;
  std::uint64_t bytes_ = 0;
  std::size_t entries_ = 0;
  std::vector<std::pair<std::string, std::string>> links_;
  std::string failure_;

  bool fail(const std::string& name, std::string_view what) {
    failure_ =
        "The archive cannot be unpacked: " + name.substr(0, 200) + " " + std::string(what) + ".";
    return false;
  }
  bool fail_with_error(const std::string& name) {
    return fail(name, std::string("cannot be written (") + std::strerror(errno) + ")");
  }

  bool add(const archives::ZipEntry& entry, const archives::ZipContent& content) {
    std::string name = entry.name;
    const bool is_folder = name.ends_with('/');
    while (name.ends_with('/')) name.pop_back();
    if (!is_sound(name)) return fail(entry.name, "is no name below the archive's folder");
    bytes_ += entry.size;
    if (bytes_ > most_unpacked_bytes || ++entries_ > most_entries)
      return fail(entry.name, "is more than functions may have");
    if (is_folder) return make_folder(name);
    const std::size_t slash = name.rfind('/');
    if (slash != std::string::npos && !make_folder(name.substr(0, slash))) return false;
    const std::optional<std::string> bytes = content();
    if (!bytes) return fail(entry.name, "is damaged");
    if (S_ISLNK(entry.mode)) {
      links_.emplace_back(std::move(name), *bytes);
      return true;
    }
    return write(name, *bytes, entry.mode);
  }

  static bool is_sound(std::string_view name) {
    if (name.empty() || name.front() == '/' || name.find('\0') != std::string_view::npos)
      return false;
    while (!name.empty()) {
      const std::size_t end = std::min(name.find('/'), name.size());
      if (name.substr(0, end) == "..") return false;
      name.remove_prefix(std::min(end + 1, name.size()));
    }
    return true;
  }

  bool make_folder(const std::string& name) {
    if (name == last_parent_) return true;
    for (std::size_t slash = name.find('/');; slash = name.find('/', slash + 1)) {
      const std::string part = name.substr(0, slash);
      // Links come last, so that all of the path are folders.
      const bool is_new = ::mkdirat(folder_.get(), part.c_str(), folder_mode) == 0;
      if (!is_new && (errno != EEXIST || !is_folder(part))) return fail_with_error(name);
      if (is_new && ::fchmodat(folder_.get(), part.c_str(), folder_mode, 0) != 0)
        return fail_with_error(name);
      if (slash == std::string::npos) break;
    }
    last_parent_ = name;
    return true;
  }

  bool is_folder(const std::string& name) const {
    struct stat status{};
    return ::fstatat(folder_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
  }

  bool write(const std::string& name, std::string_view bytes, mode_t mode) {
    const std::uint64_t flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
    const OwnedDescriptor file =
        open_below(folder_.get(), name, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    if (!file) return fail_with_error(name);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail_with_error(name);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    // An archive that was made elsewhere than on Unix says nothing.
    const bool is_executable = mode == 0 || (mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
    return ::fchmod(file.get(), is_executable ? 0755 : 0644) == 0 || fail_with_error(name);
  }

  bool add_link(const std::string& name, const std::string& target) {
    const bool is_inner = target.starts_with("/opt/") || target.starts_with("/var/task/");
    const fs::path reached = (fs::path(name).parent_path() / target).lexically_normal();
    const bool leads_out = target.starts_with('/') || *reached.begin() == "..";
    if (target.empty() || target.find('\0') != std::string::npos || (leads_out && !is_inner))
      return true;
    ::unlinkat(folder_.get(), name.c_str(), 0);
    const std::size_t slash = name.rfind('/');
    const OwnedDescriptor parent =
        open_below(folder_.get(), slash == std::string::npos ? "." : name.substr(0, slash),
                   O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    const std::string last = name.substr(slash == std::string::npos ? 0 : slash + 1);
    if (!parent || ::symlinkat(target.c_str(), parent.get(), last.c_str()) != 0)
      return fail_with_error(name);
    if (is_inner) return true;
    // What looks as if it stays inside may lead out by way of another link.
    const OwnedDescriptor reach = open_below(folder_.get(), name, O_PATH, RESOLVE_BENEATH);
    if (!reach && (errno == EXDEV || errno == ELOOP)) ::unlinkat(parent.get(), last.c_str(), 0);
    return true;
  }
};

std::string sentence_of(const fs::path& path, const std::error_code& error) {
  return path.native() + " cannot be laid over other layers: " + error.message() + ".";
}

}  // namespace

std::expected<void, std::string> unpack_archive(std::string_view archive,
                                                const std::string& folder) {
  return Unpacker(folder).unpack(archive);
}

std::expected<void, std::string> lay_over_each_other(const std::vector<std::string>& folders,
                                                     const std::string& target) {
  std::error_code error;
  for (const std::string& folder : folders) {
    fs::recursive_directory_iterator entries(folder, error);
    if (error) return std::unexpected(sentence_of(folder, error));
    for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
      if (error) return std::unexpected(sentence_of(folder, error));
      const fs::path& from = entries->path();
      const fs::path to = fs::path(target) / from.lexically_relative(folder);
      const bool is_folder = fs::is_directory(entries->symlink_status(error));
      const fs::file_status covered = fs::symlink_status(to, error);
      if (fs::exists(covered) && !(is_folder && fs::is_directory(covered)))
        fs::remove_all(to, error);
      error.clear();
      if (is_folder) {
        fs::create_directory(to, error);
        if (!error) fs::permissions(to, fs::perms(folder_mode), error);
      } else {
        if (::link(from.c_str(), to.c_str()) != 0)
          fs::copy(from, to, fs::copy_options::copy_symlinks, error);
      }
      if (error) return std::unexpected(sentence_of(from, error));
    }
  }
  return {};
}

void remove_folder(const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

}  // namespace matinee::runtime

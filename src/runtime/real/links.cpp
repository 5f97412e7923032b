#include "runtime/links.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>

namespace matinee::runtime {

namespace {

bool must_be_copied(int error) {
  return error == EXDEV || error == EPERM || error == EMLINK || error == EOPNOTSUPP;
}

std::unexpected<DiskError> cannot_link(const std::string& from, int error) {
  const auto kind = error == ENOENT   ? DiskError::Kind::not_found
                    : error == ENOSPC ? DiskError::Kind::no_space
                                      : DiskError::Kind::other;
  return std::unexpected(DiskError{kind, "cannot link " + from + ": " + strerror(error)});
}

/// An open directory.
class Directory {
 public:
  explicit Directory(const std::string& path) : stream_(::opendir(path.c_str())) {}
  ~Directory() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  bool is_open() const { return stream_ != nullptr; }
  int descriptor() const { return ::dirfd(stream_); }
  /// Null at the end, and with an error in errno.
  const dirent* next() {
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream_);
      const std::string_view name = entry == nullptr ? "" : std::string_view(entry->d_name);
      if (name != "." && name != "..") return entry;
    }
  }

 private:
  DIR* stream_;
};

DiskResult<Linked> link_natively(Disk& disk, const std::string& from, const std::string& to) {
  Directory source(from);
  if (!source.is_open()) return cannot_link(from, errno);
  Linked linked;
  const dirent* entry = source.next();
  if (entry == nullptr && errno == 0) return linked;
  if (auto made = disk.create_directories(to); !made) return std::unexpected(made.error());
  const Directory target(to);
  if (!target.is_open()) return cannot_link(to, errno);
  for (; entry != nullptr; entry = source.next()) {
    const char* name = entry->d_name;
    if (::linkat(source.descriptor(), name, target.descriptor(), name, 0) != 0) {
      if (errno == ENOENT) continue;
      const std::string path = from + "/" + name;
      if (!must_be_copied(errno)) return cannot_link(path, errno);
      if (auto copied = copy_file(disk, path, to + "/" + name); !copied)
        return std::unexpected(copied.error());
    }
    struct stat status = {};
    if (::fstatat(target.descriptor(), name, &status, 0) != 0)
      return cannot_link(to + "/" + name, errno);
    ++linked.files;
    linked.bytes += static_cast<std::uint64_t>(status.st_size);
  }
  if (errno != 0) return cannot_link(from, errno);
  return linked;
}

DiskResult<Linked> copy_files(Disk& disk, const std::string& from, const std::string& to) {
  const auto names = disk.list(from);
  if (!names) return std::unexpected(names.error());
  Linked copied;
  if (names->empty()) return copied;
  if (auto made = disk.create_directories(to); !made) return std::unexpected(made.error());
  for (const std::string& name : *names) {
    const auto done = copy_file(disk, from + "/" + name, to + "/" + name);
    if (!done && done.error().kind == DiskError::Kind::not_found) continue;
    if (!done) return std::unexpected(done.error());
    const auto size = disk.size(to + "/" + name);
    if (!size) return std::unexpected(size.error());
    ++copied.files;
    copied.bytes += *size;
  }
  return copied;
}

/// Takes what it removes off the limit; false where that was not enough.
DiskResult<bool> remove_within(Disk& disk, const std::string& path, std::size_t& limit) {
  if (limit == 0) return false;
  --limit;
  auto removed = disk.remove(path);
  if (removed) return true;
  const auto names = disk.list(path);
  if (!names) return std::unexpected(removed.error());
  for (const std::string& name : *names)
    if (auto gone = remove_within(disk, path + "/" + name, limit); !gone || !*gone) return gone;
  if (auto gone = disk.remove(path); !gone) return std::unexpected(gone.error());
  return true;
}

}  // namespace

DiskResult<> copy_file(Disk& disk, const std::string& from, const std::string& to) {
  const auto source = disk.open(from);
  if (!source) return std::unexpected(source.error());
  auto target = disk.create(to);
  if (!target) return std::unexpected(target.error());
  std::array<char, 65536> buffer;
  for (std::uint64_t offset = 0;;) {
    const auto count = (*source)->read_at(offset, buffer);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return {};
    if (auto written = (*target)->write({buffer.data(), *count}); !written) return written;
    offset += *count;
  }
}

DiskResult<> link_file(Disk& disk, const std::string& from, const std::string& to) {
  if (!disk.is_native()) return copy_file(disk, from, to);
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  if (must_be_copied(errno)) return copy_file(disk, from, to);
  return cannot_link(from, errno);
}

DiskResult<Linked> link_files(Disk& disk, const std::string& from, const std::string& to) {
  return disk.is_native() ? link_natively(disk, from, to) : copy_files(disk, from, to);
}

DiskResult<> remove_tree(Disk& disk, const std::string& path) {
  auto limit = std::numeric_limits<std::size_t>::max();
  if (auto removed = remove_within(disk, path, limit); !removed)
    return std::unexpected(removed.error());
  return {};
}

DiskResult<bool> remove_some(Disk& disk, const std::string& path, std::size_t limit) {
  return remove_within(disk, path, limit);
}

}  // namespace matinee::runtime

#include "runtime/links.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace matinee::runtime {

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
  switch (errno) {
    case EXDEV:
    case EPERM:
    case EMLINK:
    case EOPNOTSUPP:
      return copy_file(disk, from, to);
    case ENOENT:
      return std::unexpected(
          DiskError{DiskError::Kind::not_found, "cannot link " + from + ": " + strerror(ENOENT)});
    default: {
      const int reason = errno;
      return std::unexpected(
          DiskError{reason == ENOSPC ? DiskError::Kind::no_space : DiskError::Kind::other,
                    "cannot link " + from + ": " + strerror(reason)});
    }
  }
}

DiskResult<> remove_tree(Disk& disk, const std::string& path) {
  auto removed = disk.remove(path);
  if (removed) return removed;
  const auto names = disk.list(path);
  if (!names) return removed;
  for (const std::string& name : *names)
    if (auto gone = remove_tree(disk, path + "/" + name); !gone) return gone;
  return disk.remove(path);
}

}  // namespace matinee::runtime

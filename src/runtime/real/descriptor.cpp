// Reading from a descriptor at an offset.
#include "runtime/descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace matinee::runtime {

DiskResult<std::size_t> read_descriptor(int descriptor, std::uint64_t offset,
                                        std::span<char> target) {
  std::size_t done = 0;
  while (done < target.size()) {
    const ssize_t got = ::pread(descriptor, target.data() + done, target.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return std::unexpected(DiskError{DiskError::Kind::other,
                                       std::string("cannot read a file: ") + std::strerror(errno)});
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace matinee::runtime

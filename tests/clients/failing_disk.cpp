// A disk that fails while a file exists: loaded into a server with LD_PRELOAD, this lets writes to
// the database's files (*.sst) fail with EIO as long as the path in $FAILING_DISK names a file.
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

bool fails(int file) {
  static const char* const switch_path = std::getenv("FAILING_DISK");
  if (switch_path == nullptr || access(switch_path, F_OK) != 0) return false;
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t length = readlink(link.c_str(), path, sizeof path);
  return length > 4 && std::memcmp(path + length - 4, ".sst", 4) == 0;
}

}  // namespace

extern "C" ssize_t write(int file, const void* bytes, size_t count) {
  static const auto real =
      reinterpret_cast<ssize_t (*)(int, const void*, size_t)>(dlsym(RTLD_NEXT, "write"));
  if (fails(file)) {
    errno = EIO;
    return -1;
  }
  return real(file, bytes, count);
}

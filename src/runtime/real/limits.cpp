#include "runtime/real/limits.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace matinee::runtime {

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

unsigned count_cores() {
  cpu_set_t usable;
  if (::sched_getaffinity(0, sizeof(usable), &usable) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT(&usable));
}

std::size_t file_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

void return_large_blocks() {
  // Naming a threshold keeps it where it is.
  ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

void return_largest_blocks() {
  ::mallopt(M_MMAP_THRESHOLD, 512 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

void keep_files_private() {
  ::umask(S_IRWXG | S_IRWXO);
}

void open_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (::fcntl(stream, F_GETFD) != -1) continue;
    // What is written to an output that was closed is lost, and writing it must say so.
    const int mode = stream == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    // The lowest free number is what open() gives, and that is this one.
    if (::open("/dev/null", mode) != stream) std::abort();
  }
}

}  // namespace matinee::runtime

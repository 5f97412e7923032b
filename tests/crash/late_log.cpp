// Breaks a server for the test of the crash test: loaded into it with LD_PRELOAD, this answers
// writes to the write-ahead log at once but performs them only 30 ms later, so that replies leave
// before their log. What is asked of such a file otherwise waits for its writes.
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace {

constexpr auto lateness = std::chrono::milliseconds(30);

struct Late {
  std::mutex mutex;
  std::condition_variable never;      // the thread only waits for time to pass
  std::map<int, std::string> writes;  // by file descriptor
  bool started = false;
};

/// Never destroyed: the thread uses it to the end.
Late& late() {
  static Late& instance = *new Late;
  return instance;
}

bool is_log(int file) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t length = readlink(link.c_str(), path, sizeof path);
  return length > 4 && std::memcmp(path + length - 4, ".log", 4) == 0;
}

void perform(int file, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const long written = syscall(SYS_write, file, bytes.data() + done, bytes.size() - done);
    if (written <= 0) std::abort();
    done += static_cast<std::size_t>(written);
  }
}

void catch_up(int file) {
  const std::lock_guard lock(late().mutex);
  const auto found = late().writes.find(file);
  if (found == late().writes.end()) return;
  perform(file, found->second);
  late().writes.erase(found);
}

void perform_late() {
  std::unique_lock lock(late().mutex);
  for (;;) {
    late().never.wait_for(lock, lateness);
    for (const auto& [file, bytes] : late().writes) perform(file, bytes);
    late().writes.clear();
  }
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  if (!is_log(file)) return syscall(SYS_write, file, bytes, size);
  const std::lock_guard lock(late().mutex);
  if (!late().started) {
    late().started = true;
    std::thread(perform_late).detach();
  }
  late().writes[file].append(static_cast<const char*>(bytes), size);
  return static_cast<ssize_t>(size);
}

int fdatasync(int file) {
  catch_up(file);
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

int fsync(int file) {
  catch_up(file);
  return static_cast<int>(syscall(SYS_fsync, file));
}

int ftruncate(int file, off_t length) noexcept {
  catch_up(file);
  return static_cast<int>(syscall(SYS_ftruncate, file, length));
}

int close(int file) {
  catch_up(file);
  return static_cast<int>(syscall(SYS_close, file));
}

}  // extern "C"

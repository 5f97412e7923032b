#include "runtime/real/sandbox/cell_memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/real/sandbox/process_tree.h"

namespace matinee::runtime {
namespace {

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// A small file of /proc; empty where the process has ended.
std::string read_small(int folder, const std::string& path) {
  const int file = ::openat(folder, path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  std::array<char, 4096> text{};
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  return std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
}

/// The bytes that a line of kilobytes tells; 0 without the line.
std::uint64_t bytes_in(std::string_view text, std::string_view name) {
  const std::size_t line = text.find(name);
  if (line == std::string_view::npos) return 0;
  const std::size_t number = text.find_first_not_of(" \t", line + name.size());
  if (number == std::string_view::npos) return 0;
  std::uint64_t kilobytes = 0;
  std::from_chars(text.data() + number, text.data() + text.size(), kilobytes);
  return kilobytes << 10;
}

}  // namespace

std::vector<int> CellProcesses::list() const {
  if (proc_folder_ < 0)
    return first_process_ > 0 ? descendants_of(first_process_) : std::vector<int>();
  std::vector<int> processes;
  const int folder = ::openat(proc_folder_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, FolderCloser> entries(folder < 0 ? nullptr : ::fdopendir(folder));
  if (!entries) return processes;
  while (const dirent* entry = ::readdir(entries.get())) {
    int number = 0;
    const std::string_view name = entry->d_name;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && number > 1) processes.push_back(number);
  }
  return processes;
}

MemoryUse CellProcesses::memory() const {
  MemoryUse use;
  const int folder = proc_folder_ >= 0 ? proc_folder_ : AT_FDCWD;
  const std::string prefix = proc_folder_ >= 0 ? "" : "/proc/";
  for (const int process : list()) {
    const std::string status = read_small(folder, prefix + std::to_string(process) + "/status");
    use.now += bytes_in(status, "\nVmRSS:");
    use.most = std::max(use.most, bytes_in(status, "\nVmHWM:"));
    ++use.processes;
  }
  use.most = std::max(use.most, use.now);
  return use;
}

std::uint64_t CellProcesses::exact_memory() const {
  std::uint64_t total = 0;
  const int folder = proc_folder_ >= 0 ? proc_folder_ : AT_FDCWD;
  const std::string prefix = proc_folder_ >= 0 ? "" : "/proc/";
  for (const int process : list()) {
    const std::string path = prefix + std::to_string(process);
    const std::string rollup = read_small(folder, path + "/smaps_rollup");
    total += rollup.empty() ? bytes_in(read_small(folder, path + "/status"), "\nVmRSS:")
                            : bytes_in(rollup, "\nPss:");
  }
  return total;
}

}  // namespace matinee::runtime

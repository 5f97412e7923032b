#include "runtime/real/sandbox/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace matinee::runtime {
namespace {

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

void add_numbers(std::string_view text, std::vector<int>& numbers) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) numbers.push_back(number);
    at = next + 1;
  }
}

void add_children(const std::string& path, std::vector<int>& children) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  std::string text;
  std::array<char, 4096> piece{};
  ssize_t size = 0;
  while ((size = ::read(file, piece.data(), piece.size())) > 0)
    text.append(piece.data(), static_cast<std::size_t>(size));
  ::close(file);
  add_numbers(text, children);
}

}  // namespace

std::vector<int> descendants_of(int process) {
  std::vector<int> found;
  const auto add_children_of = [&found](int parent) {
    // Each thread has children of its own.
    const std::string threads = "/proc/" + std::to_string(parent) + "/task";
    const std::unique_ptr<DIR, FolderCloser> folder(::opendir(threads.c_str()));
    if (!folder) return;
    while (const dirent* entry = ::readdir(folder.get()))
      if (entry->d_name[0] != '.') add_children(threads + "/" + entry->d_name + "/children", found);
  };
  add_children_of(process);
  for (std::size_t i = 0; i < found.size(); ++i) add_children_of(found[i]);
  return found;
}

std::size_t count_threads_of_user() {
  std::size_t threads = 0;
  const std::unique_ptr<DIR, FolderCloser> folder(::opendir("/proc"));
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    struct stat status{};
    const std::string tasks = std::string("/proc/") + entry->d_name + "/task";
    // Besides itself and the folder above it, each folder in it is a link to it.
    constexpr std::size_t own_links = 2;
    if (::stat(tasks.c_str(), &status) == 0 && status.st_uid == ::getuid())
      threads += status.st_nlink - own_links;
  }
  return threads;
}

void kill_descendants() {
  // What is stopped starts nothing more, so that one who forks without an end cannot run away. What
  // has started before that is found the next time.
  std::set<int> stopped;
  for (bool is_new = true; is_new;) {
    is_new = false;
    for (const int process : descendants_of(::getpid()))
      if (stopped.insert(process).second) is_new = ::kill(process, SIGSTOP) == 0 || is_new;
  }
  for (const int process : stopped) ::kill(process, SIGKILL);
}

}  // namespace matinee::runtime

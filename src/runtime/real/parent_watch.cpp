#include "runtime/real/parent_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/assertion.h"

namespace matinee::runtime {

namespace {

/// How often the parent is looked for where the system does not tell of its end.
constexpr int look_every_milliseconds = 200;

}  // namespace

// glibc 2.36 has no wrapper in C++.
int open_process(int process_id) {
  return static_cast<int>(::syscall(SYS_pidfd_open, process_id, 0));
}

int find_parent() {
  return ::getppid();
}

ParentWatch::ParentWatch(Loop& loop, int parent, std::function<void()> ended)
    : loop_(loop),
      ended_(std::move(ended)),
      parent_(parent),
      parent_descriptor_(open_process(parent_)),
      end_descriptor_(::eventfd(0, EFD_CLOEXEC)) {
  expect(end_descriptor_ >= 0, "the system gives a descriptor");
  thread_.emplace("parent", [this] { watch(); });
}

ParentWatch::~ParentWatch() {
  std::uint64_t one = 1;
  expect(::write(end_descriptor_, &one, sizeof(one)) == sizeof(one), "an event can be written");
  thread_.reset();
  if (parent_descriptor_ >= 0) ::close(parent_descriptor_);
  ::close(end_descriptor_);
}

void ParentWatch::watch() {
  std::array<pollfd, 2> waiting = {pollfd{end_descriptor_, POLLIN, 0},
                                   pollfd{parent_descriptor_, POLLIN, 0}};  // negative: passed over
  const int patience = parent_descriptor_ >= 0 ? -1 : look_every_milliseconds;
  // A parent that ends before the first look has left this process to another one.
  while (::getppid() == parent_) {
    if (::poll(waiting.data(), waiting.size(), patience) < 0) continue;
    if (waiting[0].revents != 0) return;
    if (waiting[1].revents != 0) break;
  }
  loop_.post([ended = ended_] { ended(); });
}

}  // namespace matinee::runtime

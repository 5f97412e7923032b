#include "runtime/real/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "runtime/assertion.h"

namespace matinee::runtime {

Signals::Signals(Loop& loop, std::initializer_list<int> signals, std::function<void(int)> handle)
    : loop_(loop), handle_(std::move(handle)) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signal_descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  end_descriptor_ = ::eventfd(0, EFD_CLOEXEC);
  expect(signal_descriptor_ >= 0 && end_descriptor_ >= 0, "the system gives two descriptors");
  thread_.emplace("signals", [this] { watch(); });
}

Signals::~Signals() {
  std::uint64_t one = 1;
  expect(::write(end_descriptor_, &one, sizeof(one)) == sizeof(one), "an event can be written");
  thread_.reset();
  ::close(signal_descriptor_);
  ::close(end_descriptor_);
}

void Signals::watch() {
  for (;;) {
    std::array<pollfd, 2> waiting = {pollfd{signal_descriptor_, POLLIN, 0},
                                     pollfd{end_descriptor_, POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signal_descriptor_, &signal, sizeof(signal)) != sizeof(signal)) continue;
    loop_.post([handle = handle_, number = static_cast<int>(signal.ssi_signo)] { handle(number); });
  }
}

}  // namespace matinee::runtime

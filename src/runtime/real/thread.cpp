#include "runtime/thread.h"

#include <pthread.h>

#include <algorithm>
#include <thread>

namespace matinee::runtime {

struct Thread::Implementation {
  std::jthread thread;
};

Thread::Thread(const std::string& name, std::move_only_function<void()> body)
    : implementation_(std::make_unique<Implementation>(std::jthread(std::move(body)))) {
  pthread_setname_np(implementation_->thread.native_handle(), name.substr(0, 15).c_str());
}

Thread::Thread(Thread&& other) noexcept = default;
Thread& Thread::operator=(Thread&& other) noexcept = default;
Thread::~Thread() = default;

unsigned Thread::hardware_count() {
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace matinee::runtime

#include "runtime/real/system_random.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "runtime/assertion.h"

namespace matinee::runtime {

namespace {

void fill_from_system(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::getrandom(bytes.data(), bytes.size(), 0);
    expect(count > 0 || errno == EINTR, "the system gives random numbers");
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  std::lock_guard lock(mutex_);
  while (!bytes.empty()) {
    if (used_ == buffer_.size()) {
      fill_from_system(buffer_);
      used_ = 0;
    }
    std::size_t count = std::min(bytes.size(), buffer_.size() - used_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(used_), count, bytes.begin());
    used_ += count;
    bytes = bytes.subspan(count);
  }
}

}  // namespace matinee::runtime

// Random numbers of the operating system.
#pragma once

#include <array>
#include <mutex>

#include "runtime/random.h"

namespace matinee::runtime {

/// Asks the system for a few kilobytes at a time. Ends the program if it has none to give.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::mutex mutex_;
  std::array<std::uint8_t, 4096> buffer_{};
  std::size_t used_ = buffer_.size();
};

}  // namespace matinee::runtime

// The ids of requests.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "runtime/random.h"

namespace matinee::gateway {

/// From any thread.
class RequestIds {
 public:
  /// Must outlive it.
  explicit RequestIds(runtime::Random& random) : random_(random) {}

  /// Of Matinee's own pages not random but counted: with a seed all other calls get the same ids
  /// whoever looks on, and whatever a job tells of itself.
  std::string make(std::string_view path);

 private:
  runtime::Random& random_;
  std::atomic<std::uint64_t> own_ = 0;
};

}  // namespace matinee::gateway

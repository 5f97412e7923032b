// The one source of randomness: the operating system's in production, a seed in simulations.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace matinee::runtime {

/// Usable from any thread. In production unpredictable enough for identifiers and keys.
class Random {
 public:
  virtual ~Random() = default;

  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  std::uint64_t next();
  /// Uniform in [0, bound); bound must not be zero.
  std::uint64_t below(std::uint64_t bound);
  /// A version 4 UUID in lower case, such as AWS uses for request and message identifiers.
  std::string uuid();
  /// `length` characters out of `alphabet`, each equally likely.
  std::string text(std::size_t length, std::string_view alphabet);
};

}  // namespace matinee::runtime

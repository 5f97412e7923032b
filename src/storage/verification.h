// What looking through a data directory has found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace matinee::storage {

struct Verification {
  std::uint64_t records = 0;
  std::uint64_t bodies = 0;
  std::uint64_t body_bytes = 0;
  /// Files of bodies that nothing refers to: the next start removes them.
  std::uint64_t left_overs = 0;
  /// Each a sentence without its full stop.
  std::vector<std::string> damages;
};

}  // namespace matinee::storage

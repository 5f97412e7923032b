// For tests: bytes to take digests of.
#pragma once

#include <cstdint>
#include <string>

namespace matinee::checksums {

/// Always the same ones, which do not repeat themselves soon.
inline std::string sample(std::size_t length) {
  std::string bytes(length, '\0');
  std::uint32_t state = 12345;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace matinee::checksums

// The content of a request, reply or object: bytes in memory, or pieces of files for what is large.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace matinee::protocol {

/// A readable source that outlives its deletion from the store for as long as somebody holds it.
class Source {
 public:
  virtual ~Source() = default;
  /// A descriptor for sendfile, or -1 for a source in memory.
  virtual int descriptor() const = 0;
  /// The bytes of a source in memory; empty where there is a descriptor.
  virtual std::string_view bytes() const = 0;
};

/// `length` bytes of a source from `offset`.
struct Slice {
  std::shared_ptr<const Source> source;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// What a receiver found out about a streamed body while it was received. Services that stream
/// derive from it what they need (S3: digests and where the bytes were written).
class Received {
 public:
  virtual ~Received() = default;
};

/// Either `bytes`, or `slices` one after the other, or `received`. Copies share what is large.
struct Body {
  std::string bytes;
  std::vector<Slice> slices;
  std::shared_ptr<Received> received;

  Body() = default;
  Body(std::string text) : bytes(std::move(text)) {}  // NOLINT: a string is a body
  Body(const char* text) : bytes(text) {}             // NOLINT

  /// Of bytes and slices.
  std::uint64_t size() const {
    std::uint64_t total = bytes.size();
    for (const Slice& slice : slices) total += slice.length;
    return total;
  }
};

}  // namespace matinee::protocol

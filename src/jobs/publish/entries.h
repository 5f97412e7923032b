// What the ledger's files hold, as bytes: integers with the lowest byte first, texts with their
// length before them. Everything that is read back was summed, so that half a write is noticed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.h"

namespace matinee::jobs::publish {

/// How a message was sent of which it is not known whether the queue has it.
struct Doubt {
  runtime::Time first_sent;
  /// Of the message groups then: the group of a key depends on it.
  std::uint32_t groups = 1;

  bool operator==(const Doubt&) const = default;
};

/// One object as it was published.
struct Entry {
  std::string key;
  std::string etag;  // without quotes
  /// How often everything has been published anew; a part of the deduplication id.
  std::uint32_t edition = 1;
  std::optional<Doubt> doubt;

  bool operator==(const Entry&) const = default;
};

/// FNV-1a of 64 bits.
std::uint64_t checksum(std::string_view bytes);

class ByteWriter {
 public:
  void number(std::uint64_t value, std::size_t bytes);
  /// Up to 65,535 bytes.
  void text(std::string_view text);
  std::string_view bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

/// Reads zeros and empty texts once the bytes have ended; then `is_short` is true.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t bytes);
  std::string text();
  bool is_short() const { return short_; }
  /// Bytes that are left.
  std::size_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool short_ = false;
};

void append_entry(const Entry& entry, ByteWriter& out);
Entry read_entry(ByteReader& in);

void append_time(runtime::Time time, ByteWriter& out);
runtime::Time read_time(ByteReader& in);

}  // namespace matinee::jobs::publish

// Streams that are packed with gzip or Zstandard, unpacked piece by piece; and gzip the other way.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace matinee::archives {

enum class Packing : unsigned char { none, gzip, zstd };

/// By the first bytes of a stream; `none` for what is not packed, and for fewer than four bytes.
Packing packing_of(std::string_view beginning);

/// What is packed cannot be read. what() is a clause: "the gzip stream is damaged".
class PackingError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Several streams one after the other are one, as for gunzip. Used by one thread at a time.
class Unpacker {
 public:
  explicit Unpacker(Packing packing);
  ~Unpacker();
  Unpacker(Unpacker&&) noexcept;
  Unpacker& operator=(Unpacker&&) noexcept;

  /// Appends at most `most` bytes (at least one) to `out`, and takes away from the front of
  /// `packed` what they were made of. True where all of `packed` is used and nothing is left
  /// inside. Throws PackingError.
  bool unpack(std::string_view& packed, std::string& out, std::size_t most);
  /// Whether a stream may end here. It may not be cut.
  bool is_at_end() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One gzip stream, at zlib's fastest level. Used by one thread at a time.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(GzipWriter&&) noexcept;
  GzipWriter& operator=(GzipWriter&&) noexcept;

  void add(std::string_view bytes);
  /// Packed so far and not taken; less than all that was added until `finish`.
  std::size_t size() const;
  /// What was packed so far and not taken, for streams that are not to be in memory as a whole.
  std::string take();
  /// The whole stream, or what is left of it. Nothing can be added to it any more.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `bytes` as one gzip stream.
std::string gzip(std::string_view bytes);

}  // namespace matinee::archives

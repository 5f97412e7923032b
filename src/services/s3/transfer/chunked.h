// Takes the framing off `aws-chunked` bodies while they stream by.
//
//   chunk    = hex-size [ ";chunk-signature=" 64 hex digits ] CRLF data CRLF
//   body     = *chunk last-chunk trailers CRLF         (the last chunk has size 0 and no data)
//   trailers = *( name ":" value CRLF )
//
// Any bytes at all are safe to feed; memory does not grow with them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/sigv4.h"
#include "services/s3/transfer/checksums.h"

namespace matinee::s3 {

class ChunkedDecoder {
 public:
  using Data = std::function<void(std::string_view)>;
  using Trailers = std::vector<std::pair<std::string, std::string>>;

  enum class Fault : std::uint8_t { none, malformed, malformed_trailer, wrong_signature };

  static constexpr std::size_t max_line_bytes = 4096;
  static constexpr std::size_t max_trailers = 32;

  /// Without a signer signatures are read and ignored; with one each must be what it gives.
  explicit ChunkedDecoder(std::shared_ptr<protocol::sigv4::ChunkSigner> signer = nullptr);

  /// Calls `data` with the content found in `bytes`, piece by piece. Once a fault is found it
  /// stays, and further bytes are ignored.
  Fault feed(std::string_view bytes, const Data& data);

  /// Whether the last chunk and its trailers have been read.
  bool complete() const { return state_ == State::done; }
  /// Names in lower case, in the order they came, without the signature.
  const Trailers& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t { size, data, data_end, trailer, done, failed };

  void take_data(std::string_view& bytes, const Data& data);
  /// Moves `bytes` past the next line end; false when the line goes on in bytes to come.
  bool take_line(std::string_view& bytes);
  void on_line();
  void on_size_line();
  void on_data_end();
  /// Of the chunk that was read last.
  bool signature_is_right();
  void on_trailer_line();
  void on_end();
  void fail(Fault fault);

  std::shared_ptr<protocol::sigv4::ChunkSigner> signer_;
  State state_ = State::size;
  Fault fault_ = Fault::none;
  std::string line_;
  std::uint64_t left_ = 0;            // bytes of the current chunk still to come
  Hasher hasher_{Algorithm::sha256};  // of the current chunk; fed only where it is checked
  std::string chunk_signature_;
  std::string trailer_signature_;
  Trailers trailers_;
};

}  // namespace matinee::s3

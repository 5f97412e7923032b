#include "gateway/content_encoding.h"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <array>

#include "runtime/assertion.h"

namespace matinee::gateway {

namespace {

bool equals_in_any_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(
      text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// zlib's stream, which needs an end.
class GzipStream {
 public:
  explicit GzipStream(std::string_view compressed) {
    constexpr int largest_window_of_gzip = 15 + 16;
    runtime::expect(inflateInit2(&stream_, largest_window_of_gzip) == Z_OK,
                    "there is memory to unzip in");
    stream_.next_in = reinterpret_cast<const Bytef*>(compressed.data());
    stream_.avail_in = static_cast<uInt>(compressed.size());
  }
  ~GzipStream() { inflateEnd(&stream_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// The next bytes, of which there are none where a member has ended or the gzip is malformed.
  std::string_view next() {
    stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
    stream_.avail_out = static_cast<uInt>(piece_.size());
    state_ = inflate(&stream_, Z_NO_FLUSH);
    return {piece_.data(), piece_.size() - stream_.avail_out};
  }
  bool is_malformed() const { return state_ != Z_OK && state_ != Z_STREAM_END; }
  bool is_at_end() const { return state_ == Z_STREAM_END && stream_.avail_in == 0; }
  /// Another member may follow the one that has ended.
  void go_on() {
    if (state_ == Z_STREAM_END) inflateReset(&stream_);
  }

 private:
  z_stream stream_ = {};
  int state_ = Z_OK;
  std::array<char, 64UZ * 1024> piece_;
};

}  // namespace

bool is_compressed(const protocol::HttpRequest& request, const Target& target) {
  if (target.protocol == protocol::Protocol::rest_xml) return false;
  const auto encoding = request.headers.find("content-encoding");
  return encoding && equals_in_any_case(*encoding, "gzip") && !request.body.bytes.empty();
}

std::expected<std::string, UnzipFault> unzip(std::string_view compressed, std::uint64_t limit) {
  GzipStream stream(compressed);
  std::string content;
  while (!stream.is_at_end()) {
    stream.go_on();
    content += stream.next();
    if (content.size() > limit) return std::unexpected(UnzipFault::too_large);
    // What ends too early is malformed as well: zlib calls it a lack of input.
    if (stream.is_malformed()) return std::unexpected(UnzipFault::malformed);
  }
  return content;
}

protocol::ServiceError malformed_gzip(const Target& target) {
  const bool is_json =
      target.protocol == protocol::Protocol::json || target.protocol == protocol::Protocol::cbor;
  return {is_json ? "SerializationException" : "MalformedInput", 400,
          "The body is not the gzip that Content-Encoding says it is."};
}

}  // namespace matinee::gateway

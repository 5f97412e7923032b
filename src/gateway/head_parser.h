// Takes the head of a request, and the chunks of a chunked body, out of the bytes that come in.
// Beast does the parsing; this header keeps it out of everybody else's compile time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/http.h"

namespace matinee::gateway {

/// Bytes that a head may have: request line and header fields together.
inline constexpr std::uint32_t most_head_bytes = 64 * 1024;

/// How far a call came.
struct ParseProgress {
  enum class State { need_more, done, failed };
  State state = State::need_more;
  std::size_t consumed = 0;
  int status = 0;        // of the reply, where it failed: 400, 431, 501 or 505
  std::string reason{};  // where it failed, as a sentence
};

/// What the head says about the rest of the message.
struct Framing {
  bool keep_alive = true;
  bool is_chunked = false;
  bool expects_continue = false;
  std::uint64_t content_length = 0;  // 0 where there is none
  bool is_http_1_0 = false;
};

class HeadParser {
 public:
  HeadParser();
  ~HeadParser();
  HeadParser(HeadParser&&) noexcept;
  HeadParser& operator=(HeadParser&&) noexcept;

  /// Starts over, for the next request.
  void reset();
  /// Nothing of a head has been seen yet.
  bool is_fresh() const;

  /// Goes on with the head. What was not consumed is to be given again, with more behind it.
  ParseProgress put_head(std::string_view bytes);
  /// Once the head is done. The request has no body yet.
  protocol::HttpRequest take_request();
  Framing framing() const;

  /// Goes on with a chunked body and appends its content to `content`.
  ParseProgress put_chunks(std::string_view bytes, std::string& content);
  /// The fields behind the last chunk. They are no part of the request's headers.
  protocol::Headers take_trailers();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace matinee::gateway

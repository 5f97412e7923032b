// Writes one reply to a non-blocking socket: a small one with a single system call, a large one
// from memory or by sendfile as fast as the other side takes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/transport.h"
#include "protocol/http.h"

namespace matinee::gateway {

/// What the connection adds to every reply.
struct ReplyFrame {
  bool head_only = false;  // the request was HEAD
  bool keep_alive = true;
  bool say_keep_alive = false;  // to HTTP/1.0 clients
  std::string_view date = {};   // of the Date header
};

class ResponseWriter {
 public:
  enum class Progress : std::uint8_t { done, blocked, failed };

  void start(protocol::HttpResponse response, const ReplyFrame& frame);
  /// Sends what the socket takes now, though not everything at once where it is much. After
  /// `blocked`, call it again when the socket is writable.
  Progress advance(Transport& transport);
  /// Forgets the reply, and memory above a few KiB.
  void clear();

 private:
  std::string head_;  // status line, header fields, and a small body
  protocol::HttpResponse response_;
  std::size_t piece_ = 0;   // 0: head_, 1: the body's bytes, 2...: its slices
  std::uint64_t sent_ = 0;  // of this piece

  std::size_t piece_count() const { return 2 + response_.body.slices.size(); }
  std::uint64_t piece_size(std::size_t piece) const;
  int piece_descriptor(std::size_t piece) const;
  std::string_view piece_memory(std::size_t piece) const;
  void skip(std::uint64_t bytes);
  std::int64_t send_memory(Transport& transport) const;
  std::int64_t send_file(Transport& transport) const;
};

/// The standard phrase of a status: "Not Found".
std::string_view reason_phrase(int status);

}  // namespace matinee::gateway

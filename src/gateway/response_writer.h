// Writes one reply to a non-blocking socket: a small one with a single system call, a large one
// from memory or by sendfile as fast as the other side takes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/transport.h"
#include "protocol/http.h"
#include "protocol/live_source.h"

namespace matinee::gateway {

/// What the connection adds to every reply.
struct ReplyFrame {
  bool head_only = false;  // the request was HEAD
  bool keep_alive = true;
  bool is_http_1_0 = false;    // the client: it is told of keep_alive, and knows no chunks
  std::string_view date = {};  // of the Date header
};

class ResponseWriter {
 public:
  enum class Progress : std::uint8_t {
    done,
    blocked,  // the socket takes no more
    waiting,  // for the next piece of a live body
    failed
  };

  void start(protocol::HttpResponse response, const ReplyFrame& frame);
  /// Sends what the socket takes now, though not everything at once where it is much. After
  /// `blocked`, call it again when the socket is writable.
  Progress advance(Transport& transport);
  /// Whether the body goes on for as long as somebody writes it: see protocol/live_source.h.
  bool is_live() const { return live_ != nullptr; }
  /// Of a live body: `wake` is called on any thread when there may be more of it.
  void on_more(runtime::Callback wake) const { live_->on_writer(std::move(wake)); }
  /// Ends a live body with what is there of it.
  void end_live() { is_live_ending_ = true; }
  /// Forgets the reply, and memory above a few KiB.
  void clear();

 private:
  std::string head_;  // status line, header fields, and a small body
  protocol::HttpResponse response_;
  std::size_t piece_ = 0;   // 0: head_, 1: the body's bytes, 2...: its slices
  std::uint64_t sent_ = 0;  // of this piece
  std::shared_ptr<const protocol::LiveSource> live_;  // null: the body is here as a whole
  bool is_live_ending_ = false;
  bool is_chunked_ = false;  // a live body; else it ends with the connection

  std::size_t piece_count() const { return 2 + response_.body.slices.size(); }
  std::uint64_t piece_size(std::size_t piece) const;
  int piece_descriptor(std::size_t piece) const;
  std::string_view piece_memory(std::size_t piece) const;
  void start_live(const ReplyFrame& frame);
  bool take_live_piece();
  void skip(std::uint64_t bytes);
  std::int64_t send_memory(Transport& transport) const;
  std::int64_t send_file(Transport& transport) const;
};

/// The standard phrase of a status: "Not Found".
std::string_view reason_phrase(int status);

}  // namespace matinee::gateway

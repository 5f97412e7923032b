// The body of a request to a local API that is handed over while it comes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "protocol/http.h"

namespace matinee::services {

/// How such a body has ended.
struct StreamEnd {
  bool is_whole = false;       // else its sender has gone before
  protocol::Headers trailers;  // of one that is whole
};

/// Hears of a body, on the state thread.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void on_piece(std::string piece) = 0;
  /// Once, behind all pieces.
  virtual void on_end(StreamEnd end) = 0;
};

/// Of the state thread.
class LocalStream {
 public:
  /// `release` is told how many bytes have been passed on.
  explicit LocalStream(std::function<void(std::size_t)> release) : release_(std::move(release)) {}

  /// What comes while nobody listens is dropped, so that somebody has to begin to in
  /// `LocalApi::handle`. Null ends it.
  void listen(StreamListener* listener) { listener_ = listener; }
  /// So many bytes lie nowhere any more: as many may come. Without that the sender waits.
  void passed_on(std::size_t bytes) { release_(bytes); }

  // By whoever receives the body.
  void deliver(std::string piece) {
    if (!listener_) return release_(piece.size());
    listener_->on_piece(std::move(piece));
  }
  void end(StreamEnd end) {
    if (listener_) listener_->on_end(std::move(end));
  }

 private:
  std::function<void(std::size_t)> release_;
  StreamListener* listener_ = nullptr;
};

/// Whether the Runtime API takes the body of a request while it comes: a response that streams.
inline bool comes_in_pieces(const protocol::HttpRequest& head) {
  return head.path.ends_with("/response") &&
         protocol::same_header(
             head.headers.find("Lambda-Runtime-Function-Response-Mode").value_or(""), "streaming");
}

}  // namespace matinee::services

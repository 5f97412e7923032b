// The body of a reply that goes on, written on the state thread: as fast as the client takes it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "protocol/live_source.h"
#include "runtime/loop.h"

namespace matinee::lambda {

class StreamSender : public std::enable_shared_from_this<StreamSender> {
 public:
  static std::shared_ptr<StreamSender> make(runtime::Loop& loop);
  explicit StreamSender(runtime::Loop& loop) : loop_(loop) {}

  /// Once.
  protocol::Body take_body() { return std::move(body_); }
  /// `taken` is called once the piece lies where the client takes it from, or the client has gone.
  void send(std::string piece, std::move_only_function<void()> taken = [] {});
  /// Behind all pieces, which are still sent. Where it is not whole, the connection ends with it.
  void end(bool is_whole);

 private:
  struct Piece {
    std::string bytes;
    std::move_only_function<void()> taken;
  };

  runtime::Loop& loop_;
  std::unique_ptr<protocol::LiveWriter> writer_;
  protocol::Body body_;
  std::deque<Piece> pieces_;
  bool has_ended_ = false;
  bool is_whole_ = false;
  std::shared_ptr<StreamSender> self_;  // while something is to be sent

  void flush();
};

}  // namespace matinee::lambda

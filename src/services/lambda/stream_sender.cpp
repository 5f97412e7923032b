#include "services/lambda/stream_sender.h"

namespace matinee::lambda {

namespace {

/// Between this thread and the client's connection.
constexpr protocol::LiveRoom room{.pieces = 64, .bytes = std::size_t{1} << 20};

}  // namespace

std::shared_ptr<StreamSender> StreamSender::make(runtime::Loop& loop) {
  auto sender = std::make_shared<StreamSender>(loop);
  protocol::LiveBody live = protocol::make_live_body(
      [&loop, place = std::weak_ptr(sender)] {
        loop.post([place] {
          if (const auto waiting = place.lock()) waiting->flush();
        });
      },
      room);
  sender->writer_ = std::move(live.writer);
  sender->body_ = std::move(live.body);
  return sender;
}

void StreamSender::send(std::string piece, std::move_only_function<void()> taken) {
  pieces_.push_back({.bytes = std::move(piece), .taken = std::move(taken)});
  flush();
}

void StreamSender::end(bool is_whole) {
  has_ended_ = true;
  is_whole_ = is_whole;
  flush();
}

void StreamSender::flush() {
  const auto keep = shared_from_this();
  while (!pieces_.empty() && writer_->write(std::move(pieces_.front().bytes))) {
    Piece sent = std::move(pieces_.front());
    pieces_.pop_front();
    sent.taken();
  }
  self_ = pieces_.empty() ? nullptr : keep;
  if (!pieces_.empty() || !has_ended_ || !writer_) return;
  if (!is_whole_) writer_->cut();
  writer_ = nullptr;
}

}  // namespace matinee::lambda

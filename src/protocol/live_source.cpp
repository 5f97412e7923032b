#include "protocol/live_source.h"

namespace matinee::protocol {

bool LivePipe::write(std::string& piece) {
  const std::lock_guard lock(mutex_);
  if (!has_reader_) return true;
  const bool fits =
      pieces_.empty() || (pieces_.size() < room_.pieces && bytes_ + piece.size() <= room_.bytes);
  if (!fits) {
    is_refused_ = true;
    return false;
  }
  if (piece.empty()) return true;
  bytes_ += piece.size();
  pieces_.push_back(std::move(piece));
  if (on_writer_) on_writer_();
  return true;
}

bool LivePipe::drop_oldest() {
  const std::lock_guard lock(mutex_);
  if (pieces_.empty()) return false;
  bytes_ -= pieces_.front().size();
  pieces_.pop_front();
  return true;
}

void LivePipe::end_writing(bool is_cut) {
  const std::lock_guard lock(mutex_);
  is_cut_ = is_cut_ || is_cut;
  has_writer_ = false;
  on_reader_ = nullptr;
  if (on_writer_) on_writer_();
}

bool LivePipe::is_read() const {
  const std::lock_guard lock(mutex_);
  return has_reader_;
}

std::optional<std::string> LivePipe::take() {
  const std::lock_guard lock(mutex_);
  if (pieces_.empty()) return std::nullopt;
  std::string piece = std::move(pieces_.front());
  pieces_.pop_front();
  bytes_ -= piece.size();
  if (std::exchange(is_refused_, false) && on_reader_) on_reader_();
  return piece;
}

bool LivePipe::has_ended() const {
  const std::lock_guard lock(mutex_);
  return !has_writer_ && pieces_.empty();
}

bool LivePipe::was_cut() const {
  const std::lock_guard lock(mutex_);
  return is_cut_;
}

void LivePipe::on_writer(runtime::Callback callback) {
  const std::lock_guard lock(mutex_);
  on_writer_ = std::move(callback);
  if (on_writer_ && (!pieces_.empty() || !has_writer_)) on_writer_();
}

void LivePipe::end_reading() {
  const std::lock_guard lock(mutex_);
  has_reader_ = false;
  on_writer_ = nullptr;
  pieces_.clear();
  bytes_ = 0;
  if (on_reader_) on_reader_();
}

LiveBody make_live_body(runtime::Callback on_reader, LiveRoom room) {
  auto pipe = std::make_shared<LivePipe>(room, std::move(on_reader));
  LiveBody live{.writer = std::make_unique<LiveWriter>(pipe), .body = {}};
  live.body.slices.push_back({.source = std::make_shared<const LiveSource>(pipe)});
  return live;
}

std::shared_ptr<const LiveSource> find_live_source(const Body& body) {
  if (body.slices.size() != 1) return nullptr;
  return std::dynamic_pointer_cast<const LiveSource>(body.slices.front().source);
}

}  // namespace matinee::protocol

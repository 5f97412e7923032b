#include "gateway/upload.h"

#include "runtime/log.h"

namespace matinee::gateway {

std::shared_ptr<protocol::ServiceError> current_error() {
  try {
    throw;
  } catch (const protocol::ServiceError& error) {
    return error.clone();
  } catch (const std::exception& error) {
    spdlog::error("A request failed: {}", error.what());
    return std::make_shared<protocol::ServiceError>(
        "InternalError", 500, "We encountered an internal error. Please try again.");
  }
}

protocol::Body write_at_once(services::BodySink& sink, std::string_view bytes) {
  if (!bytes.empty()) sink.write(bytes);
  return sink.finish();
}

void Upload::add(std::string_view bytes) {
  filling_.append(bytes);
  pass_on();
}

/// What may stand behind the last chunk means nothing to those who store a body.
void Upload::end(protocol::Headers) {
  is_complete_ = true;
  pass_on();
}

void Upload::pass_on() {
  if (is_busy_ || has_ended() || (filling_.size() < buffer_size && !is_complete_)) return;
  is_busy_ = true;
  ++at_work_;
  is_last_ = is_complete_;
  std::swap(filling_, writing_);
  filling_.reserve(is_last_ ? 0 : buffer_size);
  workers_.post([self = shared_from_this()]() mutable {
    self->work();
    const std::shared_ptr<IoQueue> queue = self->queue_;
    queue->post([self = std::move(self)] { self->worked(); });
  });
}

void Upload::work() {
  try {
    if (!writing_.empty()) sink_->write(writing_);
    if (is_last_) result_ = sink_->finish();
  } catch (...) {
    error_ = current_error();
  }
  writing_.clear();
}

void Upload::worked() {
  is_busy_ = false;
  --at_work_;
  if (!on_progress) return;
  pass_on();
  on_progress();
}

}  // namespace matinee::gateway

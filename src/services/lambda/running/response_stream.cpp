#include "services/lambda/running/response_stream.h"

#include "protocol/base64.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

ResponseStream::ResponseStream(std::shared_ptr<services::LocalStream> body,
                               std::shared_ptr<Receiver> receiver,
                               std::function<void(StreamOutcome)> done)
    : body_(std::move(body)), receiver_(std::move(receiver)), done_(std::move(done)) {
  body_->listen(this);
}

void ResponseStream::on_piece(std::string piece) {
  size_ += piece.size();
  if (size_ > (receiver_ ? longest_streamed_answer : longest_answer)) {
    body_->listen(nullptr);
    const auto done = std::move(done_);
    return done({.kind = StreamOutcome::Kind::too_large});
  }
  const std::size_t size = piece.size();
  if (receiver_)
    return receiver_->take(std::move(piece), [body = body_, size] { body->passed_on(size); });
  gathered_ += piece;
  body_->passed_on(size);
}

void ResponseStream::on_end(services::StreamEnd end) {
  const auto done = std::move(done_);
  if (!end.is_whole) return done({.kind = StreamOutcome::Kind::cut});
  StreamOutcome outcome{.payload = std::move(gathered_)};
  outcome.error_type = end.trailers.find("Lambda-Runtime-Function-Error-Type").value_or("");
  const auto body = end.trailers.find("Lambda-Runtime-Function-Error-Body");
  outcome.error_body = protocol::base64_decode(body.value_or("")).value_or("");
  done(std::move(outcome));
}

}  // namespace matinee::lambda

#include "services/lambda/url_stream.h"

#include "services/lambda/url_event.h"

namespace matinee::lambda {

namespace {

/// What HttpResponseStream of AWS's Node.js runtime writes: JSON, eight zeros, the body.
constexpr std::string_view integration = "application/vnd.awslambda.http-integration-response";
constexpr std::string_view end_of_prelude("\0\0\0\0\0\0\0\0", 8);
constexpr std::size_t longest_prelude = std::size_t{1} << 20;
constexpr int ok = 200;

}  // namespace

void UrlStream::begin(const std::string& content_type) {
  if (content_type == integration) return;
  protocol::HttpResponse head{.status = ok};
  head.headers.add("Content-Type",
                   content_type.empty() ? "application/octet-stream" : content_type);
  send_head(std::move(head));
}

void UrlStream::send_head(protocol::HttpResponse head) {
  head.body = sender_->take_body();
  std::exchange(reply_, nullptr)(std::move(head));
}

void UrlStream::take(std::string piece, std::move_only_function<void()> taken) {
  if (!reply_) return sender_->send(std::move(piece), std::move(taken));
  take_prelude(std::move(piece), std::move(taken));
}

void UrlStream::take_prelude(std::string piece, std::move_only_function<void()> taken) {
  if (is_malformed_) return taken();
  // The zeros may have come in two pieces.
  const std::size_t before = prelude_.size() - std::min(prelude_.size(), end_of_prelude.size());
  prelude_ += piece;
  const std::size_t end = prelude_.find(end_of_prelude, before);
  if (end == std::string::npos) {
    is_malformed_ = prelude_.size() > longest_prelude;
    return taken();
  }
  auto head = head_of(prelude_.substr(0, end));
  if (!head) {
    is_malformed_ = true;
    return taken();
  }
  send_head(*std::move(head));
  sender_->send(prelude_.substr(end + end_of_prelude.size()), std::move(taken));
  prelude_.clear();
}

bool UrlStream::finish(const Result& result) {
  if (reply_) return false;
  sender_->end(result.function_error.empty());
  return true;
}

}  // namespace matinee::lambda

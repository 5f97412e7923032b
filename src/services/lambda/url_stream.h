// A URL's response that goes on: its head from what the function writes first, then its body.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "protocol/http.h"
#include "runtime/loop.h"
#include "services/lambda/running/invocation.h"
#include "services/lambda/stream_sender.h"

namespace matinee::lambda {

class UrlStream final : public Receiver {
 public:
  /// `reply` gets the response, whose body goes on, once its head is known.
  UrlStream(runtime::Loop& loop, std::function<void(protocol::HttpResponse)> reply)
      : sender_(StreamSender::make(loop)), reply_(std::move(reply)) {}

  void begin(const std::string& content_type) override;
  void take(std::string piece, std::move_only_function<void()> taken) override;
  /// The end of what was streamed. False where no head has come of it, and nothing was replied.
  bool finish(const Result& result);

 private:
  std::shared_ptr<StreamSender> sender_;
  std::function<void(protocol::HttpResponse)> reply_;  // empty once it was called
  std::string prelude_;                                // what came before its end
  bool is_malformed_ = false;                          // no head can come of it

  void send_head(protocol::HttpResponse head);
  void take_prelude(std::string piece, std::move_only_function<void()> taken);
};

}  // namespace matinee::lambda

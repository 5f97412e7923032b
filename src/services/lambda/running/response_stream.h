// A response that a function writes piece by piece, on its way to whoever has called.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "services/lambda/running/invocation.h"
#include "services/local_stream.h"

namespace matinee::lambda {

/// What has come of it.
struct StreamOutcome {
  enum class Kind : std::uint8_t { whole, cut, too_large };
  Kind kind = Kind::whole;
  std::string payload;     // of what was gathered
  std::string error_type;  // that the function has sent behind its answer; empty without
  std::string error_body;  // JSON
};

/// Limits: 200 MB where somebody receives it, else what a buffered answer may have.
class ResponseStream final : public services::StreamListener {
 public:
  /// `done` is called once, and may destroy this. `receiver` may be null.
  ResponseStream(std::shared_ptr<services::LocalStream> body, std::shared_ptr<Receiver> receiver,
                 std::function<void(StreamOutcome)> done);
  ~ResponseStream() override { body_->listen(nullptr); }
  ResponseStream(const ResponseStream&) = delete;
  ResponseStream& operator=(const ResponseStream&) = delete;

  void on_piece(std::string piece) override;
  void on_end(services::StreamEnd end) override;

 private:
  std::shared_ptr<services::LocalStream> body_;
  std::shared_ptr<Receiver> receiver_;
  std::function<void(StreamOutcome)> done_;
  std::string gathered_;
  std::uint64_t size_ = 0;
};

/// In bytes.
inline constexpr std::uint64_t longest_streamed_answer = std::uint64_t{200} << 20;

}  // namespace matinee::lambda

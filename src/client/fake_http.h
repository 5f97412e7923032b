// An HTTP client for tests: replies come from a script, and what was sent is kept.
#pragma once

#include <deque>

#include "runtime/http_client.h"
#include "runtime/loop.h"

namespace matinee::client {

class FakeHttp final : public runtime::HttpClient {
 public:
  explicit FakeHttp(runtime::Loop& loop) : loop_(loop) {}

  /// The answer to a call; replies are used in their order, the last one for ever.
  using Answer = std::function<runtime::HttpResult(const runtime::HttpCall&)>;
  void answer(Answer answer) { answers_.push_back(std::move(answer)); }
  void answer(int status, std::string body, runtime::HttpFields headers = {}) {
    answers_.push_back([=](const runtime::HttpCall&) {
      return runtime::HttpReply{.status = status, .headers = headers, .body = body};
    });
  }
  void fail(runtime::HttpFailure::Kind kind) {
    answers_.push_back([=](const runtime::HttpCall&) -> runtime::HttpResult {
      return std::unexpected(runtime::HttpFailure{kind, "The host cannot be reached."});
    });
  }

  void forget_answers() { answers_.clear(); }

  std::vector<runtime::HttpCall> calls;
  int cancelled = 0;

  /// The value of a header that a call was sent with; empty without it.
  std::string header(std::size_t call, std::string_view name) const {
    for (const auto& [key, value] : calls.at(call).headers)
      if (key.size() == name.size() && ::strcasecmp(key.c_str(), std::string(name).c_str()) == 0)
        return value;
    return "";
  }

 private:
  runtime::Loop& loop_;
  std::deque<Answer> answers_;

  std::uint64_t start(runtime::HttpCall call, Done done) override {
    Answer answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    calls.push_back(std::move(call));
    loop_.post([result = answer(calls.back()), done = std::move(done)]() mutable {
      done(std::move(result));
    });
    return calls.size();
  }
  void cancel(std::uint64_t) override { ++cancelled; }
};

/// Runs a task on a simulated loop, letting as much time pass as it needs.
template <class T, class Loop>
T wait_for(Loop& loop, runtime::Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  runtime::start(std::move(task), [&](std::optional<T> value, std::exception_ptr error) {
    result = std::move(value);
    failure = error;
  });
  do loop.run_until_idle();
  while (!result && !failure && loop.advance_to_next_timer());
  if (failure) std::rethrow_exception(failure);
  return std::move(result.value());
}

}  // namespace matinee::client

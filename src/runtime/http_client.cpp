// Waiting for an HTTP reply in a coroutine, over the callbacks that implementations offer.
#include "runtime/http_client.h"

namespace matinee::runtime {

class HttpClient::Exchange {
 public:
  Exchange(HttpClient& client, HttpCall call) : client_(client), call_(std::move(call)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    if (started_ && !result_) client_.cancel(number_);
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    started_ = true;
    number_ = client_.start(std::move(call_), [this, awaiting](HttpResult result) {
      result_.emplace(std::move(result));
      awaiting.resume();
    });
  }
  HttpResult await_resume() { return std::move(*result_); }

 private:
  HttpClient& client_;
  HttpCall call_;
  std::optional<HttpResult> result_;
  std::uint64_t number_ = 0;
  bool started_ = false;
};

Task<HttpResult> HttpClient::send(HttpCall call) {
  co_return co_await Exchange(*this, std::move(call));
}

}  // namespace matinee::runtime

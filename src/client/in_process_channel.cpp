// Calls to the services of this very process. A streamed body goes through the service's sink, as
// one that arrives over the network does.
#include "client/in_process_channel.h"

#include "protocol/codec.h"

namespace matinee::client {

namespace {

/// Waits for the outcome of one invocation. Destroyed before that, it tells the operation that
/// nobody waits any more and lets the outcome go nowhere.
class Invocation {
 public:
  explicit Invocation(std::shared_ptr<services::Cancellation> cancellation)
      : state_(std::make_shared<State>()), cancellation_(std::move(cancellation)) {}
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  ~Invocation() {
    if (state_->outcome) return;
    state_->waiting = nullptr;
    cancellation_->cancel();
  }

  services::Completion completion() {
    return [state = state_](services::Outcome outcome) {
      state->outcome.emplace(std::move(outcome));
      if (state->waiting) std::exchange(state->waiting, nullptr).resume();
    };
  }

  bool await_ready() const noexcept { return state_->outcome.has_value(); }
  void await_suspend(std::coroutine_handle<> awaiting) noexcept { state_->waiting = awaiting; }
  services::Outcome await_resume() { return std::move(*state_->outcome); }

 private:
  struct State {
    std::optional<services::Outcome> outcome;
    std::coroutine_handle<> waiting;
  };

  std::shared_ptr<State> state_;
  std::shared_ptr<services::Cancellation> cancellation_;
};

/// Hands the bytes of a streamed payload to the service's sink and puts what it made of them in
/// their place.
void receive_payload(const services::Endpoint& endpoint, const protocol::Operation& operation,
                     protocol::Object& request) {
  const protocol::Field& field = *operation.input->payload;
  auto& payload = *static_cast<protocol::Body*>(field.emplace(request.get()));
  protocol::Body body = std::exchange(payload, protocol::Body());
  protocol::HttpRequest head = protocol::encode_request(operation, request.get());
  head.headers.set("Content-Length", std::to_string(body.size()));
  std::unique_ptr<services::BodySink> sink = endpoint.open_sink(operation, head);
  if (!sink) {
    payload = std::move(body);
    return;
  }
  sink->write(body.bytes);
  payload = sink->finish();
}

}  // namespace

runtime::Task<protocol::Object> InProcessChannel::call(const protocol::Operation& operation,
                                                       protocol::Object request) {
  return call(operation, services::Input{.request = std::move(request)});
}

runtime::Task<protocol::Object> InProcessChannel::call(const protocol::Operation& operation,
                                                       services::Input input) {
  services::Context context = caller_;
  if (context.request_id.empty()) context.request_id = random_.uuid();
  context.cancellation = std::make_shared<services::Cancellation>();
  if (operation.streaming_input) receive_payload(endpoint_, operation, input.request);

  Invocation invocation(context.cancellation);
  endpoint_.invoke(std::move(context), operation, std::move(input), invocation.completion());
  services::Outcome outcome = co_await invocation;
  if (auto* error = std::get_if<std::shared_ptr<protocol::ServiceError>>(&outcome))
    (*error)->raise();
  co_return std::move(std::get<protocol::Object>(outcome));
}

}  // namespace matinee::client

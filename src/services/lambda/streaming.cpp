// InvokeWithResponseStream: what a function answers, as messages of an event stream, while it
// comes.
#include "lambda/errors.h"
#include "protocol/base64.h"
#include "protocol/json_writer.h"
#include "services/event_stream.h"
#include "services/lambda/requests.h"
#include "services/lambda/service.h"
#include "services/lambda/stream_sender.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

namespace event_stream = services::event_stream;

constexpr std::int32_t answers = 200;
constexpr std::int32_t would_do = 204;
/// Of a whole answer that becomes messages here.
constexpr std::size_t largest_piece = std::size_t{256} << 10;

std::string chunk(std::string_view piece) {
  return event_stream::event("PayloadChunk", "application/octet-stream", piece);
}

class EventReceiver final : public Receiver {
 public:
  explicit EventReceiver(std::shared_ptr<StreamSender> sender) : sender_(std::move(sender)) {}

  void begin(const std::string&) override {}
  void take(std::string piece, std::move_only_function<void()> taken) override {
    sender_->send(chunk(piece), std::move(taken));
  }

 private:
  std::shared_ptr<StreamSender> sender_;
};

void finish(StreamSender& sender, const Result& result, bool wants_log) {
  InvokeWithResponseStreamCompleteEvent complete;
  if (!result.function_error.empty()) {
    complete.error_code = result.error_type.empty() ? result.function_error : result.error_type;
    complete.error_details = result.payload;
  } else if (!result.was_streamed) {
    for (std::string_view rest = result.payload; !rest.empty();) {
      const std::string_view piece = rest.substr(0, largest_piece);
      sender.send(chunk(piece));
      rest.remove_prefix(piece.size());
    }
  }
  if (wants_log) complete.log_result = protocol::base64_encode(result.log_tail);
  std::string payload;
  protocol::json::append_structure(payload, InvokeWithResponseStreamCompleteEvent::shape,
                                   &complete);
  sender.send(event_stream::event("InvokeComplete", event_stream::json_content, payload));
  sender.end(true);
}

}  // namespace

/// Tells the journal of a call that nobody waits for here, once it has come to its end.
std::uint32_t Service::run_told(const Target& target, const Telling& telling, Invocation call) {
  if (!is_told(call.trace, call.id)) return run_call(target, telling.qualifier, std::move(call));
  const auto note = [this, key = target.key, telling, id = call.id, trace = call.trace,
                     payload = call.payload](services::HopKind kind, const std::string& reason,
                                             const Result& result) {
    const services::HopMessage message{.id = id, .bytes = payload.size(), .body = payload};
    tell(key, telling.qualifier,
         {.kind = kind,
          .account = {},
          .region = {},
          .trace = trace,
          .resource = {},
          .reason = reason,
          .caller = telling.caller,
          .messages = {&message, 1}},
         &result);
  };
  call.done = [note, lives = lives_, done = std::move(call.done)](Result result) mutable {
    if (*lives) note(services::HopKind::invoked, reason_of(result), result);
    done(std::move(result));
  };
  try {
    return run_call(target, telling.qualifier, std::move(call));
  } catch (const protocol::ServiceError& error) {
    note(services::HopKind::refused, why_not_called(error), {});
    throw;
  }
}

/// The head of the reply goes out at once, since all that it tells is known.
Task<InvokeWithResponseStreamResponse> Service::invoke_with_response_stream(
    const Context& context, const InvokeWithResponseStreamRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  if (!functions_.contains(name.key)) refuse_unknown_function(name.key, name.qualifier_or_latest());
  const Target target = require_target(name);
  if (request.tenant_id) refuse_member("TenantId", "tenants are not told apart here");
  if (request.invocation_type == "DryRun")
    co_return InvokeWithResponseStreamResponse{.status_code = would_do};
  if (!runner_) throw protocol::ServiceError("NotImplemented", 501, "Functions do not run here.");
  const bool wants_log = request.log_type == "Tail";
  const auto sender = StreamSender::make(runtime_.loop);
  const Telling telling{
      .qualifier = name.qualifier,
      .caller = context.service_principal.empty() ? context.caller_arn : context.service_principal};
  Invocation call{
      .id = context.request_id.empty() ? runtime_.random.uuid() : context.request_id,
      .payload = payload_of(request.payload, longest_call),
      .client_context = client_context_of(request.client_context),
      .trace = services::with_root(context.trace_header, runtime_.clock.now(), runtime_.random),
      .wants_log = wants_log,
      .receiver = std::make_shared<EventReceiver>(sender)};
  call.done = [sender, wants_log](const Result& result) { finish(*sender, result, wants_log); };
  const std::uint32_t version = run_told(target, telling, std::move(call));
  co_return InvokeWithResponseStreamResponse{
      .status_code = answers,
      .executed_version = text_of_version(version),
      .event_stream = sender->take_body(),
      .response_stream_content_type = "application/vnd.amazon.eventstream"};
}

}  // namespace matinee::lambda

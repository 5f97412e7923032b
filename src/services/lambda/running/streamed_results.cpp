// Responses that a program streams to the Runtime API.
#include <fmt/format.h>

#include "services/lambda/catalog/json_text.h"
#include "services/lambda/running/instance.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

namespace {

constexpr int bad_request = 400;
constexpr int too_large = 413;

}  // namespace

bool Instance::takes_as_stream(services::LocalRequest& request, services::LocalReply& reply) {
  if (response_ || is_cut_) {
    reply(wrong_state_reply("InvocationResponse", "InvocationResponse", "runtime"));
    return true;
  }
  const auto mode = request.http.headers.find("Lambda-Runtime-Function-Response-Mode");
  if (mode && !protocol::same_header(*mode, "streaming") &&
      !protocol::same_header(*mode, "buffered")) {
    reply(
        error_reply(bad_request, "InvalidFunctionResponseMode", "Invalid function response mode"));
    finish(failed_result("Runtime.InvalidResponseModeHeader", "Invalid function response mode"),
           "error");
    return true;
  }
  if (!request.stream) return false;
  const std::shared_ptr<Receiver> receiver = invocation_->receiver;
  // What holds a reply is called once, as functions that are copied may not promise.
  auto kept = std::make_shared<services::LocalReply>(std::move(reply));
  response_ = std::make_unique<ResponseStream>(
      std::move(request.stream), receiver,
      [this, kept](StreamOutcome outcome) { end_stream(std::move(outcome), std::move(*kept)); });
  if (!receiver) return true;
  is_streaming_ = true;
  receiver->begin(std::string(request.http.headers.find("Content-Type").value_or("")));
  return true;
}

void Instance::end_stream(StreamOutcome outcome, services::LocalReply reply) {
  response_ = nullptr;
  if (last_failure_)
    machine_.runtime.loop.post([this, lives = lives_] {
      if (*lives) fail_now();
    });
  if (outcome.kind == StreamOutcome::Kind::cut) {
    // Of a program that has ended its end tells more.
    is_cut_ = true;
    return;
  }
  if (outcome.kind == StreamOutcome::Kind::too_large)
    return refuse_length(is_streaming_ ? longest_streamed_answer : longest_answer,
                         std::move(reply));
  if (invocation_->crashes_after_work) return crash(std::move(reply));
  reply(accepted_reply());
  Result result{.payload = std::move(outcome.payload)};
  if (outcome.error_type.empty() && outcome.error_body.empty())
    return finish(std::move(result), "success");
  result.function_error = "Unhandled";
  result.error_type =
      outcome.error_type.empty() ? "Function.Unknown" : std::move(outcome.error_type);
  result.payload = outcome.error_body.empty() ? error_document(result.error_type, "")
                                              : std::move(outcome.error_body);
  result.error_message = error_message_of(result.payload);
  finish(std::move(result), "error");
}

/// The program has ended its connection, but not itself.
void Instance::finish_cut_stream() {
  finish(failed_result("Runtime.TruncatedResponse", "Response truncated"), "error");
}

void Instance::refuse_length(std::uint64_t limit, services::LocalReply reply) {
  reply(error_reply(too_large, "RequestEntityTooLarge",
                    fmt::format("Exceeded maximum allowed payload size ({} bytes).", limit)));
  Result result = failed_result(
      "Function.ResponseSizeTooLarge",
      fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).",
                  limit));
  // This one tells the message first.
  result.payload = "{";
  append_pair(result.payload, "errorMessage", result.error_message);
  append_pair(result.payload, "errorType", result.error_type);
  result.payload += "}";
  finish(std::move(result), "error");
}

}  // namespace matinee::lambda

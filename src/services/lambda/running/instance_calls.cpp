// The Runtime API of an instance: calls go out, and answers come in.
#include <fmt/format.h>

#include "runtime/assertion.h"
#include "services/lambda/catalog/names.h"
#include "services/lambda/running/instance.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

namespace {

constexpr int bad_request = 400;
constexpr int too_large = 413;

}  // namespace

void Instance::invoke(Invocation invocation) {
  runtime::expect(state_ == State::idle && next_, "an instance takes one invocation at a time");
  state_ = State::busy;
  was_used_ = true;
  invocation_ = std::move(invocation);
  hold_.emplace(machine_.runtime.clock);
  sandbox_->set_busy(true);
  hand_out();
}

/// Answers the program, which waits for an invocation.
void Instance::hand_out() {
  const Invocation& call = *invocation_;
  const runtime::Duration limit = std::chrono::seconds(program_.settings.timeout_seconds);
  log_.begin_tail(call);
  log_.write(log_.system().start(call.id, text_of_version(std::get<3>(program_.version)), now()));
  began_ = machine_.runtime.loop.elapsed();
  set_timer(limit);
  protocol::HttpResponse response;
  protocol::Headers& headers = response.headers;
  headers.add("Content-Type", "application/json");
  headers.add("Lambda-Runtime-Aws-Request-Id", call.id);
  headers.add("Lambda-Runtime-Deadline-Ms",
              std::to_string(runtime::to_milliseconds(real_clock().now() + limit)));
  headers.add("Lambda-Runtime-Invoked-Function-Arn", call.arn);
  if (!call.trace.empty()) headers.add("Lambda-Runtime-Trace-Id", call.trace);
  if (!call.client_context.empty())
    headers.add("Lambda-Runtime-Client-Context", call.client_context);
  response.body = call.payload;
  std::exchange(next_, nullptr)(std::move(response));
}

void Instance::handle(services::LocalRequest request, services::LocalReply reply) {
  constexpr std::string_view base = "/2018-06-01/runtime/";
  std::string_view path = request.http.path;
  if (!path.starts_with(base)) return reply(unknown_path_reply());
  path.remove_prefix(base.size());
  constexpr std::string_view invocation = "invocation/";
  const bool is_get = request.http.method == "GET";
  if (is_get && path == "invocation/next") return give_next(std::move(reply));
  if (!is_get && path == "init/error") return take_init_error(std::move(request), std::move(reply));
  if (!is_get && path.starts_with(invocation)) {
    const std::string rest(path.substr(invocation.size()));
    return take_result(std::move(request), rest, std::move(reply));
  }
  reply(unknown_path_reply());
}

void Instance::give_next(services::LocalReply reply) {
  if (state_ != State::initializing && state_ != State::answered) {
    return reply(wrong_state_reply("Running", "Ready", "runtime"));
  }
  next_ = std::move(reply);
  if (state_ == State::initializing) {
    init_milliseconds_ = milliseconds_since(init_began_);
    was_ready_ = true;
    if (const auto remarks = std::exchange(late_remarks_, nullptr))
      for (const std::string& remark : remarks()) log_.write(remark + "\n");
  }
  real_clock().cancel(std::exchange(timer_, runtime::TimerId::none));
  state_ = State::idle;
  sandbox_->set_busy(false);
  idle_since_ = machine_.runtime.loop.elapsed();
  hold_.reset();
  // A folder may have changed by the next call.
  if (is_retired_ || (was_used_ && program_.settings.is_hot())) return retire();
  owner_.on_idle(*this);
}

/// "ID/response" or "ID/error".
void Instance::take_result(services::LocalRequest request, std::string_view rest,
                           services::LocalReply reply) {
  const std::size_t slash = rest.find('/');
  const std::string_view id = rest.substr(0, slash);
  const std::string_view kind = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (kind != "response" && kind != "error") return reply(unknown_path_reply());
  if (state_ == State::answered)
    return reply(wrong_state_reply("InvocationResponse", "InvocationResponse", "runtime"));
  if (state_ != State::busy || !invocation_ || invocation_->id != id)
    return reply(error_reply(bad_request, "InvalidRequestID", "Invalid request ID"));
  std::string body = std::move(request.http.body.bytes);
  const bool is_streamed =
      request.http.headers.find("Lambda-Runtime-Function-Response-Mode") == "streaming";
  if (request.is_too_large || (!is_streamed && body.size() > longest_answer)) {
    reply(error_reply(
        too_large, "RequestEntityTooLarge",
        fmt::format("Exceeded maximum allowed payload size ({} bytes).", longest_answer)));
    Result result =
        failed_result("Function.ResponseSizeTooLarge",
                      fmt::format("Response payload size exceeded maximum allowed payload "
                                  "size ({} bytes).",
                                  longest_answer));
    // This one tells the message first.
    result.payload = fmt::format("{{\"errorMessage\":\"{}\",\"errorType\":\"{}\"}}",
                                 result.error_message, result.error_type);
    return finish(std::move(result), "error");
  }
  reply(accepted_reply());
  Result result{.payload = std::move(body)};
  if (const auto type = request.http.headers.find("Content-Type")) result.content_type = *type;
  if (kind == "error") {
    result.function_error = "Unhandled";
    result.error_type = error_type_of(request.http);
    result.error_message = error_message_of(result.payload);
  }
  finish(std::move(result), kind == "error" ? "error" : "success");
}

void Instance::take_init_error(services::LocalRequest request, services::LocalReply reply) {
  if (state_ != State::initializing)
    return reply(wrong_state_reply("Ready", "InitError", "runtime"));
  init_error_ = std::move(request.http.body.bytes);
  init_error_type_ = error_type_of(request.http);
  reply(accepted_reply());
}

/// Tells the caller at once; the program may go on until it asks for the next one.
void Instance::finish(Result result, std::string status) {
  if (state_ == State::busy) {
    state_ = State::answered;
    // What it wrote before its answer belongs to this call.
    sandbox_->take_output();
  }
  log_.end_line();
  log_.write(log_.system().end(invocation_->id));
  result.milliseconds = milliseconds_since(began_);
  log_.write(
      log_.system().report({.id = invocation_->id,
                            .milliseconds = result.milliseconds,
                            .init_milliseconds = std::exchange(init_milliseconds_, std::nullopt),
                            .memory_mb = program_.settings.memory_mb,
                            .peak_bytes = sandbox_ ? sandbox_->peak_memory() : 0,
                            .status = std::move(status),
                            .error_type = result.error_type},
                           now()));
  result.version = text_of_version(std::get<3>(program_.version));
  if (invocation_->wants_log) result.log_tail = log_.take_tail();
  auto done = std::move(invocation_->done);
  invocation_.reset();
  if (done) done(std::move(result));
}

}  // namespace matinee::lambda

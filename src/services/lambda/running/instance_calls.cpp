// The Runtime API of an instance: calls go out, and answers come in.
#include <fmt/format.h>

#include "protocol/json_writer.h"
#include "runtime/assertion.h"
#include "services/lambda/running/instance.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

namespace {

constexpr int taken = 200;
constexpr int accepted = 202;
constexpr int bad_request = 400;
constexpr int forbidden = 403;

std::string call_event(const Invocation& call, std::int64_t deadline) {
  std::string event =
      fmt::format("{{\"eventType\":\"INVOKE\",\"deadlineMs\":{},\"requestId\":", deadline);
  protocol::json::append_string(event, call.id);
  event += ",\"invokedFunctionArn\":";
  protocol::json::append_string(event, call.arn);
  event += ",\"tracing\":{\"type\":\"X-Amzn-Trace-Id\",\"value\":";
  protocol::json::append_string(event, call.trace);
  return event + "}}";
}

}  // namespace

void Instance::invoke(Invocation invocation) {
  runtime::expect(state_ == State::idle && (next_ || is_down_),
                  "an instance takes one invocation at a time");
  was_used_ = true;
  has_begun_ = false;
  invocation_ = std::move(invocation);
  log_.follow(invocation_->trace);
  hold_.emplace(machine_.runtime.clock);
  began_ = machine_.runtime.loop.elapsed();
  deadline_ = real_clock().now() + call_limit();
  set_timer(call_limit());
  if (std::exchange(is_down_, false)) {
    // From here on its initialization is a part of the call.
    state_ = State::unpacking;
    phase_.is_of_call = true;
    machine_.runtime.loop.post([this, lives = lives_] {
      if (*lives) launch();
    });
    return;
  }
  state_ = State::busy;
  sandbox_->set_busy(true);
  hand_out();
}

/// Tells the extensions, and answers the program, which waits for an invocation.
void Instance::hand_out() {
  const Invocation& call = *invocation_;
  has_begun_ = true;
  log_.begin_tail(call);
  log_.tell(call_start(call.id, version_text(), call.trace));
  const std::int64_t deadline = runtime::to_milliseconds(deadline_);
  if (extensions_.hear_of_calls()) extensions_.tell_call(call_event(call, deadline));
  protocol::HttpResponse response;
  protocol::Headers& headers = response.headers;
  headers.add("Content-Type", "application/json");
  headers.add("Lambda-Runtime-Aws-Request-Id", call.id);
  headers.add("Lambda-Runtime-Deadline-Ms", std::to_string(deadline));
  headers.add("Lambda-Runtime-Invoked-Function-Arn", call.arn);
  if (!call.trace.empty()) headers.add("Lambda-Runtime-Trace-Id", call.trace);
  if (!call.client_context.empty())
    headers.add("Lambda-Runtime-Client-Context", call.client_context);
  response.body = call.payload;
  std::exchange(next_, nullptr)(std::move(response));
}

void Instance::handle(services::LocalRequest request, services::LocalReply reply) {
  constexpr std::string_view runtime_base = "/2018-06-01/runtime/";
  constexpr std::string_view extension_base = "/2020-01-01/extension/";
  const std::string path = request.http.path;
  std::string_view action = path;
  if (action.starts_with(runtime_base)) {
    action.remove_prefix(runtime_base.size());
    return handle_runtime(action, std::move(request), std::move(reply));
  }
  if (action.starts_with(extension_base)) {
    action.remove_prefix(extension_base.size());
    const ExtensionFunction function{.name = std::get<2>(program_.version),
                                     .version = version_text(),
                                     .handler = program_.settings.handler,
                                     .account = std::get<0>(program_.version)};
    return extensions_.handle(action, request, function, std::move(reply));
  }
  if (action.ends_with('/')) action.remove_suffix(1);
  const bool is_put = request.http.method == "PUT";
  if (is_put && action == "/2022-07-01/telemetry")
    return take_subscription(TelemetryApi::telemetry, request, std::move(reply));
  if (is_put && action == "/2020-08-15/logs")
    return take_subscription(TelemetryApi::logs, request, std::move(reply));
  reply(unknown_path_reply());
}

void Instance::handle_runtime(std::string_view action, services::LocalRequest request,
                              services::LocalReply reply) {
  constexpr std::string_view invocation = "invocation/";
  const bool is_get = request.http.method == "GET";
  const bool is_post = request.http.method == "POST";
  if (is_get && action == "invocation/next") return give_next(std::move(reply));
  if (is_post && action == "init/error")
    return take_init_error(std::move(request), std::move(reply));
  if (is_post && action.starts_with(invocation))
    return take_result(std::move(request), action.substr(invocation.size()), std::move(reply));
  reply(unknown_path_reply());
}

void Instance::give_next(services::LocalReply reply) {
  if (is_cut_ || (state_ == State::busy && response_)) finish_cut_stream();
  const bool is_expected = (state_ == State::initializing && was_main_started_ && !init_error_) ||
                           state_ == State::answered;
  if (!is_expected || next_) return reply(wrong_state_reply("Running", "Ready", "runtime"));
  next_ = std::move(reply);
  if (state_ == State::answered) return look_whether_done();
  extensions_.close_registration();
  if (const auto remarks = std::exchange(late_remarks_, nullptr))
    for (const std::string& remark : remarks()) log_.write(remark + "\n");
  log_.tell(init_runtime_done(phase_, {}));
  look_whether_ready();
}

/// A call's phase ends when the program, and all extensions that were told of it, ask for what
/// comes next.
void Instance::look_whether_done() {
  if (!next_ || !extensions_.have_finished()) return;
  close_call();
  become_idle();
}

/// The Telemetry API and the older Logs API, each for those who have not chosen the other.
void Instance::take_subscription(TelemetryApi api, const services::LocalRequest& request,
                                 services::LocalReply reply) {
  const bool is_telemetry = api == TelemetryApi::telemetry;
  const std::string_view name = is_telemetry ? "Telemetry" : "Logs";
  const auto refuse = [&](int status, std::string_view type, std::string_view message) {
    reply(error_reply(status, type, message));
  };
  if (log_.telemetry() == nullptr && state_ == State::initializing)
    return refuse(accepted, fmt::format("{}.NotSupported", name),
                  fmt::format("{} API is not supported", name));
  const auto id = request.http.headers.find("Lambda-Extension-Identifier");
  if (!id)
    return refuse(forbidden, "Extension.MissingHeader", "Lambda-Extension-Identifier not found");
  const std::optional<std::string> extension = extensions_.find(*id);
  if (!extension)
    return refuse(forbidden, "Extension.UnknownExtensionIdentifier",
                  "Unknown Lambda-Extension-Identifier");
  if (state_ != State::initializing)
    return refuse(forbidden, fmt::format("{}.SubscriptionClosed", name),
                  fmt::format("{} API subscription is closed already", name));
  auto subscription = read_subscription(api, request.http.body.bytes);
  if (!subscription) return refuse(bad_request, "ValidationError", subscription.error());
  if (log_.telemetry()->has_other(*extension, api))
    return refuse(bad_request, "ValidationError",
                  fmt::format("The extension has subscribed by the {} API",
                              is_telemetry ? "Logs" : "Telemetry"));
  subscription->extension = *extension;
  const std::vector<std::string> types = subscription->types;
  log_.telemetry()->subscribe(*std::move(subscription));
  log_.tell(subscribed(is_telemetry ? "telemetry" : "logs", *extension, types));
  reply(json_reply(taken, "\"OK\""));
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
  if (invocation_->crashes_after_work && !request.stream) return crash(std::move(reply));
  if (takes_as_stream(request, reply)) return;
  std::string body = std::move(request.http.body.bytes);
  if (request.is_too_large || body.size() > longest_answer)
    return refuse_length(longest_answer, std::move(reply));
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
  if (state_ != State::initializing || next_ || init_error_)
    return reply(wrong_state_reply("Ready", "InitError", "runtime"));
  init_error_ = std::move(request.http.body.bytes);
  if (fatal_type_.empty()) fatal_type_ = error_type_of(request.http);
  reply(accepted_reply());
}

/// Tells the caller at once; the program, and extensions, may go on until they ask for what comes
/// next.
void Instance::finish(Result result, std::string status) {
  if (state_ == State::busy) {
    state_ = State::answered;
    // What it wrote before its answer belongs to this call.
    sandbox_->take_output();
  }
  log_.end_lines();
  open_call_ = Report{.id = invocation_->id,
                      .milliseconds = milliseconds_since(began_),
                      .memory_mb = program_.settings.memory_mb,
                      .status = std::move(status),
                      .error_type = result.error_type,
                      .trace = invocation_->trace};
  log_.tell(runtime_done(*open_call_, result.payload.size()));
  // Extensions that hear of calls are a part of them: then the report comes when they are through.
  if (state_ != State::answered || extensions_.have_finished()) close_call();
  result.version = version_text();
  result.milliseconds = milliseconds_since(began_);
  if (invocation_->wants_log) result.log_tail = log_.take_tail();
  result.was_streamed = std::exchange(is_streaming_, false);
  response_ = nullptr;
  is_cut_ = false;
  auto done = std::move(invocation_->done);
  invocation_.reset();
  if (done) done(std::move(result));
}

/// The log tells of its end.
void Instance::close_call() {
  if (!open_call_) return;
  Report report = *std::exchange(open_call_, std::nullopt);
  log_.end_lines();
  report.milliseconds = milliseconds_since(began_);
  report.init_milliseconds = std::exchange(init_milliseconds_, std::nullopt);
  report.peak_bytes = is_running_ ? sandbox_->peak_memory() : 0;
  log_.tell(call_end(report.id));
  log_.tell(call_report(report));
}

}  // namespace matinee::lambda

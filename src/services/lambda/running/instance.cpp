#include "services/lambda/running/instance.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "protocol/error.h"
#include "protocol/json_writer.h"
#include "runtime/assertion.h"
#include "services/lambda/catalog/names.h"
#include "services/lambda/catalog/runtimes.h"

namespace matinee::lambda {

namespace {

using protocol::HttpResponse;

constexpr runtime::Duration init_limit = std::chrono::seconds(10);
constexpr std::size_t longest_answer = 6'291'556;
constexpr std::size_t longest_tail = 4096;
constexpr int accepted = 202;
constexpr int bad_request = 400;
constexpr int forbidden = 403;
constexpr int not_found = 404;
constexpr int too_large = 413;

HttpResponse json_reply(int status, std::string body) {
  HttpResponse response{.status = status};
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

HttpResponse error_reply(int status, std::string_view type, std::string_view message) {
  std::string body = "{\"errorMessage\":";
  protocol::json::append_string(body, message);
  body += ",\"errorType\":";
  protocol::json::append_string(body, type);
  return json_reply(status, body + "}");
}

HttpResponse accepted_reply() {
  return json_reply(accepted, "{\"status\":\"OK\"}\n");
}

/// Of the header that tells the kind of an error: kept where it is of AWS's form.
std::string error_type_of(const protocol::HttpRequest& request) {
  const std::string type(request.headers.find("Lambda-Runtime-Function-Error-Type").value_or(""));
  if (type.starts_with("Runtime.") || type.starts_with("Function.")) return type;
  return type.starts_with("Runtime") ? "Runtime.Unknown" : "Function.Unknown";
}

/// Of the document that a runtime sends; empty where it has none.
std::string error_message_of(const std::string& document) {
  simdjson::dom::parser parser;
  std::string_view message;
  if (parser.parse(document)["errorMessage"].get(message) != simdjson::SUCCESS) return {};
  return std::string(message);
}

std::string error_document(std::string_view type, std::string_view message) {
  std::string body = "{\"errorType\":";
  protocol::json::append_string(body, type);
  body += ",\"errorMessage\":";
  protocol::json::append_string(body, message);
  return body + "}";
}

}  // namespace

Instance::Instance(const Machine& machine, InstanceOwner& owner, Program program)
    : machine_(machine),
      owner_(owner),
      program_(std::move(program)),
      system_lines_(program_.settings.logging) {
  stream_ =
      log_stream_name(program_.version, program_.settings, now(), machine_.runtime.random.uuid());
}

Instance::~Instance() {
  *lives_ = false;
  real_clock().cancel(timer_);
  if (port_ != 0) machine_.ports.close(port_);
}

double Instance::milliseconds_since(runtime::Duration start) const {
  return std::chrono::duration<double, std::milli>(machine_.runtime.loop.elapsed() - start).count();
}

void Instance::start() {
  hold_.emplace(machine_.runtime.clock);
  machine_.runtime.loop.post([this, lives = lives_] {
    if (*lives) unpack_next();
  });
}

/// One archive after the other: the code, then the layers.
void Instance::unpack_next() {
  const SourceRecord source = program_.settings.source.value_or(SourceRecord{});
  if (!task_ && program_.settings.is_hot()) task_ = machine_.sandboxes.folder(source.key);
  const bool is_code = !task_;
  if (!is_code && layers_.size() == program_.layers.size()) return launch();
  const std::string id = is_code ? program_.settings.package : program_.layers[layers_.size()];
  const auto take = [this, is_code](std::shared_ptr<runtime::CodeFolder> folder) {
    if (is_code) {
      task_ = std::move(folder);
    } else {
      layers_.push_back(std::move(folder));
    }
    unpack_next();
  };
  if (auto folder = machine_.sandboxes.find_unpacked(id)) return take(std::move(folder));
  std::string archive;
  try {
    archive = machine_.read_package(id);
  } catch (const std::exception& error) {
    return give_up(error.what());
  }
  machine_.sandboxes.unpack(
      id, std::move(archive),
      [this, lives = lives_,
       take](std::expected<std::shared_ptr<runtime::CodeFolder>, std::string> folder) {
        if (!*lives) return;
        if (!folder) return give_up(std::move(folder.error()));
        take(*std::move(folder));
      });
}

void Instance::launch() {
  const std::expected<std::uint16_t, std::string> port = machine_.ports.open(*this);
  if (!port) return give_up(port.error());
  port_ = *port;
  const Settings& settings = program_.settings;
  Launch launch;
  std::vector<std::string> folders{task_->path()};
  for (const auto& layer : layers_) folders.push_back(layer->path());
  try {
    launch = machine_.launch_of(settings, folders);
  } catch (const protocol::ServiceError& error) {
    return give_up(error.message());
  }
  state_ = State::initializing;
  init_began_ = machine_.runtime.loop.elapsed();
  write_line(system_lines_.init_start(
      settings.runtime,
      runtime_version_arn(std::get<1>(program_.version), settings.runtime, settings.architecture),
      now()));
  if (!launch.remark.empty()) write_line(launch.remark + "\n");
  constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
  constexpr double megabytes_of_a_processor = 1769;  // as AWS documents it
  const auto memory = static_cast<std::uint64_t>(settings.memory_mb);
  runtime::SandboxSpec spec{
      .command = std::move(launch.command),
      .environment = environment_of(program_, port_, stream_),
      .task = task_,
      .layers = layers_,
      .folders = std::move(launch.folders),
      .memory_bytes = memory * megabyte,
      .scratch_bytes = static_cast<std::uint64_t>(settings.scratch_mb) * megabyte,
      .processors = static_cast<double>(memory) / megabytes_of_a_processor};
  sandbox_ = machine_.sandboxes.start(std::move(spec), *this, "");
  set_timer(init_limit);
}

/// Before the program runs.
void Instance::give_up(std::string reason) {
  state_ = State::ended;
  hold_.reset();
  write_line(reason + "\n");
  keep_lines();
  owner_.on_ended(*this, failed("Runtime.InvalidEntrypoint", std::move(reason)));
}

void Instance::set_timer(runtime::Duration after) {
  real_clock().cancel(timer_);
  timer_ = real_clock().call_at(real_clock().now() + after, [this] { on_time_out(); });
}

/// Nothing of a program that has not come to an end can be used again.
void Instance::on_time_out() {
  timer_ = runtime::TimerId::none;
  has_timed_out_ = true;
  state_ = State::ending;
  sandbox_->kill();
}

void Instance::retire() {
  is_retired_ = true;
  if (state_ == State::idle && sandbox_) {
    state_ = State::ending;
    sandbox_->kill();
  }
}

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
  tail_.clear();
  write_line(system_lines_.start(call.id, text_of_version(std::get<3>(program_.version)), now()));
  began_ = machine_.runtime.loop.elapsed();
  set_timer(limit);
  HttpResponse response;
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
  if (!path.starts_with(base)) return reply(error_reply(not_found, "NotFound", "No such path"));
  path.remove_prefix(base.size());
  constexpr std::string_view invocation = "invocation/";
  const bool is_get = request.http.method == "GET";
  if (is_get && path == "invocation/next") return give_next(std::move(reply));
  if (!is_get && path == "init/error") return take_init_error(std::move(request), std::move(reply));
  if (!is_get && path.starts_with(invocation)) {
    const std::string rest(path.substr(invocation.size()));
    return take_result(std::move(request), rest, std::move(reply));
  }
  reply(error_reply(not_found, "NotFound", "No such path"));
}

void Instance::give_next(services::LocalReply reply) {
  if (state_ != State::initializing && state_ != State::answered) {
    return reply(error_reply(forbidden, "InvalidStateTransition",
                             "State transition from Running to Ready failed for runtime. Error: "
                             "State transition is not allowed"));
  }
  next_ = std::move(reply);
  if (state_ == State::initializing) {
    init_milliseconds_ = milliseconds_since(init_began_);
    was_ready_ = true;
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
  if (kind != "response" && kind != "error")
    return reply(error_reply(not_found, "NotFound", "No such path"));
  if (state_ == State::answered)
    return reply(error_reply(forbidden, "InvalidStateTransition",
                             "State transition from InvocationResponse to InvocationResponse "
                             "failed for runtime. Error: State transition is not allowed"));
  if (state_ != State::busy || !invocation_ || invocation_->id != id)
    return reply(error_reply(bad_request, "InvalidRequestID", "Invalid request ID"));
  std::string body = std::move(request.http.body.bytes);
  const bool is_streamed =
      request.http.headers.find("Lambda-Runtime-Function-Response-Mode") == "streaming";
  if (request.is_too_large || (!is_streamed && body.size() > longest_answer)) {
    reply(error_reply(
        too_large, "RequestEntityTooLarge",
        fmt::format("Exceeded maximum allowed payload size ({} bytes).", longest_answer)));
    Result result = failed("Function.ResponseSizeTooLarge",
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
    return reply(error_reply(forbidden, "InvalidStateTransition",
                             "State transition from Ready to InitError failed for runtime. Error: "
                             "State transition is not allowed"));
  init_error_ = std::move(request.http.body.bytes);
  init_error_type_ = error_type_of(request.http);
  reply(accepted_reply());
}

Result Instance::failed(std::string type, std::string message) const {
  Result result{.function_error = "Unhandled",
                .error_type = std::move(type),
                .error_message = std::move(message)};
  result.payload = error_document(result.error_type, result.error_message);
  return result;
}

/// Tells the caller at once; the program may go on until it asks for the next one.
void Instance::finish(Result result, std::string status) {
  if (state_ == State::busy) {
    state_ = State::answered;
    // What it wrote before its answer belongs to this call.
    sandbox_->take_output();
  }
  std::vector<LogText> last;
  cutter_.finish(now(), last);
  for (LogText& line : last) write_line(std::move(line.text));
  write_line(system_lines_.end(invocation_->id));
  write_line(
      system_lines_.report({.id = invocation_->id,
                            .milliseconds = milliseconds_since(began_),
                            .init_milliseconds = std::exchange(init_milliseconds_, std::nullopt),
                            .memory_mb = program_.settings.memory_mb,
                            .peak_bytes = sandbox_ ? sandbox_->peak_memory() : 0,
                            .status = std::move(status),
                            .error_type = result.error_type},
                           now()));
  result.version = text_of_version(std::get<3>(program_.version));
  if (invocation_->wants_log) {
    if (tail_.size() > longest_tail) tail_.erase(0, tail_.size() - longest_tail);
    result.log_tail = tail_;
  }
  auto done = std::move(invocation_->done);
  invocation_.reset();
  if (done) done(std::move(result));
}

void Instance::on_output(runtime::SandboxOutput output) {
  if (output.kind == runtime::OutputKind::framed) return write_line(std::move(output.bytes));
  std::vector<LogText> lines;
  cutter_.add(output.bytes, now(), lines);
  for (LogText& line : lines) write_line(std::move(line.text));
}

void Instance::on_end(const runtime::SandboxEnd& end) {
  real_clock().cancel(std::exchange(timer_, runtime::TimerId::none));
  state_ = State::ended;
  next_ = nullptr;
  const std::string id = invocation_ ? invocation_->id : machine_.runtime.random.uuid();
  Result result;
  std::string status = "error";
  if (init_error_ && !was_ready_) {
    result = {
        .payload = *init_error_, .function_error = "Unhandled", .error_type = init_error_type_};
  } else if (has_timed_out_) {
    const double limit = was_ready_ ? program_.settings.timeout_seconds
                                    : std::chrono::duration<double>(init_limit).count();
    result =
        failed("Sandbox.Timedout",
               fmt::format("RequestId: {} Error: Task timed out after {:.2f} seconds", id, limit));
    write_line(
        fmt::format("{} {} Task timed out after {:.2f} seconds\n", time_text(now()), id, limit));
    status = "timeout";
  } else if (!end.failure.empty()) {
    result = failed("Runtime.InvalidEntrypoint",
                    fmt::format("RequestId: {} Error: {}", id, end.failure));
  } else if (end.out_of_memory) {
    result =
        failed("Runtime.OutOfMemory",
               fmt::format("RequestId: {} Error: Runtime exited with error: signal: killed", id));
  } else {
    std::string reason = "Runtime exited without providing a reason";
    if (end.signal != 0) reason = fmt::format("Runtime exited with error: signal: {}", end.signal);
    if (end.exit_status != 0)
      reason = fmt::format("Runtime exited with error: exit status {}", end.exit_status);
    result = failed("Runtime.ExitError", fmt::format("RequestId: {} Error: {}", id, reason));
  }
  if (!has_timed_out_ && !result.error_message.empty() && (invocation_ || !was_ready_))
    write_line(result.error_message + "\n");
  std::optional<Result> failure;
  if (invocation_) {
    finish(std::move(result), status);
  } else if (!was_ready_) {
    failure = std::move(result);
  }
  hold_.reset();
  keep_lines();
  owner_.on_ended(*this, std::move(failure));
}

void Instance::write_line(std::string text) {
  if (text.empty()) return;
  if (invocation_ && invocation_->wants_log) {
    tail_ += text;
    if (tail_.size() > 2 * longest_tail) tail_.erase(0, tail_.size() - longest_tail);
  }
  lines_.push_back({.time = now(), .text = std::move(text)});
  if (std::exchange(is_keeping_, true)) return;
  machine_.runtime.loop.post([this, lives = lives_] {
    if (*lives) keep_lines();
  });
}

void Instance::keep_lines() {
  is_keeping_ = false;
  if (!lines_.empty())
    machine_.keep_lines(program_.version, program_.settings, stream_, std::exchange(lines_, {}));
}

}  // namespace matinee::lambda

#include "library/runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "library/environment.h"
#include "library/http.h"
#include "library/log.h"

namespace lambda {

namespace {

constexpr std::string_view base = "/2018-06-01/runtime";

/// Where the Runtime API listens: "host:port", or "unix:PATH".
HttpConnection connection_to(const std::string& address) {
  constexpr std::string_view unix = "unix:";
  if (address.starts_with(unix))
    return {[path = address.substr(unix.size())](Milliseconds) { return connect_to_path(path); },
            "localhost"};
  const Url url = Url::parse("http://" + address);
  return {[url](Milliseconds) { return connect_to(url.host, url.port, no_limit); },
          url.authority()};
}

Context read_context(const HttpReply& event) {
  Context context{.request_id = std::string(event.header("Lambda-Runtime-Aws-Request-Id")),
                  .function_arn = std::string(event.header("Lambda-Runtime-Invoked-Function-Arn")),
                  .trace_id = std::string(event.header("Lambda-Runtime-Trace-Id")),
                  .client_context = std::string(event.header("Lambda-Runtime-Client-Context")),
                  .cognito_identity = std::string(event.header("Lambda-Runtime-Cognito-Identity")),
                  .tenant_id = std::string(event.header("Lambda-Runtime-Aws-Tenant-Id")),
                  .deadline = {}};
  const std::string_view deadline = event.header("Lambda-Runtime-Deadline-Ms");
  std::int64_t milliseconds = 0;
  std::from_chars(deadline.data(), deadline.data() + deadline.size(), milliseconds);
  context.deadline += std::chrono::milliseconds(milliseconds);
  return context;
}

/// AWS takes types of the form category.reason, without blanks.
std::string error_type_header(const std::string& type) {
  std::string header =
      type.starts_with("Runtime.") || type.starts_with("Function.") ? type : "Function." + type;
  std::ranges::replace_if(
      header, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }, '_');
  return header;
}

class Loop {
 public:
  explicit Loop(const std::string& address) : api_(connection_to(address)) {}

  void report_init_error(const ErrorDocument& error) { post_error("/init/error", error); }

  void serve_one(const Handler& handler) {
    const HttpReply event =
        api_.send({.method = "GET", .target = std::string(base) + "/invocation/next"}, no_limit);
    if (event.status != 200)
      throw FunctionError("Runtime.ApiError", fmt::format("The Runtime API answers {} to next: {}",
                                                          event.status, event.body));
    const Context context = read_context(event);
    set_log_request(context.request_id);
    if (context.trace_id.empty())
      unsetenv("_X_AMZN_TRACE_ID");
    else
      setenv("_X_AMZN_TRACE_ID", context.trace_id.c_str(), 1);
    std::string answer;
    try {
      answer = handler(event.body, context);
    } catch (...) {
      const ErrorDocument error = describe_current_exception();
      log(Level::error, error.message, {{"errorType", error.type}});
      post_error("/invocation/" + context.request_id + "/error", error);
      return;
    }
    post("/invocation/" + context.request_id + "/response", std::move(answer), {});
  }

 private:
  HttpConnection api_;

  void post(const std::string& path, std::string body, Headers headers) {
    headers.emplace_back("Content-Type", "application/json");
    const HttpReply reply = api_.send({.method = "POST",
                                       .target = std::string(base) + path,
                                       .headers = std::move(headers),
                                       .body = std::move(body)},
                                      no_limit);
    // Too large an answer is the caller's to hear of; the function goes on.
    if (reply.status == 413)
      log(Level::error, "The answer is too large for Lambda.");
    else if (reply.status >= 300)
      throw FunctionError("Runtime.ApiError", fmt::format("The Runtime API answers {} to {}: {}",
                                                          reply.status, path, reply.body));
  }

  void post_error(const std::string& path, const ErrorDocument& error) {
    post(path, error.json, {{"Lambda-Runtime-Function-Error-Type", error_type_header(error.type)}});
  }
};

}  // namespace

std::chrono::milliseconds Context::remaining() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::system_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

std::chrono::system_clock::time_point Context::work_until() const {
  return deadline - std::min(std::chrono::milliseconds(500), remaining() / 10);
}

int run(const std::function<Handler()>& make) {
  try {
    Loop loop(require_variable("AWS_LAMBDA_RUNTIME_API"));
    Handler handler;
    try {
      handler = make();
    } catch (...) {
      const ErrorDocument error = describe_current_exception();
      log(Level::fatal, error.message, {{"errorType", error.type}});
      loop.report_init_error(error);
      return 1;
    }
    while (true) loop.serve_one(handler);
  } catch (const std::exception& error) {
    log(Level::fatal, error.what());
    return 1;
  }
}

}  // namespace lambda

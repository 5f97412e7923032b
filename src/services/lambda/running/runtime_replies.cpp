#include "services/lambda/running/runtime_replies.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/json_writer.h"

namespace matinee::lambda {

namespace {

using protocol::HttpResponse;

constexpr int accepted = 202;
constexpr int forbidden = 403;
constexpr int not_found = 404;

}  // namespace

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

HttpResponse unknown_path_reply() {
  return error_reply(not_found, "NotFound", "No such path");
}

HttpResponse wrong_state_reply(std::string_view from, std::string_view to,
                               std::string_view subject) {
  return error_reply(forbidden, "InvalidStateTransition",
                     fmt::format("State transition from {} to {} failed for {}. Error: State "
                                 "transition is not allowed",
                                 from, to, subject));
}

std::string error_type_of(const protocol::HttpRequest& request) {
  const std::string type(request.headers.find("Lambda-Runtime-Function-Error-Type").value_or(""));
  if (type.starts_with("Runtime.") || type.starts_with("Function.")) return type;
  return type.starts_with("Runtime") ? "Runtime.Unknown" : "Function.Unknown";
}

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

Result failed_result(std::string type, std::string message) {
  Result result{.function_error = "Unhandled",
                .error_type = std::move(type),
                .error_message = std::move(message)};
  result.payload = error_document(result.error_type, result.error_message);
  return result;
}

}  // namespace matinee::lambda

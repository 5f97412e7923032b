#include "protocol/aws_json.h"

#include "protocol/json.h"
#include "protocol/wire_error.h"

namespace matinee::protocol::aws_json {
namespace {

/// All that services of this protocol stream are events.
constexpr std::string_view event_stream_type = "application/vnd.amazon.eventstream";

std::string content_type(const ServiceModel& service) {
  return "application/x-amz-json-" + std::string(service.json_version);
}

/// The members that an error has beside its message, after those already written.
void append_error_members(std::string& out, const ServiceError& error) {
  const void* members = error.members();
  if (!members || !error.info() || !error.info()->members) return;
  std::string text;
  json::append_structure(text, *error.info()->members, members);
  if (text.size() <= 2) return;
  text.front() = ',';
  text.pop_back();
  out += text;
}

/// What a client says of an error reply that is no JSON: proxies send such.
json::ErrorDocument read_document(std::string& text) {
  try {
    return json::read_error(text);
  } catch (const ServiceError&) {
    return {.type = "", .message = text.substr(0, 1000)};
  }
}

}  // namespace

void decode_request(const Operation& operation, HttpRequest& request, void* object,
                    Violations& violations) {
  json::read(*operation.input, request.body.bytes, object, &violations);
}

HttpResponse encode_response(const Operation& operation, const void* object,
                             std::string_view request_id) {
  HttpResponse response;
  response.status = operation.status;
  response.headers.add("x-amzn-RequestId", request_id);
  if (operation.streaming_output) {
    response.headers.add("Content-Type", event_stream_type);
    response.body = *static_cast<const Body*>(operation.output->payload->find(object));
    return response;
  }
  response.headers.add("Content-Type", content_type(*operation.service));
  if (!operation.output->fields.empty()) {
    response.body.bytes.reserve(1024);
    // The older protocol cannot tell an empty list from none, and batches do not tell either: where
    // nothing has failed there is no "Failed".
    const bool batch = operation.service->also_query && operation.name.ends_with("Batch");
    const auto empty_lists = batch ? json::EmptyLists::left_out : json::EmptyLists::kept;
    json::append_structure(response.body.bytes, *operation.output, object, empty_lists);
  }
  return response;
}

HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id) {
  HttpResponse response;
  response.status = error.status();
  response.headers.add("x-amzn-RequestId", request_id);
  response.headers.add("Content-Type", content_type(service));
  if (service.also_query) response.headers.add("x-amzn-query-error", query_error(error));
  std::string& out = response.body.bytes;
  out = "{\"__type\":";
  json::append_string(out, qualified_error_name(service, error));
  if (!has_no_message(service, error)) {
    out += ',';
    json::append_member(out, message_name(service, error));
    json::append_string(out, error.message());
  }
  append_error_members(out, error);
  out += '}';
  return response;
}

HttpRequest encode_request(const Operation& operation, const void* object) {
  HttpRequest request;
  request.method = "POST";
  request.target = request.path = "/";
  const ServiceModel& service = *operation.service;
  request.headers.add("Content-Type", content_type(service));
  request.headers.add("X-Amz-Target",
                      std::string(service.target_prefix) + "." + std::string(operation.name));
  request.body.bytes.reserve(1024);
  json::append_structure(request.body.bytes, *operation.input, object);
  return request;
}

void decode_response(const Operation& operation, HttpResponse& response, void* object) {
  json::read(*operation.output, response.body.bytes, object, nullptr);
}

std::shared_ptr<ServiceError> decode_error(const Operation& operation,
                                           const HttpResponse& response) {
  std::string text = response.body.bytes;
  const json::ErrorDocument document = read_document(text);
  std::string name(plain_error_name(document.type));
  if (name.empty()) name = plain_error_name(response.headers.find("x-amzn-errortype").value_or(""));
  std::string code = name;
  if (const auto header = response.headers.find("x-amzn-query-error"))
    code = header->substr(0, header->find(';'));
  if (code.empty()) code = code_of_status(response.status);
  auto error = make_error(
      operation,
      {.name = name, .code = code, .status = response.status, .message = document.message});
  if (error->members() && error->info()->members) {
    // The object was made right here and is not constant; its interface for readers is.
    json::read(*error->info()->members, text, const_cast<void*>(error->members()), nullptr);
  }
  return error;
}

}  // namespace matinee::protocol::aws_json

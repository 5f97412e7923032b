// Replies of the query protocol in JSON: the same documents as in XML, for clients that ask for it.
#include "protocol/json_writer.h"
#include "protocol/query.h"

namespace matinee::protocol::query {
namespace {

HttpResponse new_json_response(int status, std::string_view request_id) {
  HttpResponse response;
  response.status = status;
  response.headers.add("x-amzn-RequestId", request_id);
  response.headers.add("Content-Type", "application/json");
  return response;
}

/// "messages" of Messages: AWS writes the lists of a result so, and all other members as they are.
std::string result_member(const Field& field) {
  std::string name(field.name);
  if (field.type->kind == Kind::list && name[0] >= 'A' && name[0] <= 'Z')
    name[0] = static_cast<char>(name[0] | 0x20);
  return name;
}

void append_result(std::string& out, const Structure& structure, const void* object) {
  std::string_view separator = "{";
  for (const Field& field : structure.fields) {
    out += std::exchange(separator, ",");
    json::append_member(out, result_member(field));
    const void* value = field.find(object);
    if (value) {
      json::append_value(out, *field.type, value);
    } else {
      out += "null";
    }
  }
  out += separator == "{" ? "{}" : "}";
}

}  // namespace

HttpResponse encode_json_response(const Operation& operation, const void* object,
                                  std::string_view request_id) {
  HttpResponse response = new_json_response(operation.status, request_id);
  std::string& out = response.body.bytes;
  out += '{';
  json::append_member(out, std::string(operation.name) + "Response");
  out += '{';
  if (!operation.output->fields.empty()) {
    json::append_member(out, result_name(operation));
    append_result(out, *operation.output, object);
    out += ',';
  }
  out += "\"ResponseMetadata\":{\"RequestId\":";
  json::append_string(out, request_id);
  out += "}}}";
  return response;
}

HttpResponse encode_json_error(const ServiceModel& service, const ServiceError& error,
                               std::string_view request_id) {
  if (error.name() == "UnknownOperationException") return encode_error(service, error, request_id);
  HttpResponse response = new_json_response(error.status(), request_id);
  std::string& out = response.body.bytes;
  out += "{\"Error\":{\"Code\":";
  json::append_string(out, code_of(service, error));
  out += ",\"Message\":";
  json::append_string(out, message_of(error));
  out += ",\"Type\":";
  json::append_string(out, error.sender_fault() ? "Sender" : "Receiver");
  out += "},\"RequestId\":";
  json::append_string(out, request_id);
  out += '}';
  return response;
}

}  // namespace matinee::protocol::query

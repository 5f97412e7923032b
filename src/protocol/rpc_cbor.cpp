#include "protocol/rpc_cbor.h"

#include "protocol/cbor.h"
#include "protocol/wire_error.h"

namespace matinee::protocol::rpc_cbor {
namespace {

HttpResponse new_response(int status, std::string_view request_id) {
  HttpResponse response;
  response.status = status;
  response.headers.add("x-amzn-RequestId", request_id);
  response.headers.add("smithy-protocol", protocol_name);
  response.headers.add("Content-Type", "application/cbor");
  return response;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  cbor::append_text(out, name);
  cbor::append_text(out, text);
}

}  // namespace

void decode_request(const Operation& operation, const HttpRequest& request, void* object,
                    Violations& violations) {
  cbor::read(*operation.input, request.body.bytes, object, &violations);
}

HttpResponse encode_response(const Operation& operation, const void* object,
                             std::string_view request_id) {
  HttpResponse response = new_response(operation.status, request_id);
  cbor::append_structure(response.body.bytes, *operation.output, object);
  return response;
}

HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id) {
  HttpResponse response = new_response(error.status(), request_id);
  if (service.also_query) response.headers.add("x-amzn-query-error", query_error(error));
  std::string& out = response.body.bytes;
  cbor::append_map_start(out);
  append_member(out, "__type", qualified_error_name(service, error));
  if (!has_no_message(service, error))
    append_member(out, message_name(service, error), error.message());
  if (const void* members = error.members(); members && error.info() && error.info()->members)
    cbor::append_members(out, *error.info()->members, members);
  cbor::append_break(out);
  return response;
}

}  // namespace matinee::protocol::rpc_cbor

#include "protocol/codec.h"

#include "protocol/aws_json.h"
#include "protocol/query.h"
#include "protocol/rest.h"
#include "protocol/rpc_cbor.h"

namespace matinee::protocol {
namespace {

bool is_rest(Protocol used) {
  return used == Protocol::rest_xml || used == Protocol::rest_json;
}

}  // namespace

Violations decode_request(const Operation& operation, Protocol used, HttpRequest& request,
                          void* object) {
  Violations violations;
  if (used == Protocol::json)
    aws_json::decode_request(operation, request, object, violations);
  else if (used == Protocol::cbor)
    rpc_cbor::decode_request(operation, request, object, violations);
  else if (is_query(used))
    query::decode_request(operation, request, object, violations);
  else
    rest::decode_request(operation, request, object, violations);
  return violations;
}

HttpResponse encode_response(const Operation& operation, Protocol used, const void* object,
                             std::string_view request_id) {
  if (used == Protocol::json) return aws_json::encode_response(operation, object, request_id);
  if (used == Protocol::cbor) return rpc_cbor::encode_response(operation, object, request_id);
  if (used == Protocol::query) return query::encode_response(operation, object, request_id);
  if (used == Protocol::query_json)
    return query::encode_json_response(operation, object, request_id);
  return rest::encode_response(operation, object, false, request_id);
}

HttpResponse encode_response(const Operation& operation, Protocol used, void* object,
                             std::string_view request_id) {
  if (is_rest(used)) return rest::encode_response(operation, object, true, request_id);
  return encode_response(operation, used, static_cast<const void*>(object), request_id);
}

HttpResponse encode_error(const ServiceModel& service, Protocol used, const ServiceError& error,
                          std::string_view request_id) {
  if (used == Protocol::json) return aws_json::encode_error(service, error, request_id);
  if (used == Protocol::cbor) return rpc_cbor::encode_error(service, error, request_id);
  if (used == Protocol::query) return query::encode_error(service, error, request_id);
  if (used == Protocol::query_json) return query::encode_json_error(service, error, request_id);
  return rest::encode_error(service, error, request_id);
}

void leave_query_mode(const ServiceModel& service, Protocol used, const ServiceError& error,
                      HttpResponse& response) {
  if (!service.heeds_query_mode || (used != Protocol::json && used != Protocol::cbor)) return;
  response.headers.erase("x-amzn-query-error");
  if (error.info() && response.status < 500) response.status = 400;
}

HttpRequest encode_request(const Operation& operation, const void* object) {
  const Protocol used = operation.service->protocol;
  if (used == Protocol::json) return aws_json::encode_request(operation, object);
  if (used == Protocol::query) return query::encode_request(operation, object);
  return rest::encode_request(operation, object);
}

void decode_response(const Operation& operation, HttpResponse& response, void* object) {
  const Protocol used = operation.service->protocol;
  try {
    if (used == Protocol::json) return aws_json::decode_response(operation, response, object);
    if (used == Protocol::query) return query::decode_response(operation, response, object);
    return rest::decode_response(operation, response, object);
  } catch (const ServiceError& error) {
    if (error.name() != "SerializationException" && error.name() != "MalformedXML") throw;
    throw ServiceError("SerializationException", 500,
                       "The reply cannot be understood: " + error.message());
  }
}

std::shared_ptr<ServiceError> decode_error(const Operation& operation,
                                           const HttpResponse& response) {
  const Protocol used = operation.service->protocol;
  if (used == Protocol::json || used == Protocol::rest_json)
    return aws_json::decode_error(operation, response);
  return query::decode_error(operation, response);
}

}  // namespace matinee::protocol

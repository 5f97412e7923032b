// The protocols awsJson1_0 and awsJson1_1: one POST to "/" whose X-Amz-Target names the operation,
// JSON both ways. The functions are those of codec.h.
#pragma once

#include "protocol/codec.h"

namespace matinee::protocol::aws_json {

void decode_request(const Operation& operation, HttpRequest& request, void* object,
                    Violations& violations);
HttpResponse encode_response(const Operation& operation, const void* object,
                             std::string_view request_id);
HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id);

HttpRequest encode_request(const Operation& operation, const void* object);
void decode_response(const Operation& operation, HttpResponse& response, void* object);
std::shared_ptr<ServiceError> decode_error(const Operation& operation,
                                           const HttpResponse& response);

}  // namespace matinee::protocol::aws_json

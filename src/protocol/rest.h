// The REST protocols: members travel in the path, the query string, headers and the status, and the
// rest in the body, as XML (rest_xml) or JSON (rest_json). The functions are those of codec.h.
#pragma once

#include "protocol/codec.h"

namespace matinee::protocol::rest {

void decode_request(const Operation& operation, HttpRequest& request, void* object,
                    Violations& violations);
/// With `may_move` a streamed payload is moved out of `object`, which then must not be constant.
HttpResponse encode_response(const Operation& operation, const void* object, bool may_move,
                             std::string_view request_id);
HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id);

HttpRequest encode_request(const Operation& operation, const void* object);
/// Throws the error that some of S3's replies with status 200 have for a body.
void decode_response(const Operation& operation, HttpResponse& response, void* object);

}  // namespace matinee::protocol::rest

// The query protocol: a form as request, whose parameter names spell out the path to each member
// ("Entries.member.1.Id"), and XML as reply. The functions are those of codec.h.
#pragma once

#include "protocol/codec.h"

namespace matinee::protocol::query {

/// Takes parameters from the form in the body and from the query string alike. A QueueUrl that SQS
/// clients leave out, because the request goes to the queue's own URL, is made from that.
void decode_request(const Operation& operation, HttpRequest& request, void* object,
                    Violations& violations);
HttpResponse encode_response(const Operation& operation, const void* object,
                             std::string_view request_id);
HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id);

/// The reply of the same shape in JSON, for clients that say "Accept: application/json". Members
/// that are absent are null, and the names of the result's lists begin with a small letter.
HttpResponse encode_json_response(const Operation& operation, const void* object,
                                  std::string_view request_id);
HttpResponse encode_json_error(const ServiceModel& service, const ServiceError& error,
                               std::string_view request_id);

// What both forms of a reply say.

/// Some errors have kept in this protocol the words that programs of its time search for.
std::string_view message_of(const ServiceError& error);
std::string_view code_of(const ServiceModel& service, const ServiceError& error);
/// "ListQueuesResult"
std::string result_name(const Operation& operation);

HttpRequest encode_request(const Operation& operation, const void* object);
void decode_response(const Operation& operation, HttpResponse& response, void* object);
/// Also reads the errors of REST XML, which are alike.
std::shared_ptr<ServiceError> decode_error(const Operation& operation,
                                           const HttpResponse& response);

}  // namespace matinee::protocol::query

// Requests, responses and errors as HTTP messages, in both directions: what a server reads is what
// a client writes. One implementation for every operation, driven by the tables of its model.
//
// Everything here is stateless and may be called on any thread. No input, however malformed, does
// more than throw ServiceError.
#pragma once

#include <memory>
#include <string_view>

#include "protocol/error.h"
#include "protocol/http.h"
#include "protocol/operation.h"
#include "protocol/violation.h"

namespace matinee::protocol {

// The server's side. `used` is the protocol of this very request: the service's own, or `query`
// where the service also speaks the older query protocol, or `query_json` where that is to be
// answered in JSON.

/// Fills `object`, a fresh object of `operation.input`, from the request. The path must be in path
/// style ("/bucket/key") for S3. Gives the required members that are missing; their fields keep
/// what the fresh object had. A streamed payload is moved out of `request.body`, and other bodies
/// may be given more capacity; no content changes.
///
/// Throws ServiceError where the request cannot be understood: SerializationException (JSON and
/// CBOR, 400),
/// MalformedXML or InvalidArgument (REST XML, 400), MalformedQueryString or
/// MalformedInput (query, 400).
Violations decode_request(const Operation& operation, Protocol used, HttpRequest& request,
                          void* object);

/// The reply to a request that succeeded. `object` is of `operation.output`.
HttpResponse encode_response(const Operation& operation, Protocol used, const void* object,
                             std::string_view request_id);
/// As above, and moves a streamed payload out of `object` instead of copying it.
HttpResponse encode_response(const Operation& operation, Protocol used, void* object,
                             std::string_view request_id);

/// The reply to a request that failed. Always with a body: whoever answers HEAD leaves it out.
HttpResponse encode_error(const ServiceModel& service, Protocol used, const ServiceError& error,
                          std::string_view request_id);

/// Takes back from a reply of encode_error what only clients are told that have sent
/// "x-amzn-query-mode: true": for those that have not, in JSON or CBOR.
void leave_query_mode(const ServiceModel& service, Protocol used, const ServiceError& error,
                      HttpResponse& response);

// The client's side, in the service's own protocol.

/// The request without Host, signature and endpoint: `target` is path-style ("/bucket/key?x=y"),
/// and `path` and `query` agree with it. Content-Type is set; Content-Length is the sender's.
/// A required member of the URI that is empty throws ServiceError "ValidationException" (400).
HttpRequest encode_request(const Operation& operation, const void* object);

/// Fills `object`, a fresh object of `operation.output`, from a reply with a status below 300. A
/// streamed payload is moved out of `response.body`.
/// Throws ServiceError "SerializationException" (status 500) where the reply cannot be understood.
void decode_response(const Operation& operation, HttpResponse& response, void* object);

/// The error that a reply with a status of 300 or more tells of: of the generated type where the
/// model names the error among the operation's (`error->is<T>()`, with members), else with the
/// reply's code. A reply without a body has its status for a code, but 404 is "NotFound" and so on
/// as AWS SDKs name them. Use `error->raise()` to throw it without losing its type.
std::shared_ptr<ServiceError> decode_error(const Operation& operation,
                                           const HttpResponse& response);

}  // namespace matinee::protocol

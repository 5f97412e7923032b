// Members outside of the body: in headers, the query string, the path and the status.
#pragma once

#include "protocol/codec.h"

namespace matinee::protocol::rest {

/// Fills all such members of a request. Missing required ones go to `violations`. Throws
/// ServiceError "InvalidArgument" for texts that are no value of their member's type, "InvalidURI"
/// for a path that cannot be decoded. Dates that are none are ignored, as HTTP asks.
void read_bindings(const Operation& operation, const HttpRequest& request, void* object,
                   Violations& violations);
/// Fills those of a response: headers and status. Texts of a wrong type are ignored.
void read_bindings(const Structure& output, const HttpResponse& response, void* object);

/// Sets target, path, query and headers. Throws ServiceError "ValidationException" where a member
/// of the path is empty.
void write_bindings(const Operation& operation, const void* object, HttpRequest& request);
/// Sets headers and status. Content-Length counts for replies to HEAD only: `head_length`.
void write_bindings(const Operation& operation, const void* object, HttpResponse& response);

}  // namespace matinee::protocol::rest

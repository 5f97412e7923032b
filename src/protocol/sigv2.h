// AWS Signature Version 2 as S3 has it: HMAC-SHA1 over a few headers and the resource, in an
// Authorization header ("AWS KEY:SIGNATURE"), in the query of a presigned URL, or over the policy
// of a form. Claims of both versions are read by sigv4::read_claim.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/sigv4.h"

namespace matinee::protocol::sigv2 {

/// The signature of a message, in base64 as it is sent.
std::string sign(std::string_view secret, std::string_view message);

/// What the client has signed. `request.path` must be in path style; the resource is that of the
/// bucket whether the host or the path has named it.
std::string string_to_sign(const HttpRequest& request, const sigv4::Claim& claim);

/// Whether the claim has the signature of that text. For a bucket that the path names without a
/// slash behind it, clients sign the path with one.
bool verify(const HttpRequest& request, const sigv4::Claim& claim, std::string_view secret);

/// When a request was signed that has its signature in a header: x-amz-date, or else Date. Nothing
/// where neither is a date.
std::optional<runtime::Time> signing_time(const Headers& headers);

}  // namespace matinee::protocol::sigv2

// The errors by which AWS refuses a caller. The same fault has other names in S3, in the older
// query protocol and in JSON services.
#pragma once

#include "gateway/resolve.h"
#include "protocol/error.h"
#include "protocol/sigv4.h"

namespace matinee::gateway {

protocol::ServiceError missing_authentication(const Target& target);
/// Names the part of the Authorization header or of the presigned URL that is missing or malformed.
protocol::ServiceError malformed_authentication(const protocol::sigv4::Claim& claim,
                                                const Target& target);
protocol::ServiceError unsupported_authentication(const Target& target);
protocol::ServiceError unknown_access_key(const protocol::sigv4::Claim& claim,
                                          const Target& target);
/// Of temporary credentials that were issued elsewhere, or to another access key.
protocol::ServiceError unknown_token(const protocol::sigv4::Claim& claim, const Target& target);
protocol::ServiceError token_expired(const protocol::sigv4::Claim& claim, const Target& target);
protocol::ServiceError signature_mismatch(const protocol::sigv4::Claim& claim,
                                          const protocol::sigv4::Computed& computed,
                                          const Target& target);
/// A fault within the scope: wrong service, or a date that is not that of the time stamp.
protocol::ServiceError wrong_scope(std::string message, const Target& target);
protocol::ServiceError time_too_skewed(const protocol::sigv4::Claim& claim, runtime::Time now,
                                       const Target& target);
/// Of a presigned URL that was good until `expiry`.
protocol::ServiceError url_expired(const protocol::sigv4::Claim& claim, runtime::Time expiry,
                                   runtime::Time now);
protocol::ServiceError invalid_query_parameters(std::string message);
protocol::ServiceError payload_mismatch(std::string_view claimed, std::string_view computed);

}  // namespace matinee::gateway

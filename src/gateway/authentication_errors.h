// The errors by which AWS refuses a caller. The same fault has other names in S3, in the older
// query protocol and in JSON services.
#pragma once

#include "gateway/resolve.h"
#include "protocol/error.h"
#include "protocol/sigv4.h"

namespace matinee::gateway {

/// 403, for whoever may not come in at all.
protocol::ServiceError access_denied(std::string message, const Target& target);
protocol::ServiceError missing_authentication(const Target& target);
/// Names the part of the Authorization header or of the presigned URL that is missing or malformed.
protocol::ServiceError malformed_authentication(const protocol::sigv4::Claim& claim,
                                                const Target& target);
protocol::ServiceError unsupported_authentication(const Target& target);
/// Of a presigned URL of S3 without one of its six parameters.
protocol::ServiceError lacking_query_parameters();
/// Of a request to S3 whose signature needs a date.
protocol::ServiceError undated_request();
protocol::ServiceError unknown_access_key(const protocol::sigv4::Claim& claim,
                                          const Target& target);
/// Of temporary credentials that were issued elsewhere, or to another access key.
protocol::ServiceError unknown_token(const protocol::sigv4::Claim& claim, const Target& target);
protocol::ServiceError token_expired(const protocol::sigv4::Claim& claim, const Target& target);
protocol::ServiceError signature_mismatch(const protocol::sigv4::Claim& claim,
                                          const protocol::sigv4::Computed& computed,
                                          const Target& target);
/// Of a signature of version 2, over this text; for S3 only.
protocol::ServiceError signature_mismatch(const protocol::sigv4::Claim& claim,
                                          std::string string_to_sign);
/// The scope's date is not that of the time stamp.
protocol::ServiceError wrong_date(const protocol::sigv4::Claim& claim, const Target& target);
/// The scope names another service than `expected`, which was called.
protocol::ServiceError wrong_service(const protocol::sigv4::Claim& claim, std::string_view expected,
                                     const Target& target);
/// The request has headers that its signature does not cover and that would be obeyed. `names` in
/// small letters, at least one.
protocol::ServiceError headers_not_signed(std::span<const std::string> names, const Target& target);
protocol::ServiceError time_too_skewed(const protocol::sigv4::Claim& claim, runtime::Time now,
                                       const Target& target);
/// Of a presigned URL that was good until `expiry`.
protocol::ServiceError url_expired(const protocol::sigv4::Claim& claim, runtime::Time expiry,
                                   runtime::Time now);
protocol::ServiceError invalid_query_parameters(std::string message);
protocol::ServiceError payload_mismatch(std::string_view claimed, std::string_view computed);

}  // namespace matinee::gateway

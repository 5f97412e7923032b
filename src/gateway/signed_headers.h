// What a signature has to cover, so that nobody on the way can add what the signer did not want.
#pragma once

#include "gateway/resolve.h"
#include "protocol/sigv4.h"

namespace matinee::gateway {

/// Throws ServiceError where the head has a header that would be obeyed and is not signed: Host; of
/// S3 each that begins with "x-amz-", but x-amz-content-sha256 of presigned URLs; of other services
/// X-Amz-Target.
void require_signed(const protocol::HttpRequest& head, const protocol::sigv4::Claim& claim,
                    const Target& target);

/// Whether every header that the claim calls signed is there.
bool has_signed_headers(const protocol::Headers& headers, const protocol::sigv4::Claim& claim);

}  // namespace matinee::gateway

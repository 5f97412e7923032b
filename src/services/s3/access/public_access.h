// What a block against public access says where it refuses.
#pragma once

#include <string>
#include <string_view>

#include "services/context.h"

namespace matinee::s3 {

/// A request that would have let everybody in.
struct PublicRequest {
  std::string_view bucket_account;
  std::string_view action;  // "s3:PutBucketPolicy"
  std::string resource;     // an ARN
};

/// Throws AccessDenied for a list, or a policy, that is public. The message tells callers of the
/// bucket's account which setting it was; others hear nothing of it.
[[noreturn]] void refuse_public_acl(const services::Context& context, const PublicRequest& request);
[[noreturn]] void refuse_public_policy(const services::Context& context,
                                       const PublicRequest& request);

}  // namespace matinee::s3

// The policy of a browser's form: what its signer lets be uploaded.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "runtime/clock.h"
#include "services/s3/forms/multipart_form.h"

namespace matinee::s3 {

/// How long the file may be, in bytes.
struct LengthRange {
  std::uint64_t minimum = 0;
  std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max();
};

/// Checks a form for the bucket against the policy among its fields, base64 as it was sent. The
/// fields are those before the file, and `key` is complete. Throws InvalidPolicyDocument for what
/// is no policy, AccessDenied where it has expired, a condition fails, or a field has none.
LengthRange check_post_policy(const FormFields& fields, const std::string& bucket,
                              runtime::Time now);

}  // namespace matinee::s3

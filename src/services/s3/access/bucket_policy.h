// What a bucket policy may say.
#pragma once

#include <string>

#include "policy/document.h"

namespace matinee::s3 {

/// Reads a policy for the bucket. Throws MalformedPolicy where it is none, too long (20 KB), about
/// another bucket, or about actions that there are not.
policy::Document require_bucket_policy(const std::string& json, const std::string& bucket);

}  // namespace matinee::s3

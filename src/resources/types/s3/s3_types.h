// Types of S3, one file each.
#pragma once

#include "resources/types/coded_type.h"

namespace matinee::resources::types::s3 {

const CodedType& bucket();
const CodedType& bucket_policy();

/// {"Bucket": name}
Value of_bucket(const std::string& name);

}  // namespace matinee::resources::types::s3

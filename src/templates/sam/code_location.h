// Where code lies in S3: "s3://bucket/key?versionId=.." or {Bucket, Key, Version}.
#pragma once

#include <string_view>

#include "templates/tree.h"

namespace matinee::templates::sam {

/// {S3Bucket, S3Key, S3ObjectVersion} of the property of that name. Throws SamFault of `id`.
Value read_code_location(std::string_view id, std::string_view property, const Value& value);

}  // namespace matinee::templates::sam

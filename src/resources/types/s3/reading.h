// A bucket's configurations as S3 tells them, as templates call them.
#pragma once

#include "resources/types/support.h"

namespace matinee::resources::types::s3 {

/// Adds those that are there to `properties`.
Task<void> read_configurations(Subject& subject, const std::string& bucket, Value& properties);

}  // namespace matinee::resources::types::s3

// A bucket's configurations: what templates call them, as S3's operations have them.
#pragma once

#include "resources/types/support.h"

namespace matinee::resources::types::s3 {

// Each makes of a property's value what the operation takes.
Value cors_of(const Value& property);
Value encryption_of(const Value& property);
Value lifecycle_of(const Value& property);
Value logging_of(const Value& property);
Value notifications_of(const Value& property);
Value object_lock_of(const Value& property);
Value replication_of(const Value& property);
Value website_of(const Value& property);
// Elements of lists, each of which has an operation of its own.
Value analytics_of(const Value& element);
Value inventory_of(const Value& element);
Value metrics_of(const Value& element);
Value tiering_of(const Value& element);

/// "PublicRead" as S3 has it: "public-read".
std::string canned_acl(const std::string& control);

}  // namespace matinee::resources::types::s3

// Patterns of ARNs: each of the six parts is matched for itself, and only the last has colons.
#pragma once

#include <string_view>

#include "policy/evaluate.h"

namespace matinee::policy {

/// Whether the ARN is of the pattern of a Resource element. A pattern of fewer parts is about all
/// that begins so: "arn:aws:sqs" is arn:aws:sqs:*:*:*. With `keys` variables are replaced, each
/// within its part; a pattern whose variable the request has not got is like nothing.
bool matches_resource(std::string_view pattern, std::string_view arn, const Keys* keys);

/// The same for the values of ArnLike: all six parts must be there, or "*" alone.
bool matches_arn(std::string_view pattern, std::string_view arn, const Keys* keys);

}  // namespace matinee::policy

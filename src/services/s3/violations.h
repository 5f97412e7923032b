// What S3 says of a request that breaks its model's rules.
#pragma once

#include "protocol/error.h"
#include "protocol/operation.h"
#include "protocol/violation.h"

namespace matinee::s3 {

/// S3 tells of the first thing that is wrong, and has errors of its own for many members; for the
/// rest MalformedXML where it is in a document, and InvalidArgument where it is not.
protocol::ServiceError describe_violation(const protocol::Operation& operation,
                                          const protocol::Violation& violation);

}  // namespace matinee::s3

// The keys that encrypt tables on AWS. Nothing is encrypted here: keys are checked and named.
#pragma once

#include <string>

#include "services/dynamodb/records.h"
#include "services/key_service.h"

namespace matinee::dynamodb {

/// The ARN of the key that a new table names, or of the account's own key for DynamoDB, which is
/// made at its first use. Throws ValidationException for a key that cannot be used, and
/// AccessDeniedException where the caller may not use it.
std::string require_table_key(services::KeyService& keys, const services::Context& context,
                              const TableRecord& table);

/// The ARN of the key of a table that has one. A table of an older program may have only a name for
/// it: then it is made of that name, always the same for one account and region.
std::string sse_key_arn(const TableRecord& table);

}  // namespace matinee::dynamodb

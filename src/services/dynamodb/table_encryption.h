// The keys that encrypt tables on AWS. Nothing is encrypted here; keys are only named.
#pragma once

#include <string>

#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// The ARN of the key of a table with server side encryption: of what the request named, or of the
/// account's own key for DynamoDB, which is the same for all tables of an account and region.
std::string sse_key_arn(const TableRecord& table);

}  // namespace matinee::dynamodb

// The Policy attribute of a queue: what it may say, and what it means.
#pragma once

#include <memory>
#include <string>

#include "policy/document.h"

namespace matinee::sqs {

/// A policy as it was stored; null where there is none, or where it is one that an older program
/// took without understanding it.
std::shared_ptr<const policy::Document> read_policy(const std::string& json);

/// Throws InvalidAttributeValue where the text is no policy, InvalidParameterValue where it is
/// about another service, OverLimit where it says too much: 8,192 bytes, 20 statements, 50
/// principals, 10 conditions, 7 actions a statement.
void require_policy(const std::string& json);

}  // namespace matinee::sqs

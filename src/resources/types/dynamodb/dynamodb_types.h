// Types of DynamoDB, one file each.
#pragma once

#include "resources/types/coded_type.h"

namespace matinee::resources::types::dynamodb {

const CodedType& global_table();
const CodedType& table();

/// {"TableName": name}
Value of_table(const std::string& name);
/// Properties of an AWS::DynamoDB::Table; what is asked of a GlobalTable becomes such.
Task<Made> create_table(Subject& subject, const Value& properties);
Task<Made> update_table(Subject& subject, const std::string& name, const Value& before,
                        const Value& after);
Task<void> remove_table(Subject& subject, const std::string& name);
/// HandlerError NotFound where it is gone; `type` is named by it.
Task<Value> read_table(Subject& subject, std::string_view type, const std::string& name);

}  // namespace matinee::resources::types::dynamodb

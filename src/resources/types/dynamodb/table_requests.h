// A table's properties as requests of DynamoDB, and back.
#pragma once

#include "resources/types/dynamodb/dynamodb_types.h"

namespace matinee::resources::types::dynamodb {

/// Of CreateTable.
Value creation_of(const Subject& subject, const std::string& name, const Value& properties);
/// Of UpdateTable, one after the other: DynamoDB takes one kind of change, and one index, at a
/// time.
std::vector<Value> changes_of_table(const std::string& name, const Value& before,
                                    const Value& after);
/// What DescribeTable tells, as properties.
Value properties_of(const Value& description);
/// Keys, types of key attributes and local indexes belong to a table for good. Empty for other
/// properties.
std::optional<Recreation> recreation_of_table(std::string_view property, const Value* before,
                                              const Value* after);

}  // namespace matinee::resources::types::dynamodb

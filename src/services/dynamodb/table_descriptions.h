// Keys and projections of tables in the words of the model.
#pragma once

#include <vector>

#include "dynamodb/shapes.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

std::vector<KeySchemaElement> describe_keys(const KeySchema& keys);
std::vector<AttributeDefinition> describe_definitions(const TableRecord& table);
Projection describe_projection(const IndexRecord& index);

}  // namespace matinee::dynamodb

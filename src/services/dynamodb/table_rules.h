// What a new table must look like.
#pragma once

#include "dynamodb/shapes.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// The record of the table that a request asks for, without number, id, time, owner and name.
/// Throws a ValidationException for what DynamoDB refuses, and NotImplemented for what is not
/// served here.
TableRecord make_table_record(const CreateTableRequest& request);

/// Type and key of a table's encryption, where it is asked for; neither is looked at.
void read_encryption(const SSESpecification& given, TableRecord& table);

/// Adds AttributeDefinitions to those that a table has. Throws a ValidationException where one has
/// another type than before.
void add_definitions(const std::vector<AttributeDefinition>& given, TableRecord& table);
/// Removes the definitions that no key needs any more.
void drop_unused_definitions(TableRecord& table);
/// Adds an index to a table whose definitions are complete. Throws a ValidationException where
/// CreateTable would.
IndexRecord make_index_record(const CreateGlobalSecondaryIndexAction& wanted, TableRecord& table);

/// What every table on demand can do at once, a second: AWS's defaults of WarmThroughput.
inline constexpr Throughput on_demand_warmth{.reads = 12'000, .writes = 4'000};

/// The names that the model has for these.
std::string_view key_type_name(KeyType type);
std::string_view projection_name(ProjectionType type);

}  // namespace matinee::dynamodb

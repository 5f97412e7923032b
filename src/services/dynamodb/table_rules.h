// What a new table must look like.
#pragma once

#include "dynamodb/shapes.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// The record of the table that a request asks for, without number, id, time, owner and name.
/// Throws a ValidationException for what DynamoDB refuses, and NotImplemented for what is not
/// served here.
TableRecord make_table_record(const CreateTableRequest& request);

/// Type and key of a table's encryption, where it is asked for; the key is not looked at. Throws a
/// ValidationException where they do not fit together.
void read_encryption(const SSESpecification& given, TableRecord& table);

/// Throws a ValidationException where an index of a provisioned table is given limits on demand.
void require_index_limits(const std::optional<OnDemandThroughput>& given, const std::string& index,
                          const TableRecord& table);

/// Whether AttributeDefinitions have an attribute.
bool is_defined(const TableRecord& table, const std::string& attribute);
/// Adds the AttributeDefinitions that the keys of a new index need to those that a table has; what
/// else is given is passed over, as on AWS.
void add_definitions(const std::vector<AttributeDefinition>& given,
                     const std::vector<KeySchemaElement>& keys, TableRecord& table);
/// Removes the definitions that no key needs any more.
void drop_unused_definitions(TableRecord& table);
/// Adds an index to a table whose definitions are complete. Throws a ValidationException where
/// CreateTable would, and LimitExceededException above 20 global indexes.
IndexRecord make_index_record(const CreateGlobalSecondaryIndexAction& wanted, TableRecord& table);

/// The names that the model has for these.
std::string_view key_type_name(KeyType type);
std::string_view projection_name(ProjectionType type);

}  // namespace matinee::dynamodb

// Provisioned capacity of a GlobalTable: fixed, or scaled by Application Auto Scaling, which keeps
// a target and a policy for each capacity.
#pragma once

#include "resources/types/dynamodb/dynamodb_types.h"

namespace matinee::resources::types::dynamodb {

/// Capacities of a table or of one of its indexes, as a ProvisionedThroughput. `writes` and `reads`
/// are its WriteProvisionedThroughputSettings and ReadProvisionedThroughputSettings, `current` the
/// ProvisionedThroughput that DynamoDB tells, or null: what is scaled stays as it is, and begins
/// with SeedCapacity, or MinCapacity.
Value capacity_of(const Value& writes, const Value& reads, const Value& current);

/// Registers, changes and removes scalable targets of a table where `after` is not as `before`,
/// both properties of a GlobalTable of one replica.
Task<void> set_scaling(Subject& subject, std::string name, const Value& before, const Value& after);

/// What is said of capacities and limits in `properties`, those of an AWS::DynamoDB::Table, as a
/// GlobalTable has it: writes in the properties and their indexes, reads in the replica, or where
/// what is known of the resource has them.
Task<void> tell_capacities(Subject& subject, std::string name, Value& properties, Value& replica);

/// The global index of that name, of properties, a replica or a table's description; null where
/// there is none.
Value index_in(const Value& owner, const std::string& name);

}  // namespace matinee::resources::types::dynamodb

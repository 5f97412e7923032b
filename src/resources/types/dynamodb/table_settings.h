// What is set on a table by operations of its own: who may use it, and what watches it.
#pragma once

#include "resources/types/dynamodb/dynamodb_types.h"

namespace matinee::resources::types::dynamodb {

/// ResourcePolicy, where it is not the same in both.
Task<void> set_resource_policy(Subject& subject, std::string arn, const Value& before,
                               const Value& after);
/// Tags of a table or a stream: those of its property, and those of the stack.
Task<void> set_tags(Subject& subject, std::string arn, const Value& before, const Value& after);
/// Policy and tags of the open stream, whose ARN is given, as StreamSpecification has them. With
/// another view the stream is a new one, which had none.
Task<void> set_stream_settings(Subject& subject, std::string arn, const Value& before,
                               const Value& after);
/// ContributorInsightsSpecification of the table and of its global indexes, where it is not the
/// same in both.
Task<void> set_insights(Subject& subject, std::string name, const Value& before,
                        const Value& after);
/// Null where there are none.
Task<Value> told_tags(Subject& subject, std::string arn);
/// Adds all of these, without the table's tags, to the properties that are told of a table.
Task<void> add_settings(Subject& subject, std::string name, std::string arn, Value& properties);

}  // namespace matinee::resources::types::dynamodb

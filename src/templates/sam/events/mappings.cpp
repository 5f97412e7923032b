// SQS, Kinesis, DynamoDB: a mapping reads the source; the role may.
#include <algorithm>
#include <array>

#include "templates/sam/events/event.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

constexpr auto passed = std::to_array<std::string_view>(
    {"BatchSize", "BisectBatchOnFunctionError", "Enabled", "FilterCriteria",
     "FunctionResponseTypes", "KmsKeyArn", "LoggingConfig", "MaximumBatchingWindowInSeconds",
     "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "MetricsConfig", "ParallelizationFactor",
     "ProvisionedPollerConfig", "ScalingConfig", "StartingPosition", "StartingPositionTimestamp",
     "TumblingWindowInSeconds"});

void allow_failures(const Event& event, const std::string& type, const Value& target) {
  Value statements = Value::list();
  if (type == "S3") {
    statements.append(
        allowing("s3:PutObject", Value::map("Fn::Join", list_of({"/", list_of({target, "*"})}))));
    statements.append(allowing("s3:ListBucket", target));
  } else {
    statements.append(allowing(type == "SQS" ? "sqs:SendMessage" : "sns:publish", target));
  }
  event.function.event_policies.push_back(
      role_policy(event.id + type + "Policy", std::move(statements)));
}

/// OnFailure, without the type that only the permission comes from.
Value read_destinations(const Event& event, const Value& config) {
  const Value* failure = config.find("OnFailure");
  if (!failure || !failure->is_map())
    event.refuse_by_id("Property 'DestinationConfig.OnFailure' should be a map.", config);
  Value made = config;
  const Value* type = find_given(*failure, "Type");
  if (!type) return made;
  const std::string name = type->text();
  if (name != "SQS" && name != "SNS" && name != "S3" && name != "Kafka")
    event.refuse_by_id("The only valid values for 'Type' are 'SQS', 'SNS', 'S3', and 'Kafka'",
                       *type);
  made["OnFailure"].erase("Type");
  const Value* target = failure->find("Destination");
  if (name != "Kafka") allow_failures(event, name, target ? *target : Value());
  return made;
}

std::string execution_policy(const Event& event) {
  const std::string source = event.type == "SQS" ? "SQSQueue" : event.type;
  return event.function.translation.managed_policy("service-role/AWSLambda" + source +
                                                   "ExecutionRole");
}

}  // namespace

void translate_mapping(const Event& event) {
  Value mapping = event.function.make("AWS::Lambda::EventSourceMapping");
  Value& properties = mapping["Properties"];
  properties.set("EventSourceArn", *event.find(event.type == "SQS" ? "Queue" : "Stream"));
  properties.set("FunctionName", event.function.name());
  for (const std::string_view name : passed) set_given(properties, name, event.find(name));
  const Value* filters = event.find("FilterCriteria");
  if (!is_nothing(filters) && !is_function(*filters) && !is_function(*filters, "Filters"))
    event.refuse("FilterCriteria field has a wrong format", *filters);
  if (const Value* config = event.find("DestinationConfig"); !is_nothing(config))
    properties.set("DestinationConfig", read_destinations(event, *config));
  event.function.event_managed_policies.push_back(execution_policy(event));
  event.add("", std::move(mapping));
}

}  // namespace matinee::templates::sam

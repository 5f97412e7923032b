#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

Value of_id(const std::string& id) {
  return fields({{"UUID", id}});
}

/// What UpdateEventSourceMapping takes, and what sources have without.
std::vector<Default> settings(const Value& properties) {
  constexpr int batch_of_queues = 10;
  constexpr int batch_of_streams = 100;
  constexpr int without_end = -1;
  const bool is_stream = properties.text_or("EventSourceArn").starts_with("arn:aws:dynamodb:");
  std::vector<Default> all = {{"FunctionName"},
                              {"BatchSize", is_stream ? batch_of_streams : batch_of_queues},
                              {"Enabled", true},
                              {"FilterCriteria", fields({{"Filters", Value::list()}})},
                              {"FunctionResponseTypes", Value::list()},
                              {"KmsKeyArn", ""},
                              {"MaximumBatchingWindowInSeconds", 0},
                              {"MetricsConfig", fields({{"Metrics", Value::list()}})}};
  if (!is_stream) {
    all.push_back({"ScalingConfig", Value::map()});
    return all;
  }
  all.push_back({"BisectBatchOnFunctionError", false});
  all.push_back({"DestinationConfig", fields({{"OnFailure", Value::map()}})});
  all.push_back({"MaximumRecordAgeInSeconds", without_end});
  all.push_back({"MaximumRetryAttempts", without_end});
  all.push_back({"ParallelizationFactor", 1});
  all.push_back({"TumblingWindowInSeconds", 0});
  return all;
}

/// Ends when it is switched as it is to be.
Task<Made> settled(Subject& subject, std::string id) {
  const Value got =
      co_await wait(subject, {.operation = "lambda:GetEventSourceMapping",
                              .request = of_id(id),
                              .is_ready = [](const Value& now) {
                                const std::string state = now.text_or("State");
                                return now.is_null() || state == "Enabled" || state == "Disabled";
                              }});
  if (got.is_null()) not_found("AWS::Lambda::EventSourceMapping", id);
  Value attributes =
      fields({{"Id", id}, {"EventSourceMappingArn", member(got, "EventSourceMappingArn")}});
  co_return Made{.id = id, .attributes = std::move(attributes)};
}

class EventSourceMapping final : public CodedType {
 public:
  EventSourceMapping() : CodedType("AWS::Lambda::EventSourceMapping") {}

  /// What only brokers and streams of Kinesis have: sources here are queues and streams of tables.
  std::vector<std::string_view> refused() const override {
    return {"AmazonManagedKafkaEventSourceConfig",
            "DocumentDBEventSourceConfig",
            "LoggingConfig",
            "ProvisionedPollerConfig",
            "Queues",
            "SelfManagedEventSource",
            "SelfManagedKafkaEventSourceConfig",
            "SourceAccessConfigurations",
            "StartingPositionTimestamp",
            "Topics"};
  }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_unserved(properties);
    Value request = pick(
        properties, {"FunctionName", "EventSourceArn", "BatchSize", "BisectBatchOnFunctionError",
                     "DestinationConfig", "Enabled", "FilterCriteria", "FunctionResponseTypes",
                     "KmsKeyArn", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds",
                     "MaximumRetryAttempts", "MetricsConfig", "ParallelizationFactor",
                     "ScalingConfig", "StartingPosition", "TumblingWindowInSeconds"});
    const Value tags = tags_of(subject, properties, true);
    if (!tags.elements().empty()) request.set("Tags", tags);
    const std::string id =
        co_await make(subject, {.operation = "lambda:CreateEventSourceMapping",
                                .request = std::move(request),
                                .id_of = [](const Value& got) { return need_text(got, "UUID"); }});
    co_return co_await settled(subject, id);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    refuse_unserved(after);
    Value changes = changes_of(before, after, settings(after));
    if (!changes.members().empty()) {
      co_await settled(subject, id);
      co_await call(subject, "lambda:UpdateEventSourceMapping", changes.set("UUID", id));
    }
    Made there = co_await settled(subject, id);
    co_await set_tags(subject, there.attributes.text_or("EventSourceMappingArn"), before, after);
    co_return there;
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    const Value begun =
        co_await call_if_there(subject, "lambda:DeleteEventSourceMapping", of_id(id));
    if (begun.is_null()) co_return;
    co_await wait(subject, {.operation = "lambda:GetEventSourceMapping",
                            .request = of_id(id),
                            .is_ready = nullptr,
                            .until_gone = true});
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "lambda:GetEventSourceMapping", of_id(id));
    if (got.is_null()) not_found(name(), id);
    Value properties =
        pick(got, {"BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "EventSourceArn",
                   "EventSourceMappingArn", "FilterCriteria", "FunctionResponseTypes",
                   "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds",
                   "MaximumRetryAttempts", "MetricsConfig", "ParallelizationFactor",
                   "ScalingConfig", "StartingPosition", "TumblingWindowInSeconds"});
    properties.set("Id", id)
        .set("FunctionName", function_as_known(subject, "FunctionName", got.text_or("FunctionArn")))
        .set("Enabled", got.text_or("State").starts_with("Enabl"));
    if (const std::string key = got.text_or("KMSKeyArn"); !key.empty())
      properties.set("KmsKeyArn", key);
    const Value tags = co_await call(subject, "lambda:ListTags",
                                     fields({{"Resource", got.text_or("EventSourceMappingArn")}}));
    if (const Value list = tags_property(member(tags, "Tags")); !list.is_null())
      properties.set("Tags", list);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "lambda:ListEventSourceMappings",
                              .elements = "EventSourceMappings",
                              .id = "UUID",
                              .token_in = "Marker",
                              .token_out = "NextMarker"});
  }
};

}  // namespace

const CodedType& event_source_mapping() {
  static const EventSourceMapping type;
  return type;
}

}  // namespace matinee::resources::types::lambda

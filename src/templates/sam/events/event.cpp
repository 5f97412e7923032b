#include "templates/sam/events/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "templates/sam/properties.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

using Rules = std::span<const PropertyRule>;

/// What all mappings take; each type adds its own.
constexpr auto mapping_rules =
    std::to_array<PropertyRule>({{"BatchSize", Takes::strict_number},
                                 {"BisectBatchOnFunctionError", Takes::strict_truth},
                                 {"DestinationConfig", Takes::map},
                                 {"Enabled", Takes::strict_truth},
                                 {"FilterCriteria", Takes::map},
                                 {"FunctionResponseTypes", Takes::strict_list},
                                 {"KmsKeyArn"},
                                 {"LoggingConfig", Takes::map},
                                 {"MaximumBatchingWindowInSeconds", Takes::strict_number},
                                 {"MaximumRecordAgeInSeconds", Takes::strict_number},
                                 {"MaximumRetryAttempts", Takes::strict_number},
                                 {"MetricsConfig", Takes::map},
                                 {"ParallelizationFactor", Takes::strict_number},
                                 {"ProvisionedPollerConfig", Takes::map},
                                 {"ScalingConfig", Takes::map},
                                 {"StartingPositionTimestamp"},
                                 {"TumblingWindowInSeconds", Takes::strict_number}});

template <std::size_t size>
constexpr auto with_mapping_rules(const std::array<PropertyRule, size>& own) {
  std::array<PropertyRule, size + mapping_rules.size()> all{};
  std::ranges::copy(own, all.begin());
  std::ranges::copy(mapping_rules, all.begin() + size);
  return all;
}

constexpr auto queue_rules = with_mapping_rules(
    std::to_array<PropertyRule>({{"Queue", Takes::anything, true}, {"StartingPosition"}}));
constexpr auto stream_rules = with_mapping_rules(std::to_array<PropertyRule>(
    {{"Stream", Takes::anything, true}, {"StartingPosition", Takes::anything, true}}));

constexpr auto topic_rules =
    std::to_array<PropertyRule>({{"Topic", Takes::text, true},
                                 {"Region", Takes::text},
                                 {"FilterPolicy"},
                                 {"FilterPolicyScope"},
                                 {"RedrivePolicy", Takes::map},
                                 {"SqsSubscription", Takes::truth_or_map}});
constexpr auto bucket_rules = std::to_array<PropertyRule>({{"Bucket", Takes::text, true},
                                                           {"Events", Takes::text_or_list, true},
                                                           {"Filter", Takes::strict_map}});
constexpr auto schedule_rules = std::to_array<PropertyRule>({{"Schedule", Takes::text, true},
                                                             {"Input", Takes::text},
                                                             {"Name", Takes::text},
                                                             {"Description", Takes::text},
                                                             {"Enabled", Takes::strict_truth},
                                                             {"State", Takes::text},
                                                             {"DeadLetterConfig", Takes::map},
                                                             {"RetryPolicy", Takes::map}});
constexpr auto scheduler_rules =
    std::to_array<PropertyRule>({{"ScheduleExpression", Takes::text, true},
                                 {"FlexibleTimeWindow", Takes::map},
                                 {"ScheduleExpressionTimezone", Takes::text},
                                 {"StartDate", Takes::text},
                                 {"EndDate", Takes::text},
                                 {"GroupName", Takes::text},
                                 {"Name", Takes::text},
                                 {"OmitName", Takes::plain_truth},
                                 {"State", Takes::text},
                                 {"Input", Takes::text},
                                 {"KmsKeyArn", Takes::text},
                                 {"RoleArn", Takes::text},
                                 {"PermissionsBoundary", Takes::text},
                                 {"DeadLetterConfig", Takes::map},
                                 {"RetryPolicy", Takes::map},
                                 {"Description", Takes::text}});
constexpr auto rule_rules = std::to_array<PropertyRule>({{"Pattern", Takes::map},
                                                         {"EventBusName", Takes::text},
                                                         {"Input", Takes::text},
                                                         {"InputPath", Takes::text},
                                                         {"State", Takes::text},
                                                         {"Enabled", Takes::strict_truth},
                                                         {"RuleName", Takes::text},
                                                         {"InputTransformer", Takes::map},
                                                         {"DeadLetterConfig", Takes::map},
                                                         {"RetryPolicy", Takes::map},
                                                         {"Target", Takes::map}});
constexpr auto log_rules = std::to_array<PropertyRule>(
    {{"LogGroupName", Takes::text, true}, {"FilterPattern", Takes::text, true}});

struct EventType {
  std::string_view name;
  Rules rules;
  void (*translate)(const Event&);
};

constexpr auto types = std::to_array<EventType>({
    {"SQS", queue_rules, translate_mapping},
    {"Kinesis", stream_rules, translate_mapping},
    {"DynamoDB", stream_rules, translate_mapping},
    {"SNS", topic_rules, translate_topic},
    {"S3", bucket_rules, translate_bucket},
    {"Schedule", schedule_rules, translate_schedule},
    {"ScheduleV2", scheduler_rules, translate_scheduler},
    {"EventBridgeRule", rule_rules, translate_rule},
    {"CloudWatchEvent", rule_rules, translate_rule},
    {"CloudWatchLogs", log_rules, translate_log_subscription},
});

/// Types of events whose services this cloud does not have.
struct Absent {
  std::string_view type;
  std::string_view service;
};
constexpr auto absent = std::to_array<Absent>({{"Api", "API Gateway"},
                                               {"HttpApi", "API Gateway"},
                                               {"Cognito", "Cognito"},
                                               {"IoTRule", "IoT"},
                                               {"AlexaSkill", "Alexa"},
                                               {"MSK", "MSK"},
                                               {"MQ", "Amazon MQ"},
                                               {"SelfManagedKafka", "Kafka"},
                                               {"DocumentDB", "DocumentDB"}});

[[noreturn]] void refuse_event(const Function& function, const Member& event,
                               std::string_view message) {
  throw SamFault{function.id, fmt::format("Event with id [{}] is invalid. {}", event.name, message),
                 event.value.place().line == 0 ? event.place : event.value.place()};
}

void translate_event(Function& function, const Member& given) {
  if (!given.value.is_map()) refuse_event(function, given, "It should be a map.");
  const std::string type = given.value.text_or("Type");
  if (const auto missing = std::ranges::find(absent, type, &Absent::type); missing != absent.end())
    refuse_event(function, given,
                 fmt::format("Events of type {} are not served here: there is no {}.", type,
                             missing->service));
  const auto known = std::ranges::find(types, type, &EventType::name);
  if (known == types.end())
    refuse_event(function, given,
                 fmt::format("Resource dict has missing or invalid value for key Type. Event Type "
                             "is: {}.",
                             type.empty() ? "None" : type));
  const Value none = Value::map();
  const Value* properties = find_given(given.value, "Properties");
  Event event{function, given.name, function.id + given.name, type,
              properties ? *properties : none};
  if (!event.properties.is_map()) refuse_event(function, given, "'Properties' should be a map.");
  Value placed = event.properties;
  if (!properties) placed.set_place(given.value.place());
  check_properties({event.id, type, &placed}, known->rules);
  known->translate(event);
}

}  // namespace

const Value* Event::find(std::string_view property) const {
  return find_given(properties, property);
}

void Event::refuse(std::string_view message, const Value& at) const {
  function.refuse(fmt::format("Event with id [{}] is invalid. {}", key, message), at);
}

void Event::refuse_by_id(std::string_view message, const Value& at) const {
  function.refuse(fmt::format("Event with id [{}] is invalid. {}", id, message), at);
}

void Event::add(std::string_view suffix, Value resource) const {
  function.translation.add(fmt::format("{}{}", id, suffix), std::move(resource));
}

Value Event::permit(std::string_view principal) const {
  Value permission = function.make("AWS::Lambda::Permission");
  Value& made = permission["Properties"];
  made.set("Action", "lambda:InvokeFunction").set("FunctionName", function.name());
  made.set("Principal", principal);
  return permission;
}

/// In the order of their names, which is that of the policies in the role.
void add_events(Function& function) {
  const Value* events = function.find("Events");
  if (!events) return;
  std::vector<const Member*> ordered;
  for (const Member& event : events->members()) ordered.push_back(&event);
  std::ranges::sort(ordered, {}, &Member::name);
  for (const Member* event : ordered) translate_event(function, *event);
}

}  // namespace matinee::templates::sam

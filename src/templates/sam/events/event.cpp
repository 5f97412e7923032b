#include "templates/sam/events/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "templates/sam/properties.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

struct EventType {
  std::string_view name;
  void (*translate)(const Event&);
};

constexpr auto types = std::to_array<EventType>({
    {"SQS", translate_mapping},
    {"Kinesis", translate_mapping},
    {"DynamoDB", translate_mapping},
    {"SNS", translate_topic},
    {"S3", translate_bucket},
    {"Schedule", translate_schedule},
    {"ScheduleV2", translate_scheduler},
    {"EventBridgeRule", translate_rule},
    {"CloudWatchEvent", translate_rule},
    {"CloudWatchLogs", translate_log_subscription},
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

[[noreturn]] void refuse_event(const std::string& function_id, const Member& event,
                               std::string_view message) {
  throw SamFault{function_id, fmt::format("Event with id [{}] is invalid. {}", event.name, message),
                 event.value.place().line == 0 ? event.place : event.value.place()};
}

void translate_event(Function& function, const Member& given) {
  check_event_type(function.id, given);
  const std::string type = given.value.text_or("Type");
  const auto known = std::ranges::find(types, type, &EventType::name);
  const Value none = Value::map();
  const Value* properties = find_given(given.value, "Properties");
  Event event{function, given.name, function.id + given.name, type,
              properties ? *properties : none};
  if (!event.properties.is_map()) refuse_event(function.id, given, "'Properties' should be a map.");
  Value placed = event.properties;
  if (!properties) placed.set_place(given.value.place());
  check_properties({event.id, type, &placed}, rules_of_event(type));
  known->translate(event);
}

}  // namespace

void check_event_type(const std::string& function_id, const Member& event) {
  if (!event.value.is_map()) refuse_event(function_id, event, "It should be a map.");
  const std::string type = event.value.text_or("Type");
  if (const auto missing = std::ranges::find(absent, type, &Absent::type); missing != absent.end())
    refuse_event(function_id, event,
                 fmt::format("Events of type {} are not served here: there is no {}.", type,
                             missing->service));
  if (std::ranges::find(types, type, &EventType::name) == types.end())
    refuse_event(function_id, event,
                 fmt::format("Resource dict has missing or invalid value for key Type. Event Type "
                             "is: {}.",
                             type.empty() ? "None" : type));
}

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

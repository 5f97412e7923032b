// Schedule, EventBridgeRule and CloudWatchEvent: a rule whose target is the function.
#include "templates/sam/events/event.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

void set_state(const Event& event, Value& properties) {
  const Value* state = event.find("State");
  const Value* enabled = event.find("Enabled");
  if (state && enabled)
    event.refuse("State and Enabled Properties cannot both be specified.", *state);
  if (enabled) properties.set("State", is_nothing(enabled) ? "DISABLED" : "ENABLED");
  set_given(properties, "State", state);
}

/// Names of targets have at most 64 characters.
std::string make_target_id(const Event& event) {
  constexpr std::string_view suffix = "LambdaTarget";
  return event.id.substr(0, 64 - suffix.size()).append(suffix);
}

Value make_target(const Event& event) {
  Value target;
  target.set("Arn", event.function.arn());
  const Value* wanted = event.find("Target");
  const Value* id = wanted ? find_given(*wanted, "Id") : nullptr;
  target.set("Id", id ? *id : Value(make_target_id(event)));
  for (const std::string_view name : {"Input", "InputPath", "InputTransformer", "RetryPolicy"})
    set_given(target, name, event.find(name));
  Value queue = read_dead_letters(event, true);
  if (!queue.is_null()) target["DeadLetterConfig"].set("Arn", std::move(queue));
  return target;
}

void add_rule(const Event& event, Value rule) {
  rule["Properties"].set("Targets", list_of({make_target(event)}));
  event.add("", std::move(rule));
  Value permission = event.permit("events.amazonaws.com");
  permission["Properties"].set("SourceArn", get_att(event.id, "Arn"));
  event.add("Permission", std::move(permission));
}

}  // namespace

void translate_schedule(const Event& event) {
  Value rule = event.function.make("AWS::Events::Rule");
  Value& properties = rule["Properties"];
  properties.set("ScheduleExpression", *event.find("Schedule"));
  set_state(event, properties);
  for (const std::string_view name : {"Name", "Description"})
    set_given(properties, name, event.find(name));
  add_rule(event, std::move(rule));
}

void translate_rule(const Event& event) {
  Value rule = event.function.make("AWS::Events::Rule");
  Value& properties = rule["Properties"];
  set_given(properties, "EventBusName", event.find("EventBusName"));
  set_given(properties, "EventPattern", event.find("Pattern"));
  set_given(properties, "Name", event.find("RuleName"));
  set_state(event, properties);
  add_rule(event, std::move(rule));
}

}  // namespace matinee::templates::sam

// ScheduleV2: a schedule of EventBridge Scheduler, which calls by a role and needs no permission at
// the function.
#include "templates/sam/events/event.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

Value trust_in_scheduler() {
  Value statement;
  statement.set("Action", list_of({"sts:AssumeRole"})).set("Effect", "Allow");
  statement.set("Principal", Value::map("Service", list_of({"scheduler.amazonaws.com"})));
  Value document;
  document.set("Version", "2012-10-17");
  return std::move(document.set("Statement", list_of({std::move(statement)})));
}

/// `queue`: what could not be delivered goes there; may be null.
void add_role(const Event& event, const Value& queue) {
  Value role = event.function.make("AWS::IAM::Role");
  propagate_tags(role, event.function.properties);
  Value& properties = role["Properties"];
  properties.set("AssumeRolePolicyDocument", trust_in_scheduler());
  Value policies =
      list_of({role_policy(event.id + "LambdaPolicy",
                           list_of({allowing("lambda:InvokeFunction", event.function.arn())}))});
  if (!queue.is_null())
    policies.append(
        role_policy(event.id + "SQSPolicy", list_of({allowing("sqs:SendMessage", queue)})));
  properties.set("Policies", std::move(policies));
  set_given(properties, "PermissionsBoundary", event.find("PermissionsBoundary"));
  event.add("Role", std::move(role));
}

void set_name(const Event& event, Value& properties) {
  const Value* name = event.find("Name");
  const bool is_omitted = !is_nothing(event.find("OmitName"));
  if (name && is_omitted) event.refuse_by_id("Name cannot be set when OmitName is True", *name);
  if (!is_omitted) properties.set("Name", name ? *name : Value(event.id));
}

}  // namespace

void translate_scheduler(const Event& event) {
  Value schedule = event.function.make("AWS::Scheduler::Schedule");
  Value& properties = schedule["Properties"];
  for (const std::string_view name :
       {"ScheduleExpression", "State", "Description", "StartDate", "EndDate",
        "ScheduleExpressionTimezone", "GroupName", "KmsKeyArn"})
    set_given(properties, name, event.find(name));
  const Value* window = event.find("FlexibleTimeWindow");
  properties.set("FlexibleTimeWindow", is_nothing(window) ? Value::map("Mode", "OFF") : *window);
  set_name(event, properties);
  Value& target = properties["Target"];
  target.set("Arn", event.function.arn());
  const Value queue = read_dead_letters(event, false);
  const Value* role = event.find("RoleArn");
  target.set("RoleArn", role ? *role : get_att(event.id + "Role", "Arn"));
  set_given(target, "Input", event.find("Input"));
  if (!queue.is_null()) target["DeadLetterConfig"].set("Arn", queue);
  set_given(target, "RetryPolicy", event.find("RetryPolicy"));
  event.add("", std::move(schedule));
  if (!role) add_role(event, queue);
}

}  // namespace matinee::templates::sam

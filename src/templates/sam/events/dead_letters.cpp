// DeadLetterConfig of rules and schedules: a queue of the author, or one that is made.
#include <fmt/format.h>

#include "templates/sam/events/event.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

Value read_dead_letters(const Event& event, bool makes_policy) {
  const Value* config = event.find("DeadLetterConfig");
  if (!config) return {};
  const Value* arn = find_given(*config, "Arn");
  const Value* type = find_given(*config, "Type");
  if (arn && type)
    event.refuse_by_id("You can either define 'Arn' or 'Type' property of DeadLetterConfig.",
                       *config);
  if (arn) return *arn;
  if (!type)
    event.refuse_by_id("No 'Arn' or 'Type' property provided for DeadLetterConfig.", *config);
  if (*type != Value("SQS"))
    event.refuse_by_id("The only valid value for 'Type' property of DeadLetterConfig is 'SQS'.",
                       *type);
  const std::string id = config->text_or("QueueLogicalId", event.id + "Queue");
  Value queue = event.function.make("AWS::SQS::Queue");
  propagate_tags(queue, event.function.properties);
  event.function.translation.add(id, std::move(queue));
  event.function.translation.name_property(event.function.id, "DestinationQueue", id);
  if (makes_policy) {
    Value policy = make_queue_policy(event, Value::map("Service", "events.amazonaws.com"),
                                     get_att(event.id, "Arn"));
    set_queue(policy, get_att(id, "Arn"), ref_to(id));
    event.add("QueuePolicy", std::move(policy));
  }
  return get_att(id, "Arn");
}

Value make_queue_policy(const Event& event, Value principal, const Value& source) {
  Value statement;
  statement.set("Action", "sqs:SendMessage").set("Effect", "Allow");
  statement.set("Principal", std::move(principal));
  statement["Condition"]["ArnEquals"].set("aws:SourceArn", source);
  Value policy = event.function.make("AWS::SQS::QueuePolicy");
  Value& document = policy["Properties"]["PolicyDocument"];
  document.set("Version", "2012-10-17").set("Statement", list_of({std::move(statement)}));
  return policy;
}

void set_queue(Value& policy, Value arn, Value url) {
  Value& properties = policy["Properties"];
  properties["PolicyDocument"]["Statement"].elements()[0].set("Resource", std::move(arn));
  properties.set("Queues", list_of({std::move(url)}));
}

}  // namespace matinee::templates::sam

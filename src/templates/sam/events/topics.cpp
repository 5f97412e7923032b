// SNS: the topic calls the function, or sends to a queue that the function reads.
#include "templates/sam/events/event.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

struct Queue {
  Value arn;
  Value url;
};

void subscribe(const Event& event, std::string_view protocol, Value endpoint) {
  Value subscription = event.function.make("AWS::SNS::Subscription");
  Value& properties = subscription["Properties"];
  properties.set("Endpoint", std::move(endpoint)).set("Protocol", protocol);
  properties.set("TopicArn", *event.find("Topic"));
  for (const std::string_view name :
       {"Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"})
    set_given(properties, name, event.find(name));
  event.add("", std::move(subscription));
}

/// FifoTopic of a topic of the template, with parameters in their places; null: nothing is known.
Value find_fifo(const Event& event, const Value& topic) {
  if (!is_function(topic)) return {};
  const Value& named = topic.members().front().value;
  std::string id;
  if (is_function(topic, "Ref")) id = named.text();
  if (is_function(topic, "Fn::GetAtt"))
    id = named.is_list() && !named.elements().empty()
             ? named.elements().front().text()
             : named.text().substr(0, named.text().find('.'));
  const Value* source = event.function.translation.find_source(id);
  const Value* properties = source ? find_given(*source, "Properties") : nullptr;
  const Value* fifo = properties ? find_given(*properties, "FifoTopic") : nullptr;
  return fifo ? event.function.translation.resolve(*fifo) : Value();
}

Queue read_queue(const Event& event, const Value& wanted) {
  if (!wanted.is_map()) {
    Value queue = event.function.make("AWS::SQS::Queue");
    propagate_tags(queue, event.function.properties);
    // A FIFO topic delivers to queues of its kind.
    if (Value fifo = find_fifo(event, *event.find("Topic")); !is_nothing(&fifo))
      queue["Properties"].set("FifoQueue", std::move(fifo));
    event.add("Queue", std::move(queue));
    event.function.translation.name_property(event.function.id, "DestinationQueue",
                                             event.id + "Queue");
    return {get_att(event.id + "Queue", "Arn"), ref_to(event.id + "Queue")};
  }
  const Value* arn = wanted.find("QueueArn");
  const Value* url = wanted.find("QueueUrl");
  if (is_nothing(arn) || is_nothing(url)) event.refuse("No QueueARN or QueueURL provided.", wanted);
  return {*arn, *url};
}

void add_mapping(const Event& event, const Value& wanted, const Value& queue) {
  Value mapping = event.function.make("AWS::Lambda::EventSourceMapping");
  Value& properties = mapping["Properties"];
  const Value* batch = wanted.find("BatchSize");
  const Value* enabled = wanted.find("Enabled");
  properties.set("BatchSize", is_nothing(batch) ? Value(10) : *batch);
  properties.set("Enabled", is_nothing(enabled) ? Value(true) : *enabled);
  properties.set("EventSourceArn", queue).set("FunctionName", event.function.name());
  event.add("EventSourceMapping", std::move(mapping));
}

}  // namespace

void translate_topic(const Event& event) {
  const Value* wanted = event.find("SqsSubscription");
  if (is_nothing(wanted)) {
    Value permission = event.permit("sns.amazonaws.com");
    permission["Properties"].set("SourceArn", *event.find("Topic"));
    event.add("Permission", std::move(permission));
    subscribe(event, "lambda", event.function.arn());
    return;
  }
  const Queue queue = read_queue(event, *wanted);
  Value policy = make_queue_policy(event, "*", *event.find("Topic"));
  set_queue(policy, queue.arn, queue.url);
  const std::string policy_id = wanted->text_or("QueuePolicyLogicalId");
  if (policy_id.empty())
    event.add("QueuePolicy", std::move(policy));
  else
    event.function.translation.add(policy_id, std::move(policy));
  add_mapping(event, *wanted, queue.arn);
  event.function.event_managed_policies.push_back(
      event.function.translation.managed_policy("service-role/AWSLambdaSQSQueueExecutionRole"));
  subscribe(event, "sqs", queue.arn);
}

}  // namespace matinee::templates::sam

// What the simulation of events plays with.
#include "events_cloud.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::simulation {

namespace {

using Attributes = std::map<std::string, std::string>;

constexpr const char* allow_all = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]})";
constexpr const char* allow_events = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":"*","Action":"sns:Publish","Resource":"*"}]})";
constexpr const char* two_weeks = "1209600";

Attributes attributes_of(const std::string& name) {
  Attributes attributes{{"MessageRetentionPeriod", two_weeks}, {"Policy", allow_all}};
  if (name.ends_with(".fifo")) attributes["FifoQueue"] = "true";
  return attributes;
}

std::string redrive_to(const std::string& queue) {
  return fmt::format(R"({{"deadLetterTargetArn":"{}"}})", arn_of_queue(queue));
}

std::string arn_of_bus(const std::string& name) {
  return "arn:aws:events:us-east-1:000000000000:event-bus/" + name;
}

}  // namespace

std::string arn_of_queue(const std::string& name) {
  return "arn:aws:sqs:us-east-1:000000000000:" + name;
}

std::string url_of_queue(const std::string& name) {
  return "http://localhost:4566/000000000000/" + name;
}

const std::vector<std::string>& EventsCloud::standard_queues() {
  static const std::vector<std::string> names{
      "all",       "some",        "bodied", "shaky",      "spare",     "spare-dead",
      "hook-dead", "transformed", "ruled",  "ruled-dead", "api-dead",  "audited",
      "loose",     "ticks",       "timed",  "work",       "worked-out"};
  return names;
}

const std::vector<std::string>& EventsCloud::fifo_queues() {
  static const std::vector<std::string> names{"first.fifo", "second.fifo", "ordered.fifo"};
  return names;
}

void EventsCloud::make_queue(const std::string& name) {
  call(sqs().create_queue({.queue_name = name, .attributes = attributes_of(name)}));
}

/// False where the machine died before the reply.
bool EventsCloud::set_state(const std::string& queue, QueueState state) {
  if (state == QueueState::gone)
    return call(sqs().delete_queue({.queue_url = url_of_queue(queue)})).has_value();
  if (state_of(queue) == QueueState::gone) {
    make_queue(queue);
    if (machine.has_died()) return false;
  }
  const std::string policy = state == QueueState::open ? allow_all : "";
  return call(sqs().set_queue_attributes(
                  {.queue_url = url_of_queue(queue), .attributes = {{"Policy", policy}}}))
      .has_value();
}

QueueState EventsCloud::state_of(const std::string& queue) {
  try {
    const auto reply = must(sqs().get_queue_attributes(
        {.queue_url = url_of_queue(queue), .attribute_names = std::vector<std::string>{"Policy"}}));
    return reply.attributes && reply.attributes->contains("Policy") ? QueueState::open
                                                                    : QueueState::denied;
  } catch (const protocol::ServiceError&) {
    return QueueState::gone;
  }
}

bool EventsCloud::is_empty(const std::string& queue) {
  const auto reply = call(sqs().get_queue_attributes(
      {.queue_url = url_of_queue(queue),
       .attribute_names = std::vector<std::string>{"ApproximateNumberOfMessages",
                                                   "ApproximateNumberOfMessagesNotVisible"}}));
  if (!reply) return false;
  return std::ranges::all_of(*reply->attributes,
                             [](const auto& attribute) { return attribute.second == "0"; });
}

void EventsCloud::build() {
  for (const std::string& name : standard_queues()) make_queue(name);
  for (const std::string& name : fifo_queues()) make_queue(name);
  must(sqs().set_queue_attributes(
      {.queue_url = url_of_queue("work"),
       .attributes = {
           {"RedrivePolicy", fmt::format(R"({{"deadLetterTargetArn":"{}","maxReceiveCount":2}})",
                                         arn_of_queue("worked-out"))}}}));
  must(sns().create_topic({.name = "plain", .attributes = Attributes{{"Policy", allow_events}}}));
  must(sns().create_topic({.name = "line.fifo", .attributes = Attributes{{"FifoTopic", "true"}}}));
  make_subscriptions();
  make_bus();
  make_api_destination();
  put_rule("default", "ticks", "");
  ticks_since = machine.now();
  put_target("default", "ticks", {.id = "q", .arn = arn_of_queue("ticks")});
  machine.settle();
}

void EventsCloud::subscribe(const std::string& topic, const std::string& queue,
                            Attributes attributes) {
  subscriptions[queue] = *must(sns().subscribe({.topic_arn = topic,
                                                .protocol = "sqs",
                                                .endpoint = arn_of_queue(queue),
                                                .attributes = std::move(attributes),
                                                .return_subscription_arn = true}))
                              .subscription_arn;
}

void EventsCloud::make_subscriptions() {
  const std::pair<std::string, std::string> raw{"RawMessageDelivery", "true"};
  subscribe(plain_topic, "all", {raw});
  subscribe(plain_topic, "some", {{"FilterPolicy", R"({"kind":["a"]})"}});
  subscribe(plain_topic, "bodied",
            {raw,
             {"FilterPolicyScope", "MessageBody"},
             {"FilterPolicy", R"({"kind":[{"prefix":"b"}]})"}});
  subscribe(plain_topic, "shaky", {raw});
  subscribe(plain_topic, "spare", {raw, {"RedrivePolicy", redrive_to("spare-dead")}});
  subscribe(line_topic, "first.fifo", {raw});
  subscribe(line_topic, "second.fifo", {raw, {"FilterPolicy", R"({"kind":["a"]})"}});
  subscribe(line_topic, "loose", {raw});
  confirm_hook();
}

void EventsCloud::confirm_hook() {
  const auto subscribed = must(sns().subscribe(
      {.topic_arn = plain_topic,
       .protocol = "http",
       .endpoint = hook,
       .attributes = Attributes{{"RawMessageDelivery", "true"},
                                {"RedrivePolicy", redrive_to("hook-dead")},
                                {"DeliveryPolicy", R"({"healthyRetryPolicy":{"numRetries":5,
                                    "numNoDelayRetries":1,"numMinDelayRetries":1,
                                    "numMaxDelayRetries":1,"minDelayTarget":5,
                                    "maxDelayTarget":60,"backoffFunction":"linear"}})"}},
       .return_subscription_arn = true}));
  machine.settle();
  const std::string& body = machine.http.calls.back().body;
  const std::string mark = R"("Token")";
  const std::size_t start = body.find_first_not_of("\" :", body.find(mark) + mark.size());
  subscriptions[hook] = *must(sns().confirm_subscription(
                                  {.topic_arn = plain_topic,
                                   .token = body.substr(start, body.find('"', start) - start)}))
                             .subscription_arn;
  EXPECT_EQ(subscriptions[hook], *subscribed.subscription_arn);
}

void EventsCloud::put_rule(const std::string& bus, const std::string& name,
                           const std::string& pattern) {
  events::PutRuleRequest request{.name = name, .event_bus_name = bus};
  if (pattern.empty())
    request.schedule_expression = "rate(7 minutes)";
  else
    request.event_pattern = pattern;
  must(events().put_rule(std::move(request)));
}

void EventsCloud::put_target(const std::string& bus, const std::string& rule,
                             events::Target target) {
  std::vector<events::Target> targets;
  targets.push_back(std::move(target));
  must(events().put_targets({.rule = rule, .event_bus_name = bus, .targets = std::move(targets)}));
}

void EventsCloud::make_bus() {
  must(events().create_event_bus({.name = "shop"}));
  must(events().create_event_bus({.name = "audit"}));
  put_rule("shop", "orders", R"({"source":["sim"],"detail":{"kind":["a"]}})");
  put_target("shop", "orders",
             {.id = "transformed",
              .arn = arn_of_queue("transformed"),
              .input_transformer =
                  events::InputTransformer{.input_paths_map = Attributes{{"t", "$.detail.token"}},
                                           .input_template = R"({"got": <t>})"}});
  put_target("shop", "orders",
             {.id = "ordered",
              .arn = arn_of_queue("ordered.fifo"),
              .sqs_parameters = events::SqsParameters{.message_group_id = "g"}});
  put_target("shop", "orders",
             {.id = "ruled",
              .arn = arn_of_queue("ruled"),
              .dead_letter_config = events::DeadLetterConfig{.arn = arn_of_queue("ruled-dead")}});
  put_rule("shop", "relay", R"({"detail":{"kind":[{"prefix":"b"}]}})");
  put_target("shop", "relay", {.id = "bus", .arn = arn_of_bus("audit")});
  put_rule("audit", "all", R"({"source":["sim"]})");
  put_target("audit", "all", {.id = "q", .arn = arn_of_queue("audited")});
  put_rule("shop", "tell", R"({"detail":{"kind":["c"]}})");
  put_target("shop", "tell", {.id = "topic", .arn = plain_topic, .input_path = "$.detail"});
}

void EventsCloud::make_api_destination() {
  events::CreateConnectionRequest connection{.name = "keys", .authorization_type = "API_KEY"};
  connection.auth_parameters.api_key_auth_parameters = {.api_key_name = "x-key",
                                                        .api_key_value = "secret"};
  const std::string connected =
      *must(events().create_connection(std::move(connection))).connection_arn;
  api_arn = *must(events().create_api_destination({.name = "orders",
                                                   .connection_arn = connected,
                                                   .invocation_endpoint = api,
                                                   .http_method = "POST"}))
                 .api_destination_arn;
  put_target("shop", "orders",
             {.id = "api",
              .arn = api_arn,
              .role_arn = "arn:aws:iam::000000000000:role/caller",
              .dead_letter_config = events::DeadLetterConfig{.arn = arn_of_queue("api-dead")},
              .retry_policy = events::RetryPolicy{.maximum_retry_attempts = 4}});
}

}  // namespace matinee::simulation

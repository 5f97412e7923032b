// The figures of deliveries from service to service: a topic's messages in the queues behind it, an
// event in the queue behind a rule, and how long somebody waits for one.
#include <fmt/format.h>

#include <algorithm>

#include "figures.h"
#include "measuring.h"
#include "requests.h"
#include "sqs_load.h"
#include "wire.h"

namespace bench {
namespace {

constexpr int kQueues = 10;
constexpr int kLatencies = 500;
const std::string kText(200, 'm');

std::string sns(std::uint16_t port, std::string_view action, std::string_view rest) {
  return form_request(port, "sns", fmt::format("Action={}&Version=2010-03-31&{}", action, rest));
}

std::string events(std::uint16_t port, std::string_view operation, std::string_view body) {
  return json_request(
      port, {.service = "events", .target = fmt::format("AWSEvents.{}", operation), .body = body});
}

std::string sqs(std::uint16_t port, std::string_view operation, std::string_view body) {
  return json_request(
      port, {.service = "sqs", .target = fmt::format("AmazonSQS.{}", operation), .body = body});
}

std::string queue_arn(const std::string& name) {
  return "arn:aws:sqs:us-east-1:000000000000:" + name;
}

/// A queue that lets topics and rules send.
Queue open_queue(std::uint16_t port, const std::string& name) {
  Queue queue = create_queue(port, name);
  const std::string policy =
      fmt::format(R"({{\"Statement\":{{\"Effect\":\"Allow\",\"Principal\":\"*\",)"
                  R"(\"Action\":\"sqs:SendMessage\",\"Resource\":\"{}\"}}}})",
                  queue_arn(name));
  require_success(port, sqs(port, "SetQueueAttributes",
                            fmt::format(R"({{"QueueUrl":"{}","Attributes":{{"Policy":"{}"}}}})",
                                        queue.url, policy)));
  return queue;
}

std::uint64_t count_messages(const Queue& queue) {
  const Answer answer = require_success(
      queue.port,
      sqs(queue.port, "GetQueueAttributes",
          fmt::format(R"({{"QueueUrl":"{}","AttributeNames":["ApproximateNumberOfMessages"]}})",
                      queue.url)));
  std::size_t position = 0;
  return std::stoull(
      std::string(next_json_string(answer.body, "ApproximateNumberOfMessages", position)));
}

/// A topic, and the queues that have subscribed to it.
struct Topic {
  std::string arn;
  std::vector<Queue> queues;
};

Topic make_topic(std::uint16_t port, const std::string& name, int queues, bool raw) {
  require_success(port, sns(port, "CreateTopic", "Name=" + name));
  Topic topic{.arn = "arn:aws:sns:us-east-1:000000000000:" + name, .queues = {}};
  for (int i = 0; i < queues; ++i) {
    const std::string queue = fmt::format("{}-{}", name, i);
    topic.queues.push_back(open_queue(port, queue));
    require_success(
        port,
        sns(port, "Subscribe",
            fmt::format("TopicArn={}&Protocol=sqs&Endpoint={}{}", form_encoded(topic.arn),
                        form_encoded(queue_arn(queue)),
                        raw ? "&Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value="
                              "true"
                            : "")));
  }
  return topic;
}

/// One request over and over, which stands for some deliveries.
class RepeatedLoad final : public Workload {
 public:
  RepeatedLoad(std::string request, std::uint64_t deliveries)
      : request_(std::move(request)), deliveries_(deliveries) {}

  std::string_view next_request(int) override { return request_; }
  std::uint64_t accept(int, std::string_view body) override {
    if (body.contains("<Failed><member>") || body.contains("ErrorCode"))
      throw std::runtime_error("a message was refused: " + std::string(body));
    total_ += deliveries_;
    return deliveries_;
  }
  std::uint64_t total() const { return total_; }

 private:
  std::string request_;
  std::uint64_t deliveries_;
  std::uint64_t total_ = 0;
};

/// What was promised must be in the queues, all of it, soon after the last answer.
void require_arrived(const std::vector<Queue>& queues, std::uint64_t expected, Figure& figure) {
  const double began = now_seconds();
  std::uint64_t arrived = 0;
  while (arrived < expected && now_seconds() < began + 60) {
    arrived = 0;
    for (const Queue& queue : queues) arrived += count_messages(queue);
  }
  if (arrived < expected)
    figure.failure = fmt::format("{} of {} deliveries have arrived", arrived, expected);
  else
    figure.note += fmt::format(", all there {:.2f} s after the last answer", now_seconds() - began);
}

std::string publish_batch(std::uint16_t port, const std::string& topic) {
  std::string form = "TopicArn=" + form_encoded(topic);
  for (int i = 1; i <= 10; ++i)
    form += fmt::format(
        "&PublishBatchRequestEntries.member.{0}.Id={0}&PublishBatchRequestEntries.member.{0}."
        "Message={1}",
        i, kText);
  return sns(port, "PublishBatch", form);
}

Figure measure_batches(const Settings& settings, std::uint16_t port, bool raw) {
  const Topic topic = make_topic(port, raw ? "raw" : "wrapped", kQueues, raw);
  RepeatedLoad load(publish_batch(port, topic.arn), 10 * kQueues);
  LoadPlan plan = plan_for(settings, port);
  plan.connections = std::min(plan.connections, 16);
  Figure figure = measure_load(
      {.name = fmt::format("SNS PublishBatch to 10 queues, {}", raw ? "raw" : "in envelopes"),
       .unit = "deliveries/s",
       .target = 100'000,
       .note = {},
       .failure = {}},
      plan, load);
  if (figure.failure.empty()) require_arrived(topic.queues, load.total(), figure);
  return figure;
}

Figure measure_publish_one(const Settings& settings, std::uint16_t port) {
  const Topic topic = make_topic(port, "single", 1, false);
  RepeatedLoad load(
      sns(port, "Publish", fmt::format("TopicArn={}&Message={}", form_encoded(topic.arn), kText)),
      1);
  Figure figure = measure_load({.name = "SNS Publish to one queue",
                                .unit = "deliveries/s",
                                .target = 20'000,
                                .note = {},
                                .failure = {}},
                               plan_for(settings, port), load);
  if (figure.failure.empty()) require_arrived(topic.queues, load.total(), figure);
  return figure;
}

Figure measure_events(const Settings& settings, std::uint16_t port) {
  const Queue queue = open_queue(port, "events");
  require_success(port, events(port, "PutRule",
                               R"({"Name":"rule","EventPattern":"{\"source\":[\"bench\"]}"})"));
  require_success(port,
                  events(port, "PutTargets",
                         fmt::format(R"({{"Rule":"rule","Targets":[{{"Id":"1","Arn":"{}"}}]}})",
                                     queue_arn("events"))));
  std::string entries;
  for (int i = 0; i < 10; ++i)
    entries +=
        fmt::format(R"({}{{"Source":"bench","DetailType":"test","Detail":"{{\"text\":\"{}\"}}"}})",
                    i == 0 ? "" : ",", kText);
  RepeatedLoad load(events(port, "PutEvents", fmt::format(R"({{"Entries":[{}]}})", entries)), 10);
  Figure figure = measure_load({.name = "EventBridge PutEvents of ten to a queue",
                                .unit = "events/s",
                                .target = 60'000,
                                .note = {},
                                .failure = {}},
                               plan_for(settings, port), load);
  if (figure.failure.empty()) require_arrived({queue}, load.total(), figure);
  return figure;
}

/// From the moment a message is published until somebody who waits at the queue has it.
Figure measure_wait(std::uint16_t port) {
  const Topic topic = make_topic(port, "awaited", 1, false);
  Wire publisher(port);
  Wire waiter(port);
  const std::string publish =
      sns(port, "Publish", fmt::format("TopicArn={}&Message={}", form_encoded(topic.arn), kText));
  const std::string receive = receive_request(topic.queues.front(), 20);
  std::vector<double> milliseconds;
  for (int i = 0; i < kLatencies; ++i) {
    waiter.send(receive);
    // A request of the same connection's kind in between: the receive waits by now.
    (void)count_messages(topic.queues.front());
    const double began = now_seconds();
    publisher.send(publish);
    if (!waiter.receive().contains("ReceiptHandle"))
      throw std::runtime_error("a published message was not received");
    milliseconds.push_back((now_seconds() - began) * 1000);
    publisher.receive();
  }
  std::ranges::sort(milliseconds);
  return {.name = "SNS Publish until it is received, median",
          .unit = "ms",
          .measured = milliseconds[milliseconds.size() / 2],
          .target = 1,
          .better = Better::lower,
          .note = fmt::format("p99 {:.2f} ms", milliseconds[milliseconds.size() * 99 / 100]),
          .failure = {}};
}

}  // namespace

std::vector<Figure> measure_delivery(const Settings& settings) {
  const Target target(settings);
  const std::uint16_t port = target.port();
  std::vector<Figure> figures;
  figures.push_back(measure_wait(port));
  figures.push_back(measure_publish_one(settings, port));
  figures.push_back(measure_batches(settings, port, true));
  figures.push_back(measure_batches(settings, port, false));
  figures.push_back(measure_events(settings, port));
  return figures;
}

}  // namespace bench

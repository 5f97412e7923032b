// What those cost who are not concerned: a message to a topic, an event to a bus, with ten thousand
// subscriptions and rules that do not want it, beside none.
#include <fmt/format.h>

#include <algorithm>

#include "figures.h"
#include "measuring.h"
#include "pairs.h"
#include "requests.h"

namespace bench {
namespace {

const std::string kText(200, 'm');
constexpr int kConnections = 16;

std::string sns(std::uint16_t port, std::string_view action, std::string_view rest) {
  return form_request(port, "sns", fmt::format("Action={}&Version=2010-03-31&{}", action, rest));
}

std::string events(std::uint16_t port, std::string_view operation, std::string_view body) {
  return json_request(
      port, {.service = "events", .target = fmt::format("AWSEvents.{}", operation), .body = body});
}

/// One of what a message has, {"kind": "bench", "size": 5}, does not fit. All kinds of tests in
/// turn.
std::string pattern(int number) {
  switch (number % 5) {
    case 0:
      return fmt::format(R"({{"kind":["kind-{}"]}})", number);
    case 1:
      return fmt::format(R"({{"kind":[{{"prefix":"be-{}"}}]}})", number);
    case 2:
      return fmt::format(R"({{"size":[{{"numeric":[">",{}]}}]}})", 5 + number);
    case 3:
      return fmt::format(R"({{"kind":[{{"anything-but":["bench","kind-{}"]}}]}})", number);
    default:
      return fmt::format(R"({{"kind":["bench"],"color":["red-{}"]}})", number);
  }
}

std::string quoted(std::string text) {
  for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2))
    text.insert(at, 1, '\\');
  return text;
}

/// Requests that are made from their number, up to a last one.
class NumberedLoad final : public Workload {
 public:
  using Make = std::function<std::string(int)>;

  explicit NumberedLoad(Make make) : make_(std::move(make)), requests_(kConnections) {}

  std::string_view next_request(int connection) override {
    std::string& request = requests_.at(static_cast<std::size_t>(connection));
    request = make_(number_++);
    return request;
  }
  std::uint64_t accept(int, std::string_view) override { return 1; }

 private:
  Make make_;
  int number_ = 0;
  std::vector<std::string> requests_;
};

/// One request over and over, which stands for some messages.
class SameLoad final : public Workload {
 public:
  SameLoad(std::string request, std::uint64_t units)
      : request_(std::move(request)), units_(units) {}

  std::string_view next_request(int) override { return request_; }
  std::uint64_t accept(int, std::string_view body) override {
    if (body.contains("ErrorCode")) throw std::runtime_error(std::string(body));
    return units_;
  }

 private:
  std::string request_;
  std::uint64_t units_;
};

void send_all(std::uint16_t port, int count, NumberedLoad::Make make) {
  NumberedLoad load(std::move(make));
  run_load({.port = port,
            .connections = kConnections,
            .seconds = 600,
            .warm_up_seconds = 0,
            .units = static_cast<std::uint64_t>(count)},
           load);
}

class Topic {
 public:
  Topic(const ServerProcess& server, const std::string& name)
      : server_(server), arn_("arn:aws:sns:us-east-1:000000000000:" + name) {
    require_success(server.port(), sns(server.port(), "CreateTopic", "Name=" + name));
  }

  /// Queues that are not there: nothing is ever sent to them.
  void subscribe(int count, bool by_body) {
    send_all(server_.port(), count, [this, by_body](int number) {
      return sns(server_.port(), "Subscribe",
                 fmt::format(
                     "TopicArn={}&Protocol=sqs&Endpoint={}&Attributes.entry.1.key=FilterPolicy"
                     "&Attributes.entry.1.value={}&Attributes.entry.2.key=FilterPolicyScope"
                     "&Attributes.entry.2.value={}",
                     form_encoded(arn_),
                     form_encoded(fmt::format("arn:aws:sqs:us-east-1:000000000000:q{}", number)),
                     form_encoded(pattern(number)), by_body ? "MessageBody" : "MessageAttributes"));
    });
  }

  std::string publish() const {
    return sns(server_.port(), "Publish",
               fmt::format(
                   "TopicArn={}&Message={}&MessageAttributes.entry.1.Name=kind"
                   "&MessageAttributes.entry.1.Value.DataType=String"
                   "&MessageAttributes.entry.1.Value.StringValue=bench"
                   "&MessageAttributes.entry.2.Name=size"
                   "&MessageAttributes.entry.2.Value.DataType=Number"
                   "&MessageAttributes.entry.2.Value.StringValue=5",
                   form_encoded(arn_),
                   form_encoded(fmt::format(R"({{"kind":"bench","size":5,"text":"{}"}})", kText))));
  }

 private:
  const ServerProcess& server_;
  std::string arn_;
};

class Bus {
 public:
  Bus(const ServerProcess& server, std::string name) : server_(server), name_(std::move(name)) {
    require_success(server.port(), events(server.port(), "CreateEventBus",
                                          fmt::format(R"({{"Name":"{}"}})", name_)));
  }

  void add_rules(int count) {
    send_all(server_.port(), count, [this](int number) {
      return events(
          server_.port(), "PutRule",
          fmt::format(
              R"({{"Name":"rule-{}","EventBusName":"{}","EventPattern":"{}"}})", number, name_,
              quoted(fmt::format(R"({{"source":["bench"],"detail":{}}})", pattern(number)))));
    });
  }

  std::string put_events() const {
    const std::string detail =
        quoted(fmt::format(R"({{"kind":"bench","size":5,"text":"{}"}})", kText));
    std::string entries;
    for (int i = 0; i < 10; ++i)
      entries += fmt::format(
          R"({}{{"Source":"bench","DetailType":"test","EventBusName":"{}","Detail":"{}"}})",
          i == 0 ? "" : ",", name_, detail);
    return events(server_.port(), "PutEvents", fmt::format(R"({{"Entries":[{}]}})", entries));
  }

 private:
  const ServerProcess& server_;
  std::string name_;
};

/// The same request where nobody is and where many are, in turn.
Figure compare(const Settings& settings, const ServerProcess& server, const std::string& name,
               const std::array<std::string, 2>& requests) {
  const LoadPlan plan = half_as_long(plan_for(settings, server.port()), settings);
  SameLoad without(requests[0], 1);
  SameLoad with(requests[1], 1);
  return compare_in_pairs({.name = name,
                           .least = 0.5,
                           .without = [&] { return run_measured(plan, without, server); },
                           .with = [&] { return run_measured(plan, with, server); }});
}

}  // namespace

std::vector<Figure> measure_crowd(const Settings& settings) {
  const ServerProcess server(settings.binary);
  std::vector<Figure> figures;
  const Topic quiet(server, "quiet");
  for (const int count : {100, 1'000, 10'000}) {
    for (const bool by_body : {false, true}) {
      Topic crowded(server, fmt::format("crowded-{}-{}", count, by_body));
      crowded.subscribe(count, by_body);
      figures.push_back(compare(settings, server,
                                fmt::format("SNS Publish beside {} filters of {} : none", count,
                                            by_body ? "the body" : "attributes"),
                                {quiet.publish(), crowded.publish()}));
    }
  }
  const Bus empty(server, "empty");
  for (const int count : {100, 1'000, 10'000}) {
    Bus crowded(server, fmt::format("crowded-{}", count));
    crowded.add_rules(count);
    figures.push_back(compare(
        settings, server, fmt::format("EventBridge PutEvents of ten beside {} rules : none", count),
        {empty.put_events(), crowded.put_events()}));
  }
  return figures;
}

}  // namespace bench

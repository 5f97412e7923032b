// Ten thousand targets that are dead: what their deliveries cost those who have nothing to do with
// them, in time and memory, and how soon a server is there again that was killed with them.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "fairness_load.h"
#include "figures.h"
#include "measuring.h"
#include "requests.h"
#include "sqs_load.h"
#include "wire.h"

namespace bench {
namespace {

constexpr int kLanes = 10'000;
constexpr int kEventsToEach = 10;
constexpr int kDeadLetters = 100'000;
constexpr std::string_view kPattern = R"({\"source\":[\"bench\"]})";

std::string events(std::uint16_t port, std::string_view operation, std::string_view body) {
  return json_request(
      port, {.service = "events", .target = fmt::format("AWSEvents.{}", operation), .body = body});
}

/// The value of a member that is an ARN.
std::string arn_in(const Answer& answer, std::string_view member) {
  std::size_t position = 0;
  return std::string(next_json_string(answer.body, member, position));
}

/// An API destination at a port where nobody listens.
std::string dead_destination(std::uint16_t port) {
  const Answer connection = require_success(
      port, events(port, "CreateConnection",
                   R"({"Name":"dead","AuthorizationType":"API_KEY","AuthParameters":)"
                   R"({"ApiKeyAuthParameters":{"ApiKeyName":"x-key","ApiKeyValue":"secret"}}})"));
  return arn_in(
      require_success(
          port, events(port, "CreateApiDestination",
                       fmt::format(R"({{"Name":"dead","ConnectionArn":"{}","HttpMethod":"POST",)"
                                   R"("InvocationEndpoint":"http://127.0.0.1:1/",)"
                                   R"("InvocationRateLimitPerSecond":300000}})",
                                   arn_in(connection, "ConnectionArn")))),
      "ApiDestinationArn");
}

/// What rules are added by.
class Rules {
 public:
  Rules(std::uint16_t port, std::string bus) : port_(port), bus_(std::move(bus)), wire_(port) {
    call("CreateEventBus", fmt::format(R"({{"Name":"{}"}})", bus_));
  }

  void add(const std::string& rule, const std::string& target) {
    call("PutRule", fmt::format(R"({{"Name":"{}","EventBusName":"{}","EventPattern":"{}"}})", rule,
                                bus_, kPattern));
    call("PutTargets",
         fmt::format(R"({{"Rule":"{}","EventBusName":"{}","Targets":[{}]}})", rule, bus_, target));
  }

 private:
  std::uint16_t port_;
  std::string bus_;
  Wire wire_;

  void call(std::string_view operation, const std::string& body) {
    wire_.send(events(port_, operation, body));
    wire_.receive();
  }
};

std::string put_events(std::uint16_t port, const std::string& bus, int count) {
  std::string entries;
  for (int i = 0; i < count; ++i)
    entries += fmt::format(
        R"({}{{"Source":"bench","DetailType":"test","EventBusName":"{}","Detail":"{{}}"}})",
        i == 0 ? "" : ",", bus);
  return events(port, "PutEvents", fmt::format(R"({{"Entries":[{}]}})", entries));
}

Figure waits_figure(const std::string& name, const Probe::Waits& waits) {
  return {.name = "GetItem beside " + name + ", p99",
          .unit = "ms",
          .measured = waits.p99_ms,
          .target = 20,
          .better = Better::lower,
          .note = fmt::format("worst {:.1f} ms, of {}; the machine's share {:.1f} ms",
                              waits.worst_ms, waits.count, waits.worst_idle_ms),
          .failure = {}};
}

Figure information(std::string name, std::string unit, double measured, std::string note = {}) {
  return {.name = std::move(name),
          .unit = std::move(unit),
          .measured = measured,
          .target = std::nullopt,
          .better = Better::lower,
          .note = std::move(note),
          .failure = {}};
}

void wait_seconds(int seconds) {
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
}

std::uint64_t count_messages(const Queue& queue) {
  const Answer answer = require_success(
      queue.port,
      json_request(queue.port,
                   {.service = "sqs",
                    .target = "AmazonSQS.GetQueueAttributes",
                    .body = fmt::format(
                        R"({{"QueueUrl":"{}","AttributeNames":["ApproximateNumberOfMessages"]}})",
                        queue.url)}));
  std::size_t position = 0;
  return std::stoull(
      std::string(next_json_string(answer.body, "ApproximateNumberOfMessages", position)));
}

/// Each event becomes a dead letter at its first try.
void measure_dead_letters(const ServerProcess& server, const std::string& destination,
                          std::vector<Figure>& figures) {
  const std::uint16_t port = server.port();
  const Queue dead = create_queue(port, "dead-letters");
  const std::string arn = "arn:aws:sqs:us-east-1:000000000000:dead-letters";
  require_success(
      port, json_request(port, {.service = "sqs",
                                .target = "AmazonSQS.SetQueueAttributes",
                                .body = fmt::format(
                                    R"({{"QueueUrl":"{}","Attributes":{{"Policy":"{{\"Statement\":)"
                                    R"({{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":)"
                                    R"(\"sqs:SendMessage\",\"Resource\":\"{}\"}}}}"}}}})",
                                    dead.url, arn)}));
  const std::string bus = "to-dead-letters";
  Rules(port, bus).add(
      "all", fmt::format(R"({{"Id":"1","Arn":"{}","RetryPolicy":{{"MaximumRetryAttempts":0}},)"
                         R"("DeadLetterConfig":{{"Arn":"{}"}}}})",
                         destination, arn));
  const std::string request = put_events(port, bus, 10);
  const double began = now_seconds();
  Wire wire(port);
  for (int i = 0; i < kDeadLetters / 10; ++i) {
    wire.send(request);
    wire.receive();
  }
  const double sent = now_seconds();
  while (count_messages(dead) < kDeadLetters && now_seconds() < sent + 300) wait_seconds(1);
  Figure figure =
      information(fmt::format("{} events to a dead target become dead letters", kDeadLetters), "s",
                  now_seconds() - began,
                  fmt::format("acknowledged in {:.1f} s; {:.0f} MB at the peak", sent - began,
                              server.peak_megabytes()));
  if (count_messages(dead) < kDeadLetters) figure.failure = "some have not come";
  figures.push_back(std::move(figure));
}

}  // namespace

std::vector<Figure> measure_lanes(const Settings& settings) {
  ServerProcess server(settings.binary);
  const std::uint16_t port = server.port();
  const Probe probe(port);
  std::vector<Figure> figures;
  const std::string destination = dead_destination(port);
  const std::string bus = "lanes";
  Rules rules(port, bus);
  for (int i = 0; i < kLanes; ++i)
    rules.add(fmt::format("rule-{}", i), fmt::format(R"({{"Id":"1","Arn":"{}"}})", destination));
  figures.push_back(information(fmt::format("memory with {} rules and targets", kLanes), "MB",
                                server.resident_megabytes()));
  const std::string request = put_events(port, bus, 1);
  figures.push_back(waits_figure(fmt::format("an event to {} targets", kLanes), probe.measure([&] {
    for (int i = 0; i < kEventsToEach; ++i) require_success(port, request);
  })));
  figures.push_back(
      waits_figure(fmt::format("{} deliveries that are tried", kLanes * kEventsToEach),
                   probe.measure([] { wait_seconds(20); })));
  figures.push_back(information("  memory, then, and at its peak", "MB",
                                server.resident_megabytes(),
                                fmt::format("{:.0f} MB at the peak", server.peak_megabytes())));
  server.restart(SIGKILL);
  figures.push_back(information("  ready after kill -9", "ms", server.ready_milliseconds()));
  figures.push_back(waits_figure("them after the start", probe.measure([] { wait_seconds(10); })));
  server.restart(SIGKILL);
  figures.push_back(information("  ready after kill -9 once more", "ms",
                                server.ready_milliseconds(),
                                fmt::format("{:.0f} MB", server.resident_megabytes())));
  const ServerProcess other(settings.binary);
  measure_dead_letters(other, dead_destination(other.port()), figures);
  return figures;
}

}  // namespace bench

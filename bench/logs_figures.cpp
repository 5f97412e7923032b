// The figures of CloudWatch Logs: events a second that come in by batches, events a second that a
// filter looks through, and the server's memory with all of them.
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "figures.h"
#include "measuring.h"
#include "requests.h"

namespace bench {
namespace {

constexpr std::uint64_t kEventsOfABatch = 1'000;

std::string logs_request(std::uint16_t port, std::string_view operation, std::string_view body) {
  return json_request(
      port,
      {.service = "logs", .target = fmt::format("Logs_20140328.{}", operation), .body = body});
}

std::int64_t now_milliseconds() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

/// Of a thousand events of a hundred bytes, one of which is rare.
std::string batch_body(int stream) {
  const std::int64_t time = now_milliseconds();
  std::string events;
  for (std::uint64_t i = 0; i < kEventsOfABatch; ++i)
    events += fmt::format(
        R"({}{{"timestamp":{},"message":"{} request {:06} of a program that says much of what it )"
        R"(does, to 127.0.0.1 in {:03} ms, id a0b1c2d3e4"}})",
        i == 0 ? "" : ",", time + static_cast<std::int64_t>(i), i == 500 ? "RARE" : "INFO", i,
        i % 1000);
  return fmt::format(R"({{"logGroupName":"bench","logStreamName":"s{}","logEvents":[{}]}})", stream,
                     events);
}

/// Each connection writes to a stream of its own.
class PutEventsLoad final : public Workload {
 public:
  PutEventsLoad(std::uint16_t port, int connections) {
    for (int i = 0; i < connections; ++i)
      requests_.push_back(logs_request(port, "PutLogEvents", batch_body(i)));
  }
  std::string_view next_request(int connection) override {
    return requests_[static_cast<std::size_t>(connection)];
  }
  std::uint64_t accept(int, std::string_view body) override {
    if (body.contains("rejectedLogEventsInfo")) throw std::runtime_error("events were rejected");
    written_ += kEventsOfABatch;
    return kEventsOfABatch;
  }
  std::uint64_t written() const { return written_; }

 private:
  std::vector<std::string> requests_;
  std::uint64_t written_ = 0;
};

/// Page by page to the end. Tells how many events have fitted.
std::uint64_t filter_all(std::uint16_t port, std::string_view pattern) {
  std::uint64_t found = 0;
  std::string token;
  do {
    const std::string body =
        fmt::format(R"({{"logGroupName":"bench","filterPattern":"{}"{}}})", pattern,
                    token.empty() ? "" : fmt::format(R"(,"nextToken":"{}")", token));
    const Answer answer = require_success(port, logs_request(port, "FilterLogEvents", body));
    std::size_t position = 0;
    while (!next_json_string(answer.body, "eventId", position).empty()) ++found;
    position = 0;
    token = next_json_string(answer.body, "nextToken", position);
  } while (!token.empty());
  return found;
}

Figure measure_filter(std::uint16_t port, std::uint64_t written, std::string_view pattern) {
  const double started = now_seconds();
  const std::uint64_t found = filter_all(port, pattern);
  const double seconds = now_seconds() - started;
  return {.name = fmt::format("CloudWatch Logs FilterLogEvents, {}", pattern),
          .unit = "events/s",
          .measured = static_cast<double>(written) / seconds,
          .target = 500'000,
          .note = fmt::format("{} events in {:.1f} s, of which {} fit", written, seconds, found),
          .failure = {}};
}

/// What the events take, and the most that the server has while they come in as fast as they can: a
/// server with a million items and objects promises as much.
void append_memory(const ServerProcess& server, std::vector<Figure>& figures) {
  const double resident = server.resident_megabytes();
  const double peak = server.peak_megabytes();
  for (const auto& [name, measured, most] :
       {std::tuple("  memory with all of them", resident, 100.0),
        std::tuple("  and its peak meanwhile", peak, 120.0)})
    figures.push_back({.name = name,
                       .unit = "MB",
                       .measured = measured,
                       .target = most,
                       .better = Better::lower,
                       .note = {},
                       .failure = {}});
}

}  // namespace

std::vector<Figure> measure_logs(const Settings& settings) {
  const Target target(settings);
  const std::uint16_t port = target.port();
  constexpr int connections = 8;
  require_success(port, logs_request(port, "CreateLogGroup", R"({"logGroupName":"bench"})"));
  for (int i = 0; i < connections; ++i)
    require_success(
        port, logs_request(port, "CreateLogStream",
                           fmt::format(R"({{"logGroupName":"bench","logStreamName":"s{}"}})", i)));
  LoadPlan plan = plan_for(settings, port);
  plan.connections = connections;
  plan.warm_up_seconds = 0;
  plan.seconds = 600;
  plan.units = settings.log_events;
  PutEventsLoad load(port, connections);
  std::vector<Figure> figures;
  figures.push_back(measure_load({.name = "CloudWatch Logs PutLogEvents, 1,000 x 100 B",
                                  .unit = "events/s",
                                  .target = 200'000,
                                  .note = {},
                                  .failure = {}},
                                 plan, load));
  figures.push_back(measure_filter(port, load.written(), "RARE"));
  figures.push_back(measure_filter(port, load.written(), "%R[AE]RE%"));
  if (target.process() != nullptr) append_memory(*target.process(), figures);
  return figures;
}

}  // namespace bench

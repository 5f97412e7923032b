// The publisher on the embedded cloud. A server fills a bucket with objects named like digests,
// ends, and the publisher opens its data directory itself.
#include <fmt/format.h>

#include <csignal>
#include <stdexcept>

#include "figures.h"
#include "http_load.h"
#include "requests.h"
#include "s3_load.h"
#include "server_process.h"

namespace bench {
namespace {

constexpr std::string_view kBucket = "published";
constexpr std::size_t kKeySize = 64;

/// PUT of 16 bytes under keys of 64 hexadecimal digits that come in no order.
class PutDigestLoad : public Workload {
 public:
  PutDigestLoad(std::uint16_t port, int connections) {
    const std::string path = fmt::format("/{}/{}", kBucket, std::string(kKeySize, '@'));
    const std::string request =
        s3_request(port, {.method = "PUT", .path = path, .body = "0123456789abcdef"});
    requests_.assign(static_cast<std::size_t>(connections), request);
    place_ = request.find('@');
  }

  std::string_view next_request(int connection) override {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string& request = requests_[static_cast<std::size_t>(connection)];
    std::uint64_t state = next_++;
    for (std::size_t i = 0; i < kKeySize; ++i) {
      // SplitMix64: one number in, a digest's worth of digits out.
      if (i % 16 == 0) state = mix(state + 0x9e3779b97f4a7c15);
      request[place_ + i] = digits[(state >> (4 * (i % 16))) & 15U];
    }
    return request;
  }

  std::uint64_t accept(int, std::string_view) override { return 1; }

 private:
  std::vector<std::string> requests_;
  std::size_t place_ = 0;
  std::uint64_t next_ = 0;

  static std::uint64_t mix(std::uint64_t number) {
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111eb;
    return number ^ (number >> 31U);
  }
};

void fill(const Settings& settings, std::uint16_t port) {
  create_bucket(port, std::string(kBucket));
  PutDigestLoad load(port, settings.connections);
  const LoadPlan plan = {.port = port,
                         .connections = settings.connections,
                         .seconds = 3600,
                         .warm_up_seconds = 0,
                         .units = settings.published_objects};
  run_load(plan, load);
  const std::string queue = R"({"QueueName":"work.fifo","Attributes":{"FifoQueue":"true"}})";
  require_success(
      port,
      json_request(port, {.service = "sqs", .target = "AmazonSQS.CreateQueue", .body = queue}));
}

/// The number of that name in a JSON text; zero without one.
std::uint64_t number_in(const std::string& json, const std::string& name) {
  const std::size_t place = json.find("\"" + name + "\":");
  return place == std::string::npos ? 0 : std::stoull(json.substr(place + name.size() + 3));
}

}  // namespace

std::vector<Figure> measure_publish(const Settings& settings) {
  ServerProcess server(settings.binary);
  fill(settings, server.port());
  server.stop();
  const std::vector<std::string> command = {
      settings.binary, "publish", std::string(kBucket),   "work.fifo", "--format",
      "json",          "--data",  server.data_directory()};
  const Finished first = run_to_end(command, server.data_directory());
  const Finished second = run_to_end(command, server.data_directory());
  // Requests that were on their way when the last one was counted may have been carried out.
  const std::uint64_t seen = number_in(first.output, "objects_seen");
  std::string failure;
  if (first.exit_code != 0 || second.exit_code != 0)
    failure = fmt::format("exit code {}: {}", first.exit_code, first.output);
  else if (seen < settings.published_objects || number_in(first.output, "published") != seen ||
           number_in(second.output, "published_before") != seen)
    failure = "not each object was published once: " + first.output + second.output;
  const bool full = settings.published_objects == 1'000'000;
  const auto target = [&](double value) { return full ? std::optional(value) : std::nullopt; };
  return {{.name = fmt::format("publish {} objects, embedded", seen),
           .unit = "s",
           .measured = first.seconds,
           .target = target(90),
           .better = Better::lower,
           .note = fmt::format("{:.0f} objects a second, {} pages",
                               static_cast<double>(seen) / first.seconds,
                               number_in(first.output, "pages_listed")),
           .failure = failure},
          {.name = "  and its peak resident memory",
           .unit = "MB",
           .measured = first.peak_megabytes,
           .target = target(150),
           .better = Better::lower,
           .note = "cloud and publisher together",
           .failure = failure},
          {.name = "  again, with nothing new",
           .unit = "s",
           .measured = second.seconds,
           .target = {},
           .better = Better::lower,
           .note = fmt::format("{:.0f} MB", second.peak_megabytes),
           .failure = failure}};
}

}  // namespace bench

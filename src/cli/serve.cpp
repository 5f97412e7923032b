#include "cli/serve.h"

#include <fmt/format.h>

#include <expected>

#include "cli/version.h"
#include "cloud/cloud.h"
#include "gateway/aws_handler.h"
#include "gateway/server.h"
#include "storage/condition.h"

namespace matinee::cli {
namespace {

/// How long requests that were accepted may take once the server is told to stop.
constexpr runtime::Duration stop_grace = std::chrono::seconds(10);

/// Up to three tables are in memory while they are written: the server promises to stay below 120
/// MB with a million items and a million objects.
constexpr std::size_t memtable_bytes = std::size_t{14} << 20;

storage::StoreOptions store_options(Surroundings& surroundings, const UpOptions& options) {
  storage::StoreOptions store{.directory = options.directory,
                              .disk = &surroundings.runtime.disk,
                              .workers = &surroundings.runtime.workers,
                              .accept_loss = options.accept_loss,
                              .memtable_bytes = memtable_bytes};
  if (options.durability == "power") store.durability = storage::Durability::power;
  if (options.durability == "memory") store.durability = storage::Durability::memory;
  return store;
}

std::vector<gateway::ListenAddress> addresses(const UpOptions& options) {
  std::vector<gateway::ListenAddress> listen{
      {.address = options.address, .port = static_cast<std::uint16_t>(options.port)}};
  if (options.legacy_ports) {
    listen.push_back({.address = options.address, .port = 4569, .default_service = "dynamodb"});
    listen.push_back({.address = options.address, .port = 4572, .default_service = "s3"});
    listen.push_back({.address = options.address, .port = 4576, .default_service = "sqs"});
  }
  return listen;
}

std::expected<gateway::AuthenticationOptions, std::string> authentication(
    const UpOptions& options) {
  gateway::AuthenticationOptions result{.check_signatures = options.authentication == "sigv4",
                                        .default_region = options.region};
  for (const std::string& key : options.keys) {
    const std::size_t colon = key.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == key.size())
      return std::unexpected("--key takes ACCESS_KEY:SECRET.");
    result.secrets[key.substr(0, colon)] = key.substr(colon + 1);
  }
  if (result.check_signatures && result.secrets.empty())
    return std::unexpected("--auth sigv4 needs at least one --key ACCESS_KEY:SECRET.");
  return result;
}

/// One more where it does not take a core from the state thread and the clients.
unsigned io_threads(const Surroundings& surroundings) {
  return surroundings.cores >= 4 ? 2 : 1;
}

/// Clients must not take the files that the store needs: the log, up to 256 of its tables, and
/// those of the objects that are being read and written.
std::size_t most_connections(std::size_t file_limit) {
  constexpr std::size_t kept_back = 400;
  return file_limit > 2 * kept_back ? file_limit - kept_back : file_limit / 2;
}

std::string url(const UpOptions& options, std::uint16_t port) {
  const bool ipv6 = options.address.contains(':');
  return fmt::format("http://{}{}{}:{}", ipv6 ? "[" : "", options.address, ipv6 ? "]" : "", port);
}

std::string place(const UpOptions& options) {
  return options.durability == "memory" ? "nothing is kept"
                                        : fmt::format("data in {}", options.directory);
}

std::string ready_line(Surroundings& surroundings, const UpOptions& options,
                       const std::string& address) {
  const auto took = std::chrono::duration<double, std::milli>(surroundings.runtime.clock.now() -
                                                              surroundings.started);
  return fmt::format("Matinee {} is ready on {} ({}, {:.0f} ms).\n", version, address,
                     place(options), took.count());
}

/// Lets the first signal end the server in order, and the second one at once.
void stop_on_signal(Surroundings& surroundings, std::unique_ptr<gateway::Server>& server) {
  surroundings.on_stop_signal([&surroundings, &server, asked = false]() mutable {
    runtime::Loop& loop = surroundings.runtime.loop;
    if (std::exchange(asked, true) || !server) return loop.stop();
    server->stop(stop_grace, [&loop] { loop.stop(); });
  });
}

/// What the health page says is wrong.
std::optional<std::string> trouble_of(const storage::Condition& condition) {
  std::optional<std::string> why = condition.why_writes_fail();
  return why ? "Writes fail: " + *why : condition.damage();
}

int serve_until_stopped(Surroundings& surroundings, const UpOptions& options) {
  auto checks = authentication(options);
  if (!checks) {
    fail(surroundings, checks.error());
    return wrong_usage;
  }
  std::unique_ptr<gateway::Server> server;
  stop_on_signal(surroundings, server);
  runtime::Runtime& runtime = surroundings.runtime;
  auto cloud = cloud::Cloud::open(runtime, store_options(surroundings, options),
                                  {.throughput_quotas = options.quotas == "aws"});
  if (!cloud) return fail(surroundings, cloud.error().message);
  checks->session_key = (*cloud)->session_key();
  gateway::AwsGateway gateway(
      (*cloud)->endpoint(), {runtime.clock, runtime.random, runtime.workers},
      {.authentication = std::move(*checks),
       .browsers = {.hosts = options.allowed_hosts, .origins = options.allowed_origins},
       .version = std::string(version),
       .trouble = [condition = (*cloud)->store().condition()] { return trouble_of(*condition); }});
  server = std::make_unique<gateway::Server>(
      runtime.clock, runtime.workers,
      gateway::ServerOptions{.listen = addresses(options),
                             .io_threads = io_threads(surroundings),
                             .most_connections = most_connections(surroundings.file_limit)});
  if (const auto started = server->start(gateway.handler_factory()); !started)
    return fail(surroundings, started.error());
  const std::string address = url(options, server->ports().front());
  if (const auto written = (*cloud)->store().write_lock_text(address); !written)
    return fail(surroundings, written.error().message);
  surroundings.terminal.out(ready_line(surroundings, options, address));
  runtime.loop.run();
  server.reset();
  return done;
}

}  // namespace

int serve(Surroundings& surroundings, const UpOptions& options) {
  try {
    return serve_until_stopped(surroundings, options);
  } catch (const storage::DamagedRecord& error) {
    return fail(surroundings, fmt::format("Stopping, because the data directory {} is damaged: {}.",
                                          options.directory, error.what()));
  } catch (const std::exception& error) {
    return fail(surroundings, fmt::format("Stopping, because of an error: {}.", error.what()));
  }
}

int serve_detached(Surroundings& surroundings, const UpOptions& options) {
  if (const auto checks = authentication(options); !checks) {
    fail(surroundings, checks.error());
    return wrong_usage;
  }
  std::vector<std::string> arguments{surroundings.processes.own_executable(),
                                     "up",
                                     "--port",
                                     std::to_string(options.port),
                                     "--listen",
                                     options.address,
                                     "--data",
                                     options.directory,
                                     "--durability",
                                     options.durability,
                                     "--auth",
                                     options.authentication,
                                     "--region",
                                     options.region,
                                     "--quotas",
                                     options.quotas};
  if (options.legacy_ports) arguments.emplace_back("--legacy-ports");
  if (options.accept_loss) arguments.emplace_back("--accept-loss");
  for (const auto& [name, values] : {std::pair{"--key", &options.keys},
                                     {"--allow-host", &options.allowed_hosts},
                                     {"--allow-origin", &options.allowed_origins}})
    for (const std::string& value : *values) {
      arguments.emplace_back(name);
      arguments.push_back(value);
    }
  runtime::Disk& disk = surroundings.runtime.disk;
  if (const auto made = disk.create_directories(options.directory); !made)
    return fail(surroundings, fmt::format("The data directory {} cannot be written: {}.",
                                          options.directory, made.error().message));
  const auto started =
      surroundings.processes.start_detached(arguments, options.directory + "/server.log");
  if (!started) {
    std::string_view reason = started.error();
    constexpr std::string_view signature = "matinee: ";  // of the server, which says it like fail()
    if (reason.starts_with(signature)) reason.remove_prefix(signature.size());
    return fail(surroundings, reason);
  }
  surroundings.terminal.out(started->first_line + "\n");
  return done;
}

}  // namespace matinee::cli

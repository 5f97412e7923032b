#include "cli/serve.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <expected>

#include "cli/function_host.h"
#include "cli/handover.h"
#include "cli/outside_hosts.h"
#include "cli/place.h"
#include "cli/port_file.h"
#include "cli/version.h"
#include "client/endpoints.h"
#include "cloud/cloud.h"
#include "gateway/aws_handler.h"
#include "gateway/server.h"
#include "gateway/tls/context.h"
#include "runtime/at_rest.h"
#include "runtime/later_clock.h"
#include "runtime/movable_clock.h"
#include "runtime/seedable.h"
#include "storage/condition.h"

namespace matinee::cli {
namespace {

/// How long requests that were accepted may take once the server is told to stop, and once its
/// cloud is about to become what a snapshot of it is.
constexpr runtime::Duration stop_grace = std::chrono::seconds(10);
constexpr runtime::Duration replacement_grace = std::chrono::milliseconds(150);

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
    Surroundings& surroundings, const UpOptions& options) {
  auto keys = surroundings.handover ? std::expected<Keys, std::string>(surroundings.handover->keys)
                                    : read_keys(options.keys, surroundings);
  if (!keys) return std::unexpected(keys.error());
  gateway::AuthenticationOptions result{.check_signatures = options.authentication == "sigv4",
                                        .default_region = options.region};
  result.secrets = std::move(*keys);
  if (result.check_signatures && result.secrets.empty())
    return std::unexpected("--auth sigv4 needs keys: --key-file FILE, or --key ACCESS_KEY.");
  return result;
}

services::IamMode iam_mode(const UpOptions& options) {
  if (options.iam == "enforce") return services::IamMode::enforce;
  return options.iam == "observe" ? services::IamMode::observe : services::IamMode::off;
}

cloud::CloudOptions cloud_options(Surroundings& surroundings, const UpOptions& options) {
  return {.quotas = options.quotas == "aws",
          .iam = iam_mode(options),
          .seed = options.seed,
          .weather = options.weather == "aws",
          .journal = options.journal == "on",
          .journal_payloads = options.journal_payloads,
          .http = &surroundings.http};
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

/// Without signatures, whoever reaches the port has everything.
void warn_of_others(Surroundings& surroundings, const UpOptions& options) {
  const std::string url = url_of(options.address, static_cast<std::uint16_t>(options.port));
  if (options.authentication == "sigv4" || client::is_loopback_url(url)) return;
  surroundings.terminal.error(
      fmt::format("warning: everybody who reaches {} can read and change all that is here; --auth "
                  "sigv4 --key-file FILE lets in only who signs with a key.\n",
                  options.address));
}

Place place_of(Surroundings& surroundings, const UpOptions& options,
               const std::vector<std::uint16_t>& ports) {
  Place place{.url = url_of(options.address, ports.front()),
              .legacy_ports = {},
              .process_id = surroundings.runtime.environment.process_id(),
              .directory = options.durability == "memory" ? "" : options.directory};
  const std::vector<gateway::ListenAddress> asked = addresses(options);
  for (std::size_t i = 1; i < ports.size(); ++i)
    place.legacy_ports.push_back({.port = ports[i], .service = asked[i].default_service});
  return place;
}

/// What a person at a screen may want to know next; a program reads standard output.
void print_hints(Surroundings& surroundings, const UpOptions& options, const Place& place) {
  if (!surroundings.terminal.is_interactive()) return;
  surroundings.terminal.error(fmt::format(
      "  export AWS_ENDPOINT_URL={}\n"
      "      for SDKs, Terraform and the aws CLI; 127.0.0.1 rather than localhost, below\n"
      "      which some of them look for BUCKET.localhost\n"
      "  Ctrl-C stops it{}.\n",
      place.url,
      options.is_passing        ? " and removes the fork"
      : place.directory.empty() ? ""
                                : " and keeps everything"));
}

/// Lets the first signal end the server in order, and the second one at once.
class Stopping {
 public:
  Stopping(Surroundings& surroundings, const UpOptions& options)
      : surroundings_(surroundings), options_(options) {
    surroundings.on_stop_signal([this](int) { stop(); });
    if (options.exit_with_parent) surroundings.on_parent_exit([this] { stop(); });
  }

  void set(gateway::Server* server) { server_ = server; }
  const gateway::Gate& gate() const { return gate_; }
  /// Whether the server has ended so that another one takes its place.
  bool is_replaced() const { return is_replaced_; }
  /// Ends it for that.
  void replace() {
    if (!server_ || is_asked_ || std::exchange(is_replaced_, true)) return;
    gate_.close();
    runtime::Loop& loop = surroundings_.runtime.loop;
    server_->stop(replacement_grace, [&loop] { loop.stop(); });
    // The server counts in longer steps.
    runtime::Clock& clock = runtime::real_clock(surroundings_.runtime.clock);
    clock.call_at(clock.now() + replacement_grace, [&loop] { loop.stop(); });
  }
  /// Once the loop has ended.
  void report() const {
    surroundings_.terminal.error(
        options_.is_passing ? "Stopped; the fork is gone.\n"
        : options_.durability == "memory"
            ? "Stopped; nothing is kept.\n"
            : fmt::format("Stopped; {} keeps everything.\n", options_.directory));
  }

 private:
  Surroundings& surroundings_;
  const UpOptions& options_;
  gateway::Server* server_ = nullptr;
  gateway::Gate gate_;
  bool is_asked_ = false;
  bool is_replaced_ = false;

  void stop() {
    runtime::Loop& loop = surroundings_.runtime.loop;
    if (std::exchange(is_asked_, true) || !server_ || std::exchange(is_replaced_, false))
      return loop.stop();
    // Below a "^C" that the terminal shows.
    if (surroundings_.terminal.is_interactive()) surroundings_.terminal.error("\n");
    server_->stop(stop_grace, [&loop] { loop.stop(); });
  }
};

/// Where it would surprise: an earlier run was moved ahead, or the clock stands.
void tell_clock(Surroundings& surroundings) {
  const auto* clock = dynamic_cast<const runtime::MovableClock*>(&surroundings.runtime.clock);
  if (!clock) return;
  const runtime::ClockState state = clock->state();
  const bool is_ahead = state.now - state.real > std::chrono::minutes(5);
  if (!is_ahead && !state.paused) return;
  surroundings.terminal.error(
      fmt::format("note: it is {:%FT%TZ} here{}; `matinee clock` tells more.\n",
                  std::chrono::floor<std::chrono::seconds>(state.now),
                  state.paused ? ", and time stands" : ""));
}

/// Tells everybody who has to know where the server is.
std::expected<void, std::string> announce(Surroundings& surroundings, const UpOptions& options,
                                          cloud::Cloud& cloud, const Place& place) {
  if (const auto written = cloud.store().write_lock_text(lock_text(place)); !written)
    return std::unexpected(written.error().message);
  if (surroundings.handover) {
    surroundings.terminal.error("note: the cloud is what a snapshot of it was.\n");
    tell_clock(surroundings);
    return {};
  }
  const runtime::Duration took =
      runtime::wall_time(surroundings.runtime.clock) - surroundings.started;
  surroundings.terminal.out(options.format == "json" ? ready_json(place, took)
                                                     : ready_text(place, took));
  if (options.format == "text") print_hints(surroundings, options, place);
  tell_clock(surroundings);
  if (options.seed)
    surroundings.terminal.error(fmt::format(
        "note: all that is random comes from seed {}, keys and passwords too.\n", *options.seed));
  if (options.weather == "aws")
    surroundings.terminal.error(
        fmt::format("note: messages come twice and out of order, as AWS lets them, drawn from seed "
                    "{}; `matinee faults list` tells how often.\n",
                    cloud.faults().plan().seed().value_or(0)));
  surroundings.forget_start();
  return {};
}

/// What the health page says is wrong.
std::optional<std::string> trouble_of(const storage::Condition& condition) {
  std::optional<std::string> why = condition.why_writes_fail();
  return why ? "Writes fail: " + *why : condition.damage();
}

/// Null without --tls. The error is the reason, without a period.
std::expected<std::shared_ptr<gateway::tls::Context>, std::string> tls_context(
    Surroundings& surroundings, const UpOptions& options) {
  using gateway::tls::Authority;
  if (!options.tls) return nullptr;
  runtime::Clock& clock = surroundings.runtime.clock;
  const runtime::Time now = runtime::wall_time(clock);
  try {
    auto authority =
        options.durability == "memory"
            ? std::expected<Authority, std::string>(Authority::make(now))
            : gateway::tls::open_authority(surroundings.runtime.disk, options.directory, now);
    if (!authority) return std::unexpected(authority.error());
    return std::make_shared<gateway::tls::Context>(std::move(*authority), clock,
                                                   std::vector{options.address});
  } catch (const std::runtime_error& error) {
    return std::unexpected(error.what());
  }
}

std::string function_directory(Surroundings& surroundings, const UpOptions& options) {
  const runtime::Environment& environment = surroundings.runtime.environment;
  if (options.durability != "memory") return options.directory + "/functions";
  return fmt::format("{}/matinee-{}", environment.find("TMPDIR").value_or("/tmp"),
                     environment.process_id());
}

/// A sentence where a seed cannot be used.
std::string begin_seed(Surroundings& surroundings, const UpOptions& options) {
  if (!options.seed) return "";
  runtime::Runtime& runtime = surroundings.runtime;
  // A server that takes the place of another one goes on drawing.
  if (surroundings.handover) {
    runtime::wait_for_rest(runtime.loop);
    return "";
  }
  if (options.durability != "memory" && runtime.disk.exists(options.directory + "/store"))
    return fmt::format(
        "--seed begins with an empty data directory, because the ids that it draws may be taken "
        "in {}.",
        options.directory);
  runtime::use_seed(runtime.random, *options.seed);
  runtime::wait_for_rest(runtime.loop);
  return "";
}

/// As it is asked for, or as it was before the cloud was replaced. With a seed it stands at the
/// same time in each run, because ids and replies have times in them.
void begin_clock(Surroundings& surroundings, const UpOptions& options) {
  using namespace std::chrono_literals;
  constexpr std::chrono::sys_days begin_of_seeded_runs = 2040y / std::chrono::January / 1d;
  const bool is_paused =
      surroundings.handover ? surroundings.handover->is_paused : options.clock == "paused";
  auto* clock = dynamic_cast<runtime::MovableClock*>(&surroundings.runtime.clock);
  if (!is_paused || !clock) return;
  clock->pause();
  if (options.seed)
    runtime::start_no_earlier_than(surroundings.runtime.clock,
                                   runtime::Time(begin_of_seeded_runs.time_since_epoch()));
}

gateway::GatewayOptions gateway_options(cloud::Cloud& cloud, const UpOptions& options,
                                        gateway::AuthenticationOptions checks) {
  checks.session_key = cloud.session_key();
  checks.access_keys = cloud.access_keys();
  checks.trusts_providers = iam_mode(options) == services::IamMode::enforce;
  return {.authentication = std::move(checks),
          .browsers = {.hosts = options.allowed_hosts, .origins = options.allowed_origins},
          .version = std::string(version),
          .document = [certificates = cloud.certificates()](
                          std::string_view path) { return certificates->find(path); },
          .site = &cloud.site(),
          .faults = &cloud.faults(),
          .trouble = [condition = cloud.store().condition()] { return trouble_of(*condition); }};
}

std::vector<gateway::Listener> take_listeners(Surroundings& surroundings) {
  return surroundings.handover ? std::exchange(surroundings.handover->listeners, {})
                               : std::vector<gateway::Listener>();
}

void hand_over(Surroundings& surroundings, const UpOptions& options, gateway::Server& server,
               Keys keys) {
  const auto* clock = dynamic_cast<const runtime::MovableClock*>(&surroundings.runtime.clock);
  surroundings.handover =
      std::make_shared<Handover>(Handover{.listeners = server.give_listeners(),
                                          .keys = std::move(keys),
                                          .directory = options.directory,
                                          .is_paused = clock && clock->state().paused});
}

int serve_until_stopped(Surroundings& surroundings, const UpOptions& options) {
  auto checks = authentication(surroundings, options);
  if (!checks) return refuse_usage(surroundings, checks.error());
  surroundings.keep_files_private();
  if (!surroundings.handover) warn_of_others(surroundings, options);
  runtime::Runtime& runtime = surroundings.runtime;
  if (const std::string mistake = begin_seed(surroundings, options); !mistake.empty())
    return refuse_usage(surroundings, mistake);
  PortFile port_file(runtime, options.port_file);
  const auto removed = surroundings.handover ? runtime::DiskResult<>() : port_file.remove_old();
  if (!removed) return fail(surroundings, fmt::format("--port-file: {}.", removed.error().message));
  Stopping stopping(surroundings, options);
  begin_clock(surroundings, options);
  cloud::CloudOptions cloud_settings = cloud_options(surroundings, options);
  cloud_settings.on_replaced = [&stopping] { stopping.replace(); };
  auto cloud = cloud::Cloud::open(runtime, store_options(surroundings, options), cloud_settings);
  if (!cloud) return fail(surroundings, cloud.error().message);
  const auto tls = tls_context(surroundings, options);
  if (!tls) return fail(surroundings, fmt::format("--tls: {}.", tls.error()));
  gateway::GatewayOptions settings = gateway_options(**cloud, options, *checks);
  if (*tls) settings.trusted_certificate = (*tls)->trusted();
  settings.gate = &stopping.gate();
  gateway::AwsGateway gateway(
      (*cloud)->endpoint(), {runtime.clock, runtime.random, runtime.workers}, std::move(settings));
  gateway::Server server(runtime.clock, runtime.workers,
                         {.listen = addresses(options),
                          .listeners = take_listeners(surroundings),
                          .io_threads = io_threads(surroundings),
                          .most_connections = most_connections(surroundings.file_limit),
                          .tls = *tls});
  if (const auto started = server.start(gateway.handler_factory()); !started)
    return fail(surroundings, started.error());
  if (const auto written = port_file.write(server.ports().front()); !written)
    return fail(surroundings, fmt::format("--port-file: {}.", written.error().message));
  const Place place = place_of(surroundings, options, server.ports());
  const auto open_outside = [&] {
    return open_outside_world(surroundings, options.hosts, place.url);
  };
  std::expected<std::unique_ptr<gateway::OutsideWorld>, std::string> outside = nullptr;
  // What may be wrong with hosts that were given is said before the server is ready; nobody waits
  // for the one that is always there.
  if (!options.hosts.empty()) outside = open_outside();
  if (!outside) return fail(surroundings, outside.error());
  if (const auto told = announce(surroundings, options, **cloud, place); !told)
    return fail(surroundings, told.error());
  if (!*outside && options.functions != "off") outside = open_outside();
  if (!outside) return fail(surroundings, outside.error());
  (*cloud)->use_endpoint(place.url);
  const FunctionHost functions(surroundings, **cloud,
                               {.mode = options.functions,
                                .directory = function_directory(surroundings, options),
                                .url = place.url,
                                .outside = outside->get()});
  stopping.set(&server);
  runtime.loop.run();
  (*cloud)->keep_notes();
  stopping.set(nullptr);
  surroundings.handover = nullptr;
  if (stopping.is_replaced()) {
    port_file.leave();
    surroundings.keep_locks();
    hand_over(surroundings, options, server, std::move(checks->secrets));
    return done;
  }
  if (options.format == "text") stopping.report();
  return done;
}

}  // namespace

int serve(Surroundings& surroundings, const UpOptions& options) {
  try {
    const int code = serve_until_stopped(surroundings, options);
    if (code != done) surroundings.handover = nullptr;
    return code;
  } catch (const storage::DamagedRecord& error) {
    surroundings.handover = nullptr;
    return fail(surroundings, fmt::format("Stopping, because the data directory {} is damaged: {}.",
                                          options.directory, error.what()));
  } catch (const std::exception& error) {
    surroundings.handover = nullptr;
    return fail(surroundings, fmt::format("Stopping, because of an error: {}.", error.what()));
  }
}

namespace {

/// Of a server that does what the options say; its keys come by its input.
std::vector<std::string> arguments_of(const Surroundings& surroundings, const UpOptions& options) {
  std::vector<std::string> arguments{surroundings.processes.own_executable(),
                                     "up",
                                     "--port",
                                     std::to_string(options.port),
                                     "--listen",
                                     options.address,
                                     "--durability",
                                     options.durability,
                                     "--auth",
                                     options.authentication,
                                     "--iam",
                                     options.iam,
                                     "--region",
                                     options.region,
                                     "--quotas",
                                     options.quotas,
                                     "--clock",
                                     options.clock,
                                     "--weather",
                                     options.weather,
                                     "--journal",
                                     options.journal,
                                     "--journal-payloads",
                                     std::to_string(options.journal_payloads),
                                     "--functions",
                                     options.functions,
                                     "--format",
                                     options.format,
                                     "--key-file",
                                     "-"};
  if (options.durability != "memory") {
    arguments.emplace_back("--data");
    arguments.push_back(options.directory);
  }
  if (options.legacy_ports) arguments.emplace_back("--legacy-ports");
  if (options.accept_loss) arguments.emplace_back("--accept-loss");
  if (options.tls) arguments.emplace_back("--tls");
  for (const auto& [name, values] : {std::pair{"--allow-host", &options.allowed_hosts},
                                     {"--allow-origin", &options.allowed_origins},
                                     {"--host", &options.hosts}})
    for (const std::string& value : *values) {
      arguments.emplace_back(name);
      arguments.push_back(value);
    }
  const std::string seed = options.seed ? std::to_string(*options.seed) : "";
  for (const auto& [name, value] :
       {std::pair{"--port-file", &options.port_file}, {"--seed", &seed}})
    if (!value->empty()) arguments.insert(arguments.end(), {name, *value});
  return arguments;
}

}  // namespace

int serve_detached(Surroundings& surroundings, const UpOptions& options) {
  const auto checks = authentication(surroundings, options);
  if (!checks) return refuse_usage(surroundings, checks.error());
  warn_of_others(surroundings, options);
  runtime::Disk& disk = surroundings.runtime.disk;
  if (const auto made = disk.create_private_directories(options.directory); !made)
    return fail(surroundings, fmt::format("The data directory {} cannot be written: {}.",
                                          options.directory, made.error().message));
  const auto started =
      surroundings.processes.start_detached({.arguments = arguments_of(surroundings, options),
                                             .log = options.directory + "/server.log",
                                             .input = to_text(checks->secrets)});
  if (!started) {
    std::string_view reason = started.error();
    constexpr std::string_view signature = "matinee: ";  // of the server, which says it like fail()
    if (reason.starts_with(signature)) reason.remove_prefix(signature.size());
    return fail(surroundings, reason);
  }
  surroundings.terminal.out(started->first_line + "\n");
  if (options.durability == "memory")
    surroundings.terminal.error(fmt::format(
        "Nothing but its process knows of it: kill {} stops it.\n", started->process_id));
  return done;
}

}  // namespace matinee::cli

#include "cli/outside_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "jobs/report.h"
#include "omdb/stand_in.h"
#include "runtime/movable_clock.h"

namespace matinee::cli {
namespace {

using jobs::shortened;

constexpr std::size_t most_name_bytes = 253;
constexpr std::string_view built_in = "omdb";

bool is_host_name(std::string_view name) {
  const auto is_good = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  };
  return !name.empty() && name.size() <= most_name_bytes && !name.starts_with('.') &&
         !name.starts_with('-') && !name.contains("..") && std::ranges::all_of(name, is_good) &&
         std::ranges::any_of(name, [](unsigned char c) { return std::isalpha(c) != 0; });
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0;
}

/// "HOST:PORT", or "[::1]:PORT".
bool is_authority(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) return host.size() > 2;
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

/// Empty for what is no URL of a server.
std::string server_url(std::string target) {
  const bool has_scheme = target.starts_with("http://") || target.starts_with("https://");
  if (!has_scheme || target.find_first_of("?# \t") != std::string::npos) return "";
  const std::size_t start = target.find("://") + 3;
  while (target.size() > start && target.ends_with('/')) target.pop_back();
  return start == target.size() || target[start] == '/' ? "" : target;
}

protocol::HttpResponse answer_as_omdb(const protocol::HttpRequest& request) {
  static const omdb::StandIn stand_in;
  return stand_in.answer(request);
}

std::expected<gateway::OutsideHost, std::string> read_outside_host(const std::string& given) {
  const std::size_t equals = given.find('=');
  if (equals == std::string::npos)
    return std::unexpected(
        fmt::format("--host is NAME=TARGET, such as www.omdbapi.com=omdb, and \"{}\" is not.",
                    shortened(given)));
  gateway::OutsideHost host{.name = given.substr(0, equals), .url = {}};
  const std::string target = given.substr(equals + 1);
  if (!is_host_name(host.name))
    return std::unexpected(fmt::format(
        "--host: \"{}\" is no name of a host, such as www.omdbapi.com.", shortened(host.name)));
  if (host.name == "localhost")
    return std::unexpected("--host: localhost is this machine, for functions too.");
  if (target == built_in) {
    host.answer = answer_as_omdb;
  } else if (is_authority(target)) {
    host.url = "http://" + target;
    host.keeps_name = true;
  } else {
    host.url = server_url(target);
    if (host.url.empty())
      return std::unexpected(
          fmt::format("--host: {} leads to omdb, HOST:PORT or a URL such as http://127.0.0.1:9000, "
                      "and \"{}\" is none of them.",
                      host.name, shortened(target)));
  }
  return host;
}

/// What functions reach without the proxy.
std::string direct_hosts(const std::string& endpoint) {
  const std::size_t start = endpoint.find("://") + 3;
  const std::string host = endpoint.substr(start, endpoint.rfind(':') - start);
  std::string direct = "127.0.0.1,localhost,::1,169.254.169.254";
  if (host != "127.0.0.1" && host != "localhost") direct += "," + host;
  return direct;
}

void add_proxy(const std::string& url, cloud::FunctionPlace& place) {
  const std::string direct = direct_hosts(place.endpoint);
  place.environment = {{"http_proxy", url},
                       {"HTTP_PROXY", url},  // programs disagree about the letters
                       {"https_proxy", url},
                       {"HTTPS_PROXY", url},
                       {"no_proxy", direct},
                       {"NO_PROXY", direct},
                       // Late versions of Node.js look at proxies where this is set.
                       {"NODE_USE_ENV_PROXY", "1"}};
}

/// The certificates that this machine trusts.
std::optional<std::string> find_authorities(const runtime::Disk& disk) {
  for (const char* path : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                           "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"})
    if (auto text = disk.read(path)) return *std::move(text);
  return std::nullopt;
}

}  // namespace

std::expected<std::vector<gateway::OutsideHost>, std::string> read_outside_hosts(
    const std::vector<std::string>& given) {
  std::vector<gateway::OutsideHost> hosts;
  for (const std::string& each : given) {
    auto host = read_outside_host(each);
    if (!host) return std::unexpected(host.error());
    if (std::ranges::any_of(hosts, [&](const auto& known) { return known.name == host->name; }))
      return std::unexpected(fmt::format("--host names {} twice.", host->name));
    hosts.push_back(*std::move(host));
  }
  return hosts;
}

std::expected<std::unique_ptr<gateway::OutsideWorld>, std::string> open_outside_world(
    Surroundings& surroundings, const std::vector<std::string>& given,
    const std::string& endpoint) {
  auto hosts = read_outside_hosts(given);
  if (!hosts) return std::unexpected(hosts.error());
  if (std::ranges::find(*hosts, answers_host, &gateway::OutsideHost::name) == hosts->end())
    hosts->push_back({.name = answers_host, .url = endpoint});
  runtime::Runtime& runtime = surroundings.runtime;
  auto outside = std::make_unique<gateway::OutsideWorld>(
      gateway::OutsideParts{runtime.loop, runtime::real_clock(runtime.clock), runtime.workers,
                            surroundings.http},
      *std::move(hosts));
  if (const auto started = outside->start(); !started) return std::unexpected(started.error());
  return outside;
}

std::expected<void, std::string> tell_functions(const gateway::OutsideWorld& outside,
                                                runtime::Disk& disk, cloud::FunctionPlace& place) {
  // For the one host that is always there nobody's other calls have to take another way.
  if (outside.hosts().size() > 1) add_proxy(outside.proxy_url(), place);
  std::string led = outside.proxy_url().substr(std::string_view("http://").size());
  for (const gateway::OutsideHost& host : outside.hosts()) {
    led += " " + host.name;
    if (!outside.address().empty()) place.hosts.emplace_back(host.name, outside.address());
  }
  place.loader_environment["_MATINEE_HOSTS"] = std::move(led);
  const std::string folder = place.directory + "/trusted";
  auto result = disk.create_directories(folder);
  if (result) result = disk.write_atomically(folder + "/hosts.pem", outside.trusted());
  const std::optional<std::string> machines = find_authorities(disk);
  if (result && machines)
    result = disk.write_atomically(folder + "/all.pem", *machines + "\n" + outside.trusted());
  if (!result) return std::unexpected(fmt::format("--host: {}.", result.error().message));
  constexpr const char* inside = "/var/lang/trusted";
  place.folders.emplace_back(folder, inside);
  place.environment["NODE_EXTRA_CA_CERTS"] = fmt::format("{{{}}}/hosts.pem", inside);
  // These take the place of all others, so that they have to have them too.
  if (machines)
    for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"})
      place.environment[name] = fmt::format("{{{}}}/all.pem", inside);
  if (machines) place.answers_url = fmt::format("https://{}", answers_host);
  return {};
}

}  // namespace matinee::cli

#include "gateway/browser_guard.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "policy/wildcard.h"

namespace matinee::gateway {

using protocol::HttpRequest;

namespace {

constexpr std::string_view unknown_origin = "null";
constexpr std::size_t most_shown = 255;  // of a name or an origin in a message

/// Names that nobody outside can make mean another address: reserved, or AWS's own, or given by
/// Docker and Podman to the machine that containers run on.
constexpr std::string_view own_names[] = {"localhost", "localhost.localstack.cloud",
                                          "host.docker.internal", "host.containers.internal"};
constexpr std::string_view own_suffixes[] = {".localhost",     ".localhost.localstack.cloud",
                                             ".amazonaws.com", ".amazonaws.com.cn",
                                             ".api.aws",       ".s3"};

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "localhost" of "LOCALHOST.:4566", "::1" of "[::1]:4566"; whatever it is where it is malformed.
std::string name_of_host(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && is_digits(host.substr(colon + 1)) &&
                        (host.find(':') == colon || host[colon - 1] == ']');
  if (has_port) host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  return policy::to_lower(host);
}

/// "evil.example:8080" of "http://evil.example:8080/page"; empty where it is none of the web's.
std::string_view host_of_url(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start == std::string_view::npos) return {};
  url.remove_prefix(start + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  return url.substr(url.rfind('@') + 1);  // npos + 1 is 0
}

/// "http://evil.example:8080" of "http://evil.example:8080/page"
std::string_view origin_of_url(std::string_view url) {
  const std::string_view host = host_of_url(url);
  if (host.empty()) return unknown_origin;
  return url.substr(0, static_cast<std::size_t>(host.data() + host.size() - url.data()));
}

bool is_ip_address(const std::string& name) {
  in6_addr address;
  return inet_pton(AF_INET, name.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

/// Of the machine that the client runs on.
bool is_loopback(const std::string& name) {
  std::string_view text = name;
  constexpr std::string_view mapped = "::ffff:";
  if (text.starts_with(mapped)) text.remove_prefix(mapped.size());
  in_addr address;
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) == 1) return text.starts_with("127.");
  return text == "::1" || text == "localhost" || text.ends_with(".localhost");
}

/// "matinee" of a container network. No name of the internet has one label alone.
bool is_single_label(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_below(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() && name.ends_with(parent) &&
         name[name.size() - parent.size() - 1] == '.';
}

std::string shown(std::string_view text) {
  return std::string(text.substr(0, most_shown));
}

}  // namespace

BrowserGuard::BrowserGuard(BrowserOptions options) : options_(std::move(options)) {
  for (std::string& host : options_.hosts) host = name_of_host(host);
}

bool BrowserGuard::is_own_name(std::string_view host) const {
  // What nearly everybody calls it.
  const std::size_t colon = std::min(host.find(':'), host.size());
  const std::string_view plain = host.substr(0, colon);
  const std::string_view port = host.substr(std::min(colon + 1, host.size()));
  if ((plain == "127.0.0.1" || plain == "localhost") && is_digits(port)) return true;
  const std::string name = name_of_host(host);
  // Browsers always send one; what comes without is HTTP/1.0 by hand.
  if (name.empty() || is_single_label(name) || is_ip_address(name)) return true;
  if (std::ranges::find(own_names, name) != std::end(own_names)) return true;
  if (std::ranges::any_of(own_suffixes, [&](std::string_view suffix) {
        return name.size() > suffix.size() && name.ends_with(suffix);
      }))
    return true;
  return std::ranges::any_of(options_.hosts, [&](const std::string& allowed) {
    return name == allowed || is_below(name, allowed);
  });
}

std::optional<std::string> BrowserGuard::find_foreign_host(const HttpRequest& head,
                                                           const Peer& peer) const {
  const std::string_view host = head.headers.find("host").value_or("");
  if (is_own_name(host)) return std::nullopt;
  // A server that others reach over a network has names there that it does not know. A page that
  // has its name rebound to this machine comes from this machine.
  if (options_.hosts.empty() && !is_loopback(peer.address)) return std::nullopt;
  return shown(name_of_host(host));
}

std::optional<std::string> BrowserGuard::find_foreign_origin(const HttpRequest& head) const {
  if (const auto origin = head.headers.find("origin")) {
    if (is_welcome(*origin, head)) return std::nullopt;
    return shown(*origin);
  }
  if (const auto referer = head.headers.find("referer"); referer && !referer->empty()) {
    const std::string_view origin = origin_of_url(*referer);
    if (is_welcome(origin, head)) return std::nullopt;
    return shown(origin);
  }
  // Without a word about the page: "none" is an address that the user has typed.
  const std::string_view site = head.headers.find("sec-fetch-site").value_or("none");
  if (site == "none" || site == "same-origin" || is_welcome(unknown_origin, head))
    return std::nullopt;
  return std::string(unknown_origin);
}

bool BrowserGuard::is_welcome(std::string_view origin, const HttpRequest& head) const {
  if (std::ranges::any_of(options_.origins, [&](const std::string& allowed) {
        return policy::matches_wildcards(allowed, origin, policy::Case::insensitive);
      }))
    return true;
  const std::string name = name_of_host(host_of_url(origin));
  if (name.empty()) return false;
  if (is_loopback(name)) return true;
  const std::string_view host = head.headers.find("host").value_or("");
  return name == name_of_host(host) && is_own_name(host);
}

bool is_harmless_to_s3(const HttpRequest& head) {
  if (head.method != "GET" && head.method != "HEAD") return false;
  if (head.headers.contains("origin")) return false;
  const auto site = head.headers.find("sec-fetch-site");
  return !site || head.headers.find("sec-fetch-mode") == "navigate";
}

std::string foreign_host_message(std::string_view name) {
  return fmt::format(
      "This server does not answer to the name {}: a web page could have chosen it. Start it with "
      "--allow-host {} if the name is yours.",
      name, name);
}

std::string foreign_origin_message(std::string_view origin, bool bucket_may_allow) {
  const bool is_known = origin != unknown_origin;
  return fmt::format(
      "Web pages of {} may not use this server. {}tart it with --allow-origin '{}' if they should.",
      is_known ? fmt::format("the origin {}", origin) : "an unknown origin",
      bucket_may_allow ? "Give the bucket a CORS rule that allows the request, or s" : "S", origin);
}

}  // namespace matinee::gateway

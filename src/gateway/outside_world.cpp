#include "gateway/outside_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <stdexcept>

#include "gateway/local_exchange.h"

namespace matinee::gateway {

namespace {

using protocol::HttpRequest;
using protocol::HttpResponse;

constexpr int not_found = 404;
constexpr int too_large = 413;
constexpr int bad_gateway = 502;
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
/// Functions have time-outs of their own.
constexpr runtime::Duration patience = std::chrono::minutes(15);
/// A reply is held as a whole.
constexpr std::size_t most_reply_mib = 256;

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// "host:port" of a whole URL; empty for a path.
std::string_view authority_of(std::string_view target) {
  constexpr std::string_view scheme = "http://";
  if (!in_lower_case(target.substr(0, scheme.size())).starts_with(scheme)) return {};
  target.remove_prefix(scheme.size());
  return target.substr(0, target.find_first_of("/?#"));
}

std::string_view destination_of(const HttpRequest& request) {
  const std::string_view authority = authority_of(request.target);
  return authority.empty() ? request.headers.find("Host").value_or("") : authority;
}

/// What belongs to one connection and not to the message; and what is made anew.
bool is_of_connection(std::string_view name) {
  constexpr std::array<std::string_view, 11> names = {
      "connection", "proxy-connection", "keep-alive",        "transfer-encoding",
      "te",         "trailer",          "upgrade",           "proxy-authorization",
      "host",       "content-length",   "proxy-authenticate"};
  return std::ranges::find(names, in_lower_case(name)) != names.end();
}

HttpResponse text_reply(int status, std::string text) {
  HttpResponse response{.status = status};
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body.bytes = std::move(text) + "\n";
  return response;
}

/// A reply to HEAD has no body, whoever has made it; its length is told by who passes it on, or is
/// that of the body.
HttpResponse for_method(HttpResponse response, bool is_head) {
  if (!is_head) return response;
  if (!response.head_length) response.head_length = response.body.bytes.size();
  response.body = {};
  return response;
}

std::optional<std::uint64_t> length_of(std::string_view value) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  return length;
}

runtime::Task<HttpResponse> pass_on(runtime::HttpClient& http, runtime::HttpCall call) {
  call.most_body_bytes = most_reply_mib << 20;
  const bool is_head = call.method == "HEAD";
  runtime::HttpResult result = co_await http.send(std::move(call));
  if (!result) co_return text_reply(bad_gateway, "Matinee: " + result.error().message);
  if (result->is_cut)
    co_return text_reply(
        bad_gateway, fmt::format("Matinee passes on replies of {} MiB at most.", most_reply_mib));
  HttpResponse response{.status = result->status};
  for (const auto& [name, value] : result->headers) {
    if (!is_of_connection(name)) response.headers.add(name, value);
    if (is_head && in_lower_case(name) == "content-length") response.head_length = length_of(value);
  }
  response.body.bytes = std::move(result->body);
  co_return response;
}

class OutsideHandler final : public RequestHandler {
 public:
  OutsideHandler(runtime::Loop& loop, std::shared_ptr<OutsideWorld*> place,
                 std::shared_ptr<IoQueue> queue)
      : loop_(loop), place_(std::move(place)), queue_(std::move(queue)) {}

  Admission begin(HttpRequest head, const Peer& peer) override {
    return begin_local(loop_,
                       {.find = [place = place_](const services::LocalRequest&) { return *place; }},
                       queue_, {.port = peer.port, .peer = peer.address, .http = std::move(head)});
  }

 private:
  runtime::Loop& loop_;
  std::shared_ptr<OutsideWorld*> place_;
  std::shared_ptr<IoQueue> queue_;
};

}  // namespace

std::string host_of(const HttpRequest& request) {
  std::string_view host = destination_of(request);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && !host.ends_with(']')) host = host.substr(0, colon);
  return in_lower_case(host);
}

std::string url_for(const HttpRequest& request, const OutsideHost* host) {
  const std::string_view authority = authority_of(request.target);
  std::string_view rest = request.target;
  // A name that is asked for by its path goes where it is only if that is elsewhere.
  if (authority.empty() && !host) return "";
  if (!authority.empty()) rest = {authority.end(), rest.end()};
  std::string url = host ? host->url : fmt::format("http://{}", authority);
  if (!rest.starts_with('/')) url += '/';
  return url.append(rest);
}

OutsideWorld::OutsideWorld(const OutsideParts& parts, std::vector<OutsideHost> hosts)
    : parts_(parts), hosts_(std::move(hosts)) {
  for (OutsideHost& host : hosts_) host.name = in_lower_case(host.name);
}

OutsideWorld::~OutsideWorld() {
  *place_ = nullptr;
  server_.reset();
}

std::expected<void, std::string> OutsideWorld::start() {
  std::vector<std::string> names;
  for (const OutsideHost& host : hosts_) names.push_back(host.name);
  try {
    // The key is nowhere but here, and good for these names alone.
    tls_ = std::make_shared<tls::Context>(
        tls::Authority::make_for(names, parts_.clock.now()), parts_.clock,
        std::vector<std::string>(),
        [names](std::string_view name) { return std::ranges::find(names, name) != names.end(); });
  } catch (const std::runtime_error& error) {
    return std::unexpected(fmt::format("{}.", error.what()));
  }
  server_ = std::make_unique<Server>(
      parts_.clock, parts_.workers,
      ServerOptions{.listen = {{}},
                    .timeouts = {.idle = std::chrono::hours(1)},
                    .tls = tls_,
                    .tunnels = {.lead_here =
                                    [names](std::string_view authority, std::string_view) {
                                      const std::string host =
                                          in_lower_case(authority.substr(0, authority.rfind(':')));
                                      return std::ranges::find(names, host) != names.end();
                                    },
                                .others = &relays_}});
  const auto started = server_->start([this](const std::shared_ptr<IoQueue>& queue) {
    return std::make_unique<OutsideHandler>(parts_.loop, place_, queue);
  });
  if (started) listen_for_names();
  return started;
}

/// Each server of this machine takes another address.
void OutsideWorld::listen_for_names() {
  constexpr int most_servers = 50;
  for (int number = 1; number <= most_servers && address_.empty(); ++number) {
    std::string address = fmt::format("127.77.0.{}", number);
    if (server_->open({.address = address, .port = http_port})) address_ = std::move(address);
  }
  // Where nobody may listen there, those that know no proxies reach the names by HTTP alone.
  if (!address_.empty())
    static_cast<void>(server_->open({.address = address_, .port = https_port}));
}

std::string OutsideWorld::proxy_url() const {
  return fmt::format("http://127.0.0.1:{}", server_->ports().front());
}

const OutsideHost* OutsideWorld::find(std::string_view name) const {
  const auto found = std::ranges::find(hosts_, name, &OutsideHost::name);
  return found == hosts_.end() ? nullptr : &*found;
}

void OutsideWorld::handle(services::LocalRequest request, services::LocalReply reply) {
  HttpRequest& http = request.http;
  const bool is_head = http.method == "HEAD";
  if (request.is_too_large)
    return reply(text_reply(too_large, "Matinee passes on bodies of 32 MiB at most."));
  const OutsideHost* host = find(host_of(http));
  if (host && host->answer) return reply(for_method(host->answer(http), is_head));
  std::string url = url_for(http, host);
  if (url.empty())
    return reply(text_reply(not_found,
                            "Matinee's proxy for functions takes whole URLs, and the "
                            "hosts that --host names."));
  runtime::HttpCall call{.method = http.method, .url = std::move(url), .body = {}};
  for (const auto& [name, value] : http.headers)
    if (!is_of_connection(name)) call.headers.emplace_back(name, value);
  if (host && host->keeps_name) call.headers.emplace_back("Host", destination_of(http));
  call.body = std::move(http.body.bytes);
  // A target that the user has named is reached as it is.
  call.use_proxy = host == nullptr;
  call.total_timeout = patience;
  runtime::start(pass_on(parts_.http, std::move(call)),
                 [is_head, reply = std::move(reply)](std::optional<HttpResponse> response,
                                                     const std::exception_ptr&) mutable {
                   reply(for_method(response ? *std::move(response)
                                             : text_reply(bad_gateway, "The call has failed."),
                                    is_head));
                 });
}

}  // namespace matinee::gateway

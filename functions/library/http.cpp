#include "library/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "library/environment.h"
#include "library/errors.h"

namespace lambda {

namespace {

/// As long as servers and those between keep a connection without traffic, with some to spare.
constexpr std::chrono::seconds longest_idle(15);
constexpr std::size_t most_head = std::size_t{64} << 10;
constexpr std::size_t most_body = std::size_t{64} << 20;

[[noreturn]] void fail(const std::string& sentence) {
  throw FunctionError("ConnectionFailed", sentence);
}

bool same_name(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; };
    return lower(a) == lower(b);
  });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::size_t read_size(std::string_view text, int base) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, base);
  if (error != std::errc() || end == text.data() || size > most_body)
    fail(fmt::format("A reply has the length \"{}\".", text));
  return size;
}

/// "HTTP/1.1 200 OK" and the fields below it.
HttpReply read_head(std::string_view head) {
  HttpReply reply;
  std::size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  if (!line.starts_with("HTTP/1.") || line.size() < 12) fail("A server does not speak HTTP.");
  const auto [rest, error] = std::from_chars(line.data() + 9, line.data() + 12, reply.status);
  if (error != std::errc() || rest != line.data() + 12) fail("A reply has no status.");
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const std::string_view field = head.substr(0, end);
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) continue;
    reply.headers.emplace_back(field.substr(0, colon), trimmed(field.substr(colon + 1)));
  }
  return reply;
}

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
         host == "::1";
}

/// The proxy for a URL; nothing for none.
std::optional<Url> proxy_of(const Url& url) {
  if (is_this_machine(url.host)) return std::nullopt;
  std::string exceptions = variable("no_proxy") + "," + variable("NO_PROXY") + ",";
  while (!exceptions.empty()) {
    const std::size_t comma = exceptions.find(',');
    std::string_view name = trimmed(std::string_view(exceptions).substr(0, comma));
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name == "*" ||
        (!name.empty() && (url.host == name || url.host.ends_with("." + std::string(name)))))
      return std::nullopt;
    exceptions.erase(0, comma + 1);
  }
  std::string proxy = variable(url.is_secure ? "https_proxy" : "http_proxy");
  // HTTP_PROXY is not asked: in programs that serve requests it may be a header's.
  if (proxy.empty() && url.is_secure) proxy = variable("HTTPS_PROXY");
  if (proxy.empty()) return std::nullopt;
  return Url::parse(proxy.contains("://") ? proxy : "http://" + proxy);
}

/// Lets a proxy pass on, unseen, what goes to the server of a URL.
void tunnel(Wire& wire, const Url& url) {
  const std::string place = fmt::format("{}:{}", url.host, url.port);
  wire.send(fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", place));
  std::string answer;
  while (!answer.contains("\r\n\r\n"))
    if (answer.size() > most_head || !wire.receive(answer))
      fail(fmt::format("The proxy does not connect to {}.", place));
  const int status = read_head(answer.substr(0, answer.find("\r\n\r\n"))).status;
  if (status != 200) fail(fmt::format("The proxy answers {} when asked for {}.", status, place));
}

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  for (const auto& [field, value] : headers)
    if (same_name(field, name)) return value;
  return "";
}

Url Url::parse(std::string_view text) {
  Url url;
  const std::string_view whole = text;
  url.is_secure = text.starts_with("https://");
  if (!url.is_secure && !text.starts_with("http://"))
    throw FunctionError("BadUrl", fmt::format("\"{}\" is not an http or https URL.", whole));
  text.remove_prefix(text.find("://") + 3);
  const std::size_t end = text.find_first_of("/?#");
  std::string_view authority = text.substr(0, end);
  if (end != std::string_view::npos) {
    const std::string_view target = text.substr(end, text.find('#', end) - end);
    url.target = (target.starts_with('/') ? "" : "/") + std::string(target);
  }
  url.port = url.is_secure ? 443 : 80;
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || rest != port.data() + port.size())
      throw FunctionError("BadUrl", fmt::format("\"{}\" has no usable port.", whole));
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  url.host = authority;
  const bool is_clean = std::ranges::none_of(
      whole, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
  if (url.host.empty() || !is_clean)
    throw FunctionError("BadUrl", fmt::format("\"{}\" is not an http or https URL.", whole));
  return url;
}

std::string Url::authority() const {
  const std::string name = host.contains(':') ? "[" + host + "]" : host;
  return port == (is_secure ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

/// Nothing that a caller puts into a header begins another one.
std::string HttpConnection::encode(const HttpRequest& request) const {
  const auto is_one_line = [](std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
  };
  bool is_clean = is_one_line(request.method) && is_one_line(request.target);
  for (const auto& [name, value] : request.headers)
    is_clean = is_clean && is_one_line(name) && is_one_line(value);
  if (!is_clean) throw FunctionError("BadRequest", "A header of a request has a line end in it.");
  std::string out = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  bool has_host = false;
  for (const auto& [name, value] : request.headers) {
    has_host |= same_name(name, "Host");
    out += name + ": " + value + "\r\n";
  }
  if (!has_host) out += "Host: " + host_ + "\r\n";
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
    out += fmt::format("Content-Length: {}\r\n", request.body.size());
  return out + "\r\n" + request.body;
}

HttpReply HttpConnection::send(const HttpRequest& request, Milliseconds patience) {
  const std::string bytes = encode(request);
  const bool was_kept = wire_ != nullptr;
  received_.clear();
  bool has_answered = false;
  try {
    if (!wire_) wire_ = connect_(patience);
    wire_->set_patience(patience);
    wire_->send(bytes);
    has_answered = receive_more();
    if (!has_answered) fail("The server closed the connection without a reply.");
    HttpReply reply = read_reply(request.method == "HEAD");
    if (same_name(reply.header("Connection"), "close")) wire_.reset();
    return reply;
  } catch (const FunctionError& error) {
    wire_.reset();
    if (!was_kept || has_answered || error.type() != "ConnectionFailed") throw;
  }
  return send(request, patience);
}

bool HttpConnection::receive_more() {
  return wire_->receive(received_);
}

std::string HttpConnection::take_head() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (received_.size() > most_head) fail("A reply has a head of more than 64 KiB.");
    if (!receive_more()) fail("The connection ended in the head of a reply.");
  }
  std::string head = received_.substr(0, end);
  received_.erase(0, end + 4);
  return head;
}

std::string HttpConnection::take(std::size_t size) {
  while (received_.size() < size)
    if (!receive_more()) fail("The connection ended in the body of a reply.");
  std::string taken = received_.substr(0, size);
  received_.erase(0, size);
  return taken;
}

std::string HttpConnection::take_line() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos)
    if (received_.size() > most_head || !receive_more())
      fail("The connection ended in the body of a reply.");
  return take(end + 2).substr(0, end);
}

std::string HttpConnection::take_chunks() {
  std::string body;
  while (true) {
    const std::size_t size = read_size(take_line(), 16);
    if (size == 0) break;
    if (body.size() + size > most_body) fail("A reply is larger than 64 MiB.");
    body += take(size);
    take_line();
  }
  while (!take_line().empty()) {
  }  // trailers
  return body;
}

std::string HttpConnection::take_rest() {
  while (received_.size() <= most_body && receive_more()) {
  }
  if (received_.size() > most_body) fail("A reply is larger than 64 MiB.");
  wire_.reset();
  return std::exchange(received_, {});
}

HttpReply HttpConnection::read_reply(bool is_head) {
  HttpReply reply = read_head(take_head());
  while (reply.status < 200) reply = read_head(take_head());  // 100 Continue and the like
  if (is_head || reply.status == 204 || reply.status == 304) return reply;
  if (same_name(reply.header("Transfer-Encoding"), "chunked"))
    reply.body = take_chunks();
  else if (const std::string_view length = reply.header("Content-Length"); !length.empty())
    reply.body = take(read_size(length, 10));
  else
    reply.body = take_rest();
  return reply;
}

HttpReply HttpClient::send(std::string_view url_text, HttpRequest request, Milliseconds patience) {
  const Url url = Url::parse(url_text);
  const std::optional<Url> proxy = proxy_of(url);
  // A proxy is told the whole URL of what it may see.
  request.target = proxy && !url.is_secure ? "http://" + url.authority() + url.target : url.target;
  const std::string origin = (url.is_secure ? "https://" : "http://") + url.authority();
  auto connection = connections_.find(origin);
  if (connection == connections_.end()) {
    const auto connect = [url, proxy](Milliseconds limit) -> std::unique_ptr<Wire> {
      const Url& next = proxy ? *proxy : url;
      std::unique_ptr<Wire> wire = connect_to(next.host, next.port, limit);
      wire->set_patience(limit);
      if (proxy && url.is_secure) tunnel(*wire, url);
      return url.is_secure ? secure(std::move(wire), url.host) : std::move(wire);
    };
    connection =
        connections_.emplace(origin, Kept{.connection = {connect, url.authority()}, .used = {}})
            .first;
  }
  Kept& kept = connection->second;
  if (std::chrono::system_clock::now() - kept.used > longest_idle) kept.connection.close();
  HttpReply reply = kept.connection.send(request, patience);
  kept.used = std::chrono::system_clock::now();
  return reply;
}

}  // namespace lambda

#include "services/lambda/url_event.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "protocol/base64.h"
#include "protocol/json_writer.h"
#include "protocol/utf8.h"
#include "services/lambda/catalog/json_text.h"

namespace matinee::lambda {

namespace {

namespace json = protocol::json;

constexpr int ok = 200;
constexpr int bad_gateway = 502;
constexpr std::int64_t first_status = 200;  // those before are no ends of an exchange
constexpr std::int64_t last_status = 599;

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// Whether a body is told as text.
bool is_text(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  return type.empty() || type.starts_with("text/") || type == "application/json" ||
         type == "application/javascript" || type == "application/xml" || type.ends_with("+json") ||
         type.ends_with("+xml");
}

/// Several of one name are joined, their names are in lower case.
std::string headers_of(const services::LocalRequest& request, const std::string& domain) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : request.http.headers) {
    const std::string key = lower(name);
    if (key == "connection" || key == "cookie" || key == "host") continue;
    std::string& text = all[key];
    text += (text.empty() ? "" : ",") + std::string(value);
  }
  all["host"] = domain;
  all["x-forwarded-for"] = request.peer;
  all["x-forwarded-port"] = request.is_secure ? "443" : std::to_string(request.port);
  all["x-forwarded-proto"] = request.is_secure ? "https" : "http";
  std::string out = "{";
  for (const auto& [name, value] : all) append_pair(out, name, value);
  return out + "}";
}

std::string cookies_of(const protocol::HttpRequest& request) {
  std::string out;
  for (const auto& [name, value] : request.headers) {
    if (!protocol::same_header(name, "cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      std::string_view cookie = rest.substr(0, end);
      rest.remove_prefix(std::min(rest.size(), cookie.size() + 1));
      while (cookie.starts_with(' ')) cookie.remove_prefix(1);
      if (cookie.empty()) continue;
      out += out.empty() ? "[" : ",";
      json::append_string(out, cookie);
    }
  }
  return out.empty() ? out : out + "]";
}

std::string parameters_of(const protocol::HttpRequest& request) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : request.query) {
    const auto [place, is_new] = all.try_emplace(name, value);
    if (!is_new) place->second += "," + value;
  }
  if (all.empty()) return {};
  std::string out = "{";
  for (const auto& [name, value] : all) append_pair(out, name, value);
  return out + "}";
}

/// What functions are told of who has signed a request.
std::string authorizer_of(const services::Context& caller) {
  const std::string& id = caller.caller_id.empty() ? caller.account : caller.caller_id;
  std::string iam = "{";
  append_pair(iam, "accessKey", caller.access_key);
  append_pair(iam, "accountId", caller.account);
  append_pair(iam, "callerId", id);
  iam += R"(,"cognitoIdentity":null,"principalOrgId":null)";
  append_pair(iam, "userArn", caller.caller_arn);
  append_pair(iam, "userId", id);
  return "{\"iam\":" + iam + "}}";
}

/// A number, or a text that is one; whether it is a status is another question.
std::optional<std::int64_t> status_of(simdjson::dom::element element) {
  std::int64_t number = 0;
  if (element.get(number) == simdjson::SUCCESS) return number;
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return std::nullopt;
  std::int64_t status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return status;
}

bool is_status(std::int64_t number) {
  return number >= first_status && number <= last_status;
}

/// What belongs to the connection, and is made by who writes the response.
bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 8> names = {
      "connection", "content-length", "keep-alive",        "proxy-connection",
      "te",         "trailer",        "transfer-encoding", "upgrade"};
  return std::ranges::find(names, lower(name)) != names.end();
}

/// As RFC 9110 wants the names of headers.
bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.contains(c);
  });
}

std::string text_of(simdjson::dom::element element) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(element);
}

/// Status, headers and cookies.
protocol::HttpResponse head_of(simdjson::dom::object result, int status) {
  protocol::HttpResponse response{.status = status};
  simdjson::dom::object headers;
  if (result["headers"].get(headers) == simdjson::SUCCESS)
    for (const auto& [name, value] : headers)
      if (is_token(name) && !is_framing(name)) response.headers.add(name, text_of(value));
  simdjson::dom::array cookies;
  if (result["cookies"].get(cookies) == simdjson::SUCCESS)
    for (const simdjson::dom::element cookie : cookies)
      response.headers.add("Set-Cookie", text_of(cookie));
  return response;
}

/// To what a function must not answer.
protocol::HttpResponse bad_answer() {
  protocol::HttpResponse response{.status = bad_gateway};
  response.body = "Internal Server Error";
  return response;
}

protocol::HttpResponse response_of(simdjson::dom::object result, int status) {
  protocol::HttpResponse response = head_of(result, status);
  bool is_base64 = false;
  (void)result["isBase64Encoded"].get(is_base64);
  simdjson::dom::element body;
  if (result["body"].get(body) == simdjson::SUCCESS && !body.is_null()) {
    std::string text = text_of(body);
    std::optional<std::string> bytes;
    if (is_base64) bytes = protocol::base64_decode(text);
    response.body = bytes ? *std::move(bytes) : std::move(text);
  }
  if (!response.headers.contains("Content-Type"))
    response.headers.add("Content-Type", "application/json");
  return response;
}

}  // namespace

std::string event_of(const UrlCall& call, const services::LocalRequest& request) {
  const protocol::HttpRequest& http = request.http;
  const std::string domain = fmt::format("{}.lambda-url.{}.on.aws", call.url_id, call.region);
  const std::size_t mark = http.target.find('?');
  std::string out = R"({"version":"2.0","routeKey":"$default")";
  append_pair(out, "rawPath", call.path);
  append_pair(out, "rawQueryString",
              mark == std::string::npos ? "" : std::string_view(http.target).substr(mark + 1));
  if (const std::string cookies = cookies_of(http); !cookies.empty())
    out += ",\"cookies\":" + cookies;
  out += ",\"headers\":" + headers_of(request, domain);
  if (const std::string parameters = parameters_of(http); !parameters.empty())
    out += ",\"queryStringParameters\":" + parameters;
  std::string inner = "{";
  append_pair(inner, "method", http.method);
  append_pair(inner, "path", call.path);
  append_pair(inner, "protocol", "HTTP/1.1");
  append_pair(inner, "sourceIp", request.peer);
  append_pair(inner, "userAgent", http.headers.find("user-agent").value_or(""));
  out += ",\"requestContext\":{";
  append_pair(out, "accountId", call.caller ? std::string_view(call.caller->account) : "anonymous");
  append_pair(out, "apiId", call.url_id);
  if (call.caller) out += R"(,"authentication":null,"authorizer":)" + authorizer_of(*call.caller);
  append_pair(out, "domainName", domain);
  append_pair(out, "domainPrefix", call.url_id);
  out += ",\"http\":" + inner + "}";
  append_pair(out, "requestId", call.request_id);
  out += R"(,"routeKey":"$default","stage":"$default")";
  append_pair(out, "time",
              fmt::format("{:%d/%b/%Y:%H:%M:%S} +0000",
                          std::chrono::floor<std::chrono::seconds>(call.time)));
  out += fmt::format(",\"timeEpoch\":{}}}", runtime::to_milliseconds(call.time));
  const std::string& body = http.body.bytes;
  const bool as_text =
      is_text(http.headers.find("content-type").value_or("")) && protocol::is_utf8(body);
  if (!body.empty()) append_pair(out, "body", as_text ? body : protocol::base64_encode(body));
  out += fmt::format(",\"isBase64Encoded\":{}}}", !body.empty() && !as_text);
  return out;
}

std::optional<protocol::HttpResponse> head_of(const std::string& prelude) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(prelude).get(object) != simdjson::SUCCESS) return std::nullopt;
  simdjson::dom::element status;
  std::optional<std::int64_t> number;
  if (object["statusCode"].get(status) == simdjson::SUCCESS) number = status_of(status);
  if (number && !is_status(*number)) return std::nullopt;
  protocol::HttpResponse head = head_of(object, static_cast<int>(number.value_or(ok)));
  if (!head.headers.contains("Content-Type"))
    head.headers.add("Content-Type", "application/octet-stream");
  return head;
}

protocol::HttpResponse response_of(const std::string& result) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  protocol::HttpResponse response{.status = ok};
  if (parser.parse(result).get(element) != simdjson::SUCCESS) return bad_answer();
  simdjson::dom::object object;
  if (element.get(object) == simdjson::SUCCESS) {
    simdjson::dom::element status;
    if (object["statusCode"].get(status) == simdjson::SUCCESS)
      if (const std::optional<std::int64_t> number = status_of(status))
        return is_status(*number) ? response_of(object, static_cast<int>(*number)) : bad_answer();
  }
  response.headers.add("Content-Type", "application/json");
  // A text alone goes out without its quotes.
  response.body = element.is_string() ? text_of(element) : result;
  return response;
}

}  // namespace matinee::lambda

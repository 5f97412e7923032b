#include "services/events/api_call.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <strings.h>

#include <algorithm>

#include "protocol/base64.h"
#include "protocol/json_writer.h"
#include "services/events/credentials.h"
#include "services/events/event_paths.h"
#include "services/http_delivery.h"

namespace matinee::events {

namespace {

using Pair = std::pair<std::string, std::string>;

std::string percent_encoded(std::string_view text, std::string_view kept = "") {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~' ||
                       kept.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool is_same_header(std::string_view one, std::string_view other) {
  return one.size() == other.size() && ::strncasecmp(one.data(), other.data(), one.size()) == 0;
}

/// Headers that EventBridge takes out of what connections and targets name: those of the transport,
/// and the others that its documentation lists.
bool is_taken_out(std::string_view name) {
  for (const std::string_view own : {"a-im",
                                     "accept-charset",
                                     "accept-datetime",
                                     "accept-encoding",
                                     "cache-control",
                                     "connection",
                                     "content-encoding",
                                     "content-length",
                                     "content-md5",
                                     "date",
                                     "expect",
                                     "forwarded",
                                     "from",
                                     "host",
                                     "http2-settings",
                                     "if-match",
                                     "if-modified-since",
                                     "if-none-match",
                                     "if-range",
                                     "if-unmodified-since",
                                     "keep-alive",
                                     "max-forwards",
                                     "origin",
                                     "pragma",
                                     "proxy-authorization",
                                     "proxy-authenticate",
                                     "referer",
                                     "te",
                                     "trailer",
                                     "transfer-encoding",
                                     "upgrade",
                                     "via",
                                     "warning"})
    if (is_same_header(name, own)) return true;
  return false;
}

/// A line break in a value would be another header.
bool is_sound(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void set_header(runtime::HttpFields& headers, std::string_view name, std::string_view value) {
  if (name.empty() || is_taken_out(name) || !is_sound(name) || !is_sound(value)) return;
  std::erase_if(headers, [&](const Pair& header) { return is_same_header(header.first, name); });
  headers.emplace_back(name, value);
}

void set_query(std::vector<Pair>& query, const std::string& name, const std::string& value) {
  std::erase_if(query, [&](const Pair& one) { return one.first == name; });
  query.emplace_back(name, value);
}

std::string encode_form(const std::vector<Pair>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += percent_encoded(name) + '=' + percent_encoded(value);
  }
  return out;
}

/// Parameters of the URL of the same name are replaced.
void add_query(std::string& url, const std::vector<Pair>& query) {
  if (query.empty()) return;
  const std::size_t fragment = url.find('#');
  if (fragment != std::string::npos) url.resize(fragment);
  std::string old;
  if (const std::size_t mark = url.find('?'); mark != std::string::npos) {
    old = url.substr(mark + 1);
    url.resize(mark);
  }
  std::string kept;
  for (std::size_t at = 0; at < old.size();) {
    const std::size_t end = std::min(old.find('&', at), old.size());
    const std::string one = old.substr(at, end - at);
    const std::string name = one.substr(0, one.find('='));
    const bool replaced = std::ranges::any_of(
        query, [&](const Pair& field) { return percent_encoded(field.first) == name; });
    if (!replaced && !one.empty()) kept += (kept.empty() ? "" : "&") + one;
    at = end + 1;
  }
  url += '?' + kept + (kept.empty() ? "" : "&") + encode_form(query);
}

/// What a target says.
struct TargetParameters {
  std::vector<std::string> path;
  std::vector<Pair> headers;
  std::vector<Pair> query;
};

std::vector<Pair> read_map(const simdjson::dom::object& object, std::string_view name) {
  std::vector<Pair> pairs;
  simdjson::dom::object map;
  if (object[name].get(map)) return pairs;
  for (const auto [key, value] : map) {
    std::string_view text;
    if (!value.get(text)) pairs.emplace_back(key, text);
  }
  return pairs;
}

TargetParameters read_parameters(std::string_view json) {
  TargetParameters parameters;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (json.empty() || parser.parse(json.data(), json.size()).get(object)) return parameters;
  parameters.headers = read_map(object, "HeaderParameters");
  parameters.query = read_map(object, "QueryStringParameters");
  simdjson::dom::array values;
  if (object["PathParameterValues"].get(values)) return parameters;
  for (const simdjson::dom::element value : values) {
    std::string_view text;
    if (!value.get(text)) parameters.path.emplace_back(text);
  }
  return parameters;
}

/// The stars of an endpoint stand for the values, one after the other.
std::string fill_path(const std::string& endpoint, const std::vector<std::string>& values) {
  std::string out;
  std::size_t next = 0;
  for (const char c : endpoint) {
    if (c == '*' && next < values.size()) {
      out += percent_encoded(values[next++]);
    } else {
      out += c;
    }
  }
  return out;
}

/// Members of the body that a connection adds; only an object has members.
std::string merge_body(std::string body, const std::vector<CallParameter>& parameters) {
  if (parameters.empty()) return body;
  const std::size_t begin = skip_space(body, 0);
  if (begin >= body.size() || body[begin] != '{') return body;
  std::string merged = body.substr(begin);
  for (const CallParameter& parameter : parameters) merged = without_member(merged, parameter.key);
  merged.pop_back();
  for (const CallParameter& parameter : parameters) {
    if (merged.size() > 1) merged += ',';
    protocol::json::append_string(merged, parameter.key);
    merged += ':';
    protocol::json::append_string(merged, parameter.value);
  }
  return merged += '}';
}

}  // namespace

runtime::HttpCall make_api_call(const ApiDestinationRecord& destination,
                                const Credentials& credentials, std::string_view parameters,
                                std::string body) {
  const TargetParameters given = read_parameters(parameters);
  runtime::HttpCall call{.method = destination.method,
                         .url = fill_path(destination.endpoint, given.path),
                         .headers = {{"Content-Type", "application/json; charset=utf-8"}},
                         .body = std::move(body),
                         .total_timeout = services::api_destination_timeout};
  std::vector<Pair> query;
  for (const auto& [name, value] : given.headers) set_header(call.headers, name, value);
  for (const auto& [name, value] : given.query) set_query(query, name, value);
  if (credentials.invocation) {
    for (const CallParameter& header : credentials.invocation->headers)
      set_header(call.headers, header.key, header.value);
    for (const CallParameter& field : credentials.invocation->query)
      set_query(query, field.key, field.value);
    call.body = merge_body(std::move(call.body), credentials.invocation->body);
  }
  set_header(call.headers, "User-Agent", "Amazon/EventBridge/ApiDestinations");
  set_header(call.headers, "Range", "bytes=0-1048575");
  add_query(call.url, query);
  if (call.method == "GET" || call.method == "HEAD" || call.method == "OPTIONS") call.body.clear();
  return call;
}

void authorize_call(runtime::HttpCall& call, const Credentials& credentials,
                    std::string_view token) {
  if (credentials.type == basic_type) {
    set_header(call.headers, "Authorization",
               "Basic " + protocol::base64_encode(credentials.name + ":" + credentials.secret));
  } else if (credentials.type == key_type) {
    set_header(call.headers, credentials.name, credentials.secret);
  } else {
    set_header(call.headers, "Authorization", fmt::format("Bearer {}", token));
  }
}

runtime::HttpCall make_token_call(const Credentials& credentials) {
  std::vector<Pair> form{{"grant_type", "client_credentials"},
                         {"client_id", credentials.name},
                         {"client_secret", credentials.secret}};
  std::vector<Pair> query;
  runtime::HttpCall call{.method = credentials.method,
                         .url = credentials.endpoint,
                         .headers = {{"Accept", "application/json"}},
                         .total_timeout = services::api_destination_timeout,
                         .most_head_bytes = services::most_reply_head_bytes,
                         .most_body_bytes = services::most_reply_body_bytes};
  if (credentials.token_call) {
    for (const CallParameter& field : credentials.token_call->body)
      set_query(form, field.key, field.value);
    for (const CallParameter& field : credentials.token_call->query)
      set_query(query, field.key, field.value);
  }
  if (credentials.method == "GET") {
    for (const auto& [name, value] : form) set_query(query, name, value);
  } else {
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    call.body = encode_form(form);
  }
  set_header(call.headers, "User-Agent", "Amazon/EventBridge/ApiDestinations");
  if (credentials.token_call)
    for (const CallParameter& header : credentials.token_call->headers)
      set_header(call.headers, header.key, header.value);
  add_query(call.url, query);
  return call;
}

std::optional<AccessToken> read_token(std::string_view body) {
  constexpr std::int64_t usual_seconds = 3600;
  constexpr std::int64_t most_seconds = 30 * 86'400;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::string_view text;
  if (parser.parse(body.data(), body.size()).get(object) || object["access_token"].get(text) ||
      text.empty() || !is_sound(text))
    return std::nullopt;
  std::int64_t seconds = 0;
  if (object["expires_in"].get(seconds)) seconds = usual_seconds;
  return AccessToken{
      .text = std::string(text),
      .lifetime = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, most_seconds))};
}

}  // namespace matinee::events

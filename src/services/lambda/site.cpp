#include "services/lambda/site.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/lambda/catalog/json_text.h"
#include "services/lambda/url_event.h"
#include "services/lambda/url_stream.h"

namespace matinee::lambda {

namespace {

using protocol::HttpRequest;
using protocol::HttpResponse;

constexpr std::string_view code_path = "/_matinee/function-code/";
constexpr std::string_view url_path = "/_matinee/function-url/";
constexpr std::string_view url_host = ".lambda-url.";
constexpr int no_content = 204;
constexpr int forbidden = 403;
constexpr int not_found = 404;
constexpr int method_not_allowed = 405;
constexpr int too_large = 413;
constexpr int too_many = 429;
constexpr int internal_error = 500;
constexpr int bad_gateway = 502;
constexpr std::string_view throttled = "TooManyRequestsException";
/// Bytes of the document that a function is called with.
constexpr std::size_t longest_event = std::size_t{6} << 20;

HttpResponse message(int status, std::string_view text) {
  HttpResponse response{.status = status};
  response.headers.add("Content-Type", "application/json");
  std::string body = "{";
  append_pair(body, "Message", text);
  response.body = body + "}";
  return response;
}

HttpResponse forbidden_reply() {
  HttpResponse response =
      message(forbidden,
              "Forbidden. For troubleshooting Function URL authorization issues, see: "
              "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html");
  response.headers.add("x-amzn-ErrorType", "AccessDeniedException");
  return response;
}

/// Of a signature that does not count.
HttpResponse unsigned_reply(const protocol::ServiceError& fault) {
  HttpResponse response{.status = forbidden};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("x-amzn-ErrorType", fault.code());
  std::string body = "{";
  append_pair(body, "message", fault.message());
  response.body = body + "}";
  return response;
}

/// Of a call that has not streamed.
HttpResponse whole_response(Result result, bool may_stream) {
  const bool has_failed = !result.function_error.empty();
  HttpResponse response;
  // Not by the name of an error that the function itself has told.
  if (result.version.empty() && result.error_type == throttled) {
    response = message(too_many, "Rate Exceeded.");
    response.headers.add("x-amzn-ErrorType", std::string(throttled));
  } else if (has_failed || result.was_streamed) {
    response.status = bad_gateway;
    response.headers.add("Content-Type", "application/json");
    response.body = "Internal Server Error";
  } else if (may_stream) {
    // A function that does not stream is not interpreted.
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(result.payload);
  } else {
    response = response_of(result.payload);
  }
  return response;
}

/// The id of a URL, and the path below it; nothing for other requests.
std::optional<std::pair<std::string, std::string>> find_url(const HttpRequest& request) {
  std::string_view path = protocol::path_of_target(request.target);
  if (path.starts_with(url_path)) {
    path.remove_prefix(url_path.size());
    const std::size_t slash = path.find('/');
    return std::pair(std::string(path.substr(0, slash)),
                     slash == std::string_view::npos ? "/" : std::string(path.substr(slash)));
  }
  const std::string_view host = request.headers.find("host").value_or("");
  const std::size_t place = host.find(url_host);
  if (place == std::string_view::npos) return std::nullopt;
  return std::pair(std::string(host.substr(0, place)), path.empty() ? "/" : std::string(path));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
  return out;
}

bool allows(const std::optional<std::vector<std::string>>& list, std::string_view value) {
  return list && std::ranges::any_of(*list, [&](const std::string& entry) {
           return entry == "*" || entry == value;
         });
}

/// What browsers are told, where the URL has rules for them and the page's origin is one of those.
void add_cors(const UrlRecord& url, const HttpRequest& request, bool is_preflight,
              HttpResponse& response) {
  const auto origin = request.headers.find("origin");
  if (!url.cors || !origin || !allows(url.cors->allow_origins, *origin)) return;
  const CorsRecord& cors = *url.cors;
  response.headers.set("Access-Control-Allow-Origin", *origin);
  response.headers.add("Vary", "Origin");
  if (cors.allow_credentials.value_or(false))
    response.headers.set("Access-Control-Allow-Credentials", "true");
  if (cors.expose_headers && !is_preflight)
    response.headers.set("Access-Control-Expose-Headers", joined(*cors.expose_headers));
  if (!is_preflight) return;
  if (cors.allow_methods)
    response.headers.set("Access-Control-Allow-Methods", joined(*cors.allow_methods));
  if (cors.allow_headers)
    response.headers.set("Access-Control-Allow-Headers", joined(*cors.allow_headers));
  if (cors.max_age) response.headers.set("Access-Control-Max-Age", std::to_string(*cors.max_age));
}

bool is_preflight(const UrlRecord& url, const HttpRequest& request) {
  return url.cors && request.method == "OPTIONS" &&
         request.headers.contains("Access-Control-Request-Method");
}

}  // namespace

bool Site::claims(const HttpRequest& head) const {
  return head.path.starts_with(code_path) || find_url(head);
}

void Site::handle(services::LocalRequest request, services::LocalReply reply) {
  if (request.is_too_large) return reply(message(too_large, "Request Entity Too Large"));
  if (request.http.path.starts_with(code_path)) return reply(give_code(request.http));
  call(std::move(request), std::move(reply));
}

HttpResponse Site::give_code(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD")
    return message(method_not_allowed, "Archives are read with GET.");
  const auto package =
      protocol::percent_decode(std::string_view(request.path).substr(code_path.size()));
  std::optional<std::string> bytes;
  try {
    if (package) bytes = service_.find_archive(*package);
  } catch (const storage::StoreFailure& failure) {
    return message(internal_error, failure.what());
  }
  if (!bytes) return message(not_found, "There is no such archive.");
  HttpResponse response;
  response.headers.add("Content-Type", "application/zip");
  if (request.method == "HEAD") {
    response.head_length = bytes->size();
  } else {
    response.body = *bytes;
  }
  return response;
}

std::optional<HttpResponse> Site::refuse(const FoundUrl& url,
                                         const services::LocalRequest& request) const {
  if (url.record.auth != "AWS_IAM") {
    if (service_.lets_everybody_in(url)) return std::nullopt;
    return forbidden_reply();
  }
  if (request.fault) return unsigned_reply(*request.fault);
  if (request.caller && service_.lets_in(url, *request.caller)) return std::nullopt;
  return forbidden_reply();
}

void Site::call(services::LocalRequest request, services::LocalReply reply) {
  const auto place = find_url(request.http);
  const std::optional<FoundUrl> url = place ? service_.find_url(place->first) : std::nullopt;
  if (!url) return reply(message(not_found, "There is no such function URL."));
  if (is_preflight(url->record, request.http)) {
    HttpResponse response{.status = no_content};
    add_cors(url->record, request.http, true, response);
    return reply(std::move(response));
  }
  if (std::optional<HttpResponse> refusal = refuse(*url, request)) {
    refusal->headers.add("x-amzn-RequestId", runtime_.random.uuid());
    add_cors(url->record, request.http, false, *refusal);
    return reply(*std::move(refusal));
  }
  const UrlCall told{.url_id = place->first,
                     .region = std::get<1>(url->target.key),
                     .request_id = runtime_.random.uuid(),
                     .time = runtime_.clock.now(),
                     .path = place->second,
                     .caller = url->record.auth == "AWS_IAM" ? request.caller : nullptr};
  const std::string event = event_of(told, request);
  if (event.size() > longest_event) return reply(message(too_large, "Request Entity Too Large"));
  UrlInvocation invocation{
      .id = told.request_id,
      .payload = event,
      .trace = std::string(request.http.headers.find("X-Amzn-Trace-Id").value_or(""))};
  invocation.faults = std::make_shared<std::vector<std::string>>();
  const auto answer = std::make_shared<services::LocalReply>(
      [reply = std::move(reply), record = url->record, http = std::move(request.http),
       id = told.request_id, faults = invocation.faults](HttpResponse response) mutable {
        response.headers.add("x-amzn-RequestId", id);
        if (!faults->empty())
          response.headers.add("x-matinee-fault", fmt::format("{}", fmt::join(*faults, ", ")));
        add_cors(record, http, false, response);
        reply(std::move(response));
      });
  std::shared_ptr<UrlStream> stream;
  if (url->record.mode == "RESPONSE_STREAM") {
    stream = std::make_shared<UrlStream>(
        runtime_.loop, [answer](HttpResponse head) { (*answer)(std::move(head)); });
    invocation.receiver = stream;
  }
  service_.call_by_url(*url, std::move(invocation), [answer, stream](Result result) {
    if (stream && stream->finish(result)) return;
    (*answer)(whole_response(std::move(result), stream != nullptr));
  });
}

}  // namespace matinee::lambda

#include "library/aws.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/endpoints.h"
#include "client/retry.h"
#include "library/environment.h"
#include "library/errors.h"
#include "protocol/codec.h"
#include "protocol/sigv4.h"

namespace lambda {

namespace {

using matinee::protocol::ServiceError;

/// "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_SECRETS_MANAGER": by the id of the service.
std::string endpoint_variable(const matinee::protocol::ServiceModel& service) {
  std::string name = "AWS_ENDPOINT_URL_" + std::string(service.id);
  std::ranges::transform(name, name.begin(), [](char c) {
    if (c == ' ') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  });
  return name;
}

matinee::client::Endpoints endpoints_for(const matinee::protocol::ServiceModel& service) {
  std::string region = variable("AWS_REGION");
  if (region.empty()) region = require_variable("AWS_DEFAULT_REGION");
  matinee::client::Endpoints endpoints(std::move(region));
  if (variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true") return endpoints;
  if (std::string url = variable("AWS_ENDPOINT_URL"); !url.empty())
    endpoints.set_url(std::move(url));
  if (std::string url = variable(endpoint_variable(service).c_str()); !url.empty())
    endpoints.set_url(service.name, std::move(url));
  return endpoints;
}

bool may_help(const FunctionError& error) {
  return error.type() == "ConnectionFailed" || error.type() == "ConnectionTimedOut" ||
         error.type() == "NameResolutionFailed";
}

/// An object of a reply that says, with a status of success, that it is none.
bool is_late_error(const matinee::protocol::Operation& operation, const HttpReply& reply) {
  return operation.service->name == "s3" && !operation.streaming_output &&
         reply.body.contains("<Error>");
}

}  // namespace

Aws::Aws(RetryPolicy policy) : policy_(policy) {
  require_variable("AWS_ACCESS_KEY_ID");
  require_variable("AWS_SECRET_ACCESS_KEY");
}

HttpReply Aws::send_once(const matinee::protocol::Operation& operation,
                         const matinee::protocol::HttpRequest& encoded) {
  matinee::protocol::HttpRequest request = encoded;
  const std::string_view service = operation.service->name;
  const matinee::client::Endpoints endpoints = endpoints_for(*operation.service);
  const std::string url = matinee::client::direct_request(endpoints, service, request);
  const auto now =
      std::chrono::time_point_cast<matinee::runtime::Duration>(std::chrono::system_clock::now());
  matinee::protocol::sigv4::sign(
      request,
      {require_variable("AWS_ACCESS_KEY_ID"), require_variable("AWS_SECRET_ACCESS_KEY"),
       variable("AWS_SESSION_TOKEN")},
      {{endpoints.region(), std::string(service)}, now});
  HttpRequest out{.method = request.method, .target = "", .headers = {}, .body = {}};
  for (const auto& [name, value] : request.headers) out.headers.emplace_back(name, value);
  // AWS follows an event by it; it is not signed, since those on the way may add to it.
  if (std::string trace = variable("_X_AMZN_TRACE_ID"); !trace.empty())
    out.headers.emplace_back("X-Amzn-Trace-Id", std::move(trace));
  out.body = std::move(request.body.bytes);
  return http_.send(url, std::move(out), patience_until(deadline_, std::chrono::seconds(10)));
}

void Aws::send(const matinee::protocol::Operation& operation, const void* request, void* response) {
  const matinee::protocol::HttpRequest encoded =
      matinee::protocol::encode_request(operation, request);
  for (int attempt = 1;; ++attempt) {
    try {
      HttpReply reply = send_once(operation, encoded);
      matinee::protocol::HttpResponse decoded{.status = reply.status};
      const bool is_error = reply.status >= 300 || is_late_error(operation, reply);
      for (auto& [name, value] : reply.headers) decoded.headers.add(name, value);
      decoded.body.bytes = std::move(reply.body);
      if (!is_error) {
        matinee::protocol::decode_response(operation, decoded, response);
        return;
      }
      if (decoded.status < 300) decoded.status = 500;
      matinee::protocol::decode_error(operation, decoded)->raise();
    } catch (const ServiceError& error) {
      if (!matinee::client::is_retryable(error)) throw;
      if (!wait_before_retry(attempt)) throw;
    } catch (const FunctionError& error) {
      if (!may_help(error) || !wait_before_retry(attempt)) throw;
    }
  }
}

}  // namespace lambda

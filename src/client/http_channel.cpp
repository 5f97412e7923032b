// A call: encode, sign, send, decode, and try again where that may help.
#include "client/http_channel.h"

#include <fmt/format.h>

#include <charconv>

#include "protocol/codec.h"
#include "protocol/timestamps.h"

namespace matinee::client {

namespace {

/// AWS accepts signatures that are up to five minutes off.
constexpr std::chrono::minutes tolerated_skew(4);
/// No server makes a client wait longer than that; a job had better fail.
constexpr std::chrono::minutes longest_wait(2);
constexpr std::size_t large_body = 1024 * 1024;

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

bool is_about_time(std::string_view code) {
  constexpr std::array<std::string_view, 7> codes = {
      "RequestTimeTooSkewed",      "RequestExpired",
      "RequestInTheFuture",        "SignatureDoesNotMatch",
      "InvalidSignatureException", "AuthFailure",
      "AccessDeniedException"};
  return contains(codes, code);
}

bool is_about_expiry(std::string_view code) {
  constexpr std::array<std::string_view, 4> codes = {"ExpiredToken", "ExpiredTokenException",
                                                     "TokenRefreshRequired", "InvalidToken"};
  return contains(codes, code);
}

std::shared_ptr<protocol::ServiceError> to_error(const runtime::HttpFailure& failure) {
  using Kind = runtime::HttpFailure::Kind;
  if (failure.kind == Kind::timed_out)
    return std::make_shared<protocol::ServiceError>("RequestTimeout", 503, failure.message);
  if (failure.kind == Kind::not_trusted)
    return std::make_shared<protocol::ServiceError>("CertificateNotTrusted", 400, failure.message);
  if (failure.kind == Kind::unavailable)
    return std::make_shared<protocol::ServiceError>("HttpUnavailable", 400, failure.message);
  return std::make_shared<protocol::ServiceError>("ConnectionFailed", 503, failure.message);
}

/// Seconds in Retry-After, milliseconds in x-amz-retry-after; zero where neither is a number.
runtime::Duration read_wait(const protocol::HttpResponse& response) {
  const auto read = [&](std::string_view name) -> std::int64_t {
    const auto text = response.headers.find(name);
    std::int64_t number = 0;
    if (!text) return 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    return error == std::errc() && number > 0 ? number : 0;
  };
  const std::int64_t most = std::chrono::milliseconds(longest_wait).count();
  const std::int64_t seconds = std::min(read("Retry-After"), most / 1000);
  const std::int64_t milliseconds = std::min(read("x-amz-retry-after"), most);
  return std::chrono::milliseconds(std::max(seconds * 1000, milliseconds));
}

/// S3 may answer 200 and then find that it failed: the body of CompleteMultipartUpload and
/// CopyObject is then an error.
bool is_late_error(const protocol::Operation& operation, const protocol::HttpResponse& response) {
  if (operation.service->name != "s3" || operation.streaming_output) return false;
  std::string_view text = response.body.bytes;
  if (text.starts_with("<?xml")) text.remove_prefix(std::min(text.find("?>") + 2, text.size()));
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text.starts_with("<Error>");
}

/// The first part of the path; empty for requests about no bucket.
std::string bucket_of(const protocol::HttpRequest& request) {
  const std::string_view path = protocol::path_of_target(request.target);
  return std::string(path.substr(1, path.find('/', 1) - 1));
}

/// A function may take a quarter of an hour, and one that is given up would run once more.
bool waits_for_function(const protocol::Operation& operation) {
  return operation.service->name == "lambda" && operation.name.starts_with("Invoke");
}

runtime::HttpCall to_call(const protocol::Operation& operation, protocol::HttpRequest request,
                          std::string url) {
  runtime::HttpCall call{.method = std::move(request.method), .url = std::move(url)};
  for (const auto& [name, value] : request.headers) call.headers.emplace_back(name, value);
  call.body = std::move(request.body.bytes);
  call.use_proxy = !is_loopback_url(call.url);
  if (call.body.size() > large_body) call.total_timeout = std::chrono::minutes(10);
  if (waits_for_function(operation)) call.total_timeout = std::chrono::minutes(16);
  return call;
}

}  // namespace

HttpChannel::HttpChannel(HttpChannelParts parts, Endpoints endpoints, RetryPolicy policy)
    : parts_(parts),
      endpoints_(std::move(endpoints)),
      backoff_(parts.clock, parts.random, policy) {}

void HttpChannel::fill_tokens(const protocol::Operation& operation, protocol::Object& request) {
  for (const protocol::Field& field : operation.input->fields) {
    if (!field.idempotency_token || field.find(request.get())) continue;
    *static_cast<std::string*>(field.emplace(request.get())) = parts_.random.uuid();
  }
}

runtime::Task<protocol::Object> HttpChannel::call(const protocol::Operation& operation,
                                                  protocol::Object request) {
  fill_tokens(operation, request);
  protocol::HttpRequest encoded = protocol::encode_request(operation, request.get());
  for (int number = 1;; ++number) {
    Attempt outcome = co_await attempt(operation, encoded);
    if (!outcome.error) co_return std::move(outcome.response);
    if (!outcome.may_help || number >= backoff_.policy().max_attempts) outcome.error->raise();
    co_await backoff_.pause(number, outcome.wait);
  }
}

runtime::Task<HttpChannel::Attempt> HttpChannel::attempt(const protocol::Operation& operation,
                                                         const protocol::HttpRequest& request) {
  const std::string_view service = operation.service->name;
  const protocol::sigv4::Credentials keys = co_await parts_.credentials.get();
  protocol::HttpRequest signed_request = request;
  const std::string region = region_for(operation, request);
  std::string url = direct_request(endpoints_.in(region), service, signed_request);
  protocol::sigv4::sign(signed_request, keys,
                        {{region, std::string(service)}, parts_.clock.now() + clock_skew_});
  runtime::HttpResult result =
      co_await parts_.http.send(to_call(operation, std::move(signed_request), std::move(url)));
  if (result) co_return read_reply(operation, request, std::move(*result));
  Attempt outcome;
  outcome.error = to_error(result.error());
  outcome.may_help = is_retryable(*outcome.error);
  co_return outcome;
}

HttpChannel::Attempt HttpChannel::read_reply(const protocol::Operation& operation,
                                             const protocol::HttpRequest& request,
                                             runtime::HttpReply reply) {
  protocol::HttpResponse response{.status = reply.status};
  for (auto& [name, value] : reply.headers) response.headers.add(std::move(name), std::move(value));
  response.body.bytes = std::move(reply.body);

  Attempt outcome;
  const bool late_error = response.status < 300 && is_late_error(operation, response);
  if (response.status < 300 && !late_error) {
    outcome.response = protocol::Object(*operation.response);
    protocol::decode_response(operation, response, outcome.response.get());
    return outcome;
  }
  if (late_error) response.status = 500;
  outcome.error = protocol::decode_error(operation, response);
  outcome.may_help = is_retryable(*outcome.error);
  outcome.wait = read_wait(response);
  correct(outcome, response);
  if (operation.service->name == "s3") follow(request, response, outcome);
  return outcome;
}

std::string HttpChannel::region_for(const protocol::Operation& operation,
                                    const protocol::HttpRequest& request) const {
  if (operation.service->name == "s3")
    if (const auto known = regions_of_buckets_.find(bucket_of(request));
        known != regions_of_buckets_.end())
      return known->second;
  return endpoints_.region();
}

/// A wrong region is answered with 301, 307 or 400, and with the right one in a header. A bucket
/// that was moved, or a service that cannot make up its mind, is not followed any further.
void HttpChannel::follow(const protocol::HttpRequest& request,
                         const protocol::HttpResponse& response, Attempt& attempt) {
  const auto region = response.headers.find("x-amz-bucket-region");
  const bool is_elsewhere =
      response.status == 301 || response.status == 307 || response.status == 400;
  if (!is_elsewhere || !region || *region == endpoints_.region()) return;
  attempt.may_help |=
      regions_of_buckets_.try_emplace(bucket_of(request), std::string(*region)).second;
}

/// Repairs what made the server refuse a request, where the client can: its clock or its keys.
void HttpChannel::correct(Attempt& attempt, const protocol::HttpResponse& response) {
  const std::string& code = attempt.error->code();
  if (is_about_expiry(code)) {
    parts_.credentials.forget();
    attempt.may_help = true;
    return;
  }
  const auto date = response.headers.find("Date");
  if (!is_about_time(code) || !date) return;
  const std::optional<protocol::Timestamp> time = protocol::parse_http_date(*date);
  if (!time) return;
  const runtime::Duration skew = *time - parts_.clock.now();
  if (std::chrono::abs(skew - clock_skew_) < tolerated_skew) return;
  clock_skew_ = skew;
  attempt.may_help = true;
}

}  // namespace matinee::client

#include "services/http_delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace matinee::services {

namespace {

constexpr std::size_t most_kept_response_bytes = 1024;
constexpr std::int64_t most_seconds_to_wait = 86'400;

bool is_for_ever(int status, HttpRules rules) {
  if (rules == HttpRules::topic) return status >= 400 && status < 500 && status != 429;
  return status < 500 && status != 401 && status != 407 && status != 409 && status != 429;
}

bool equals_ignoring_case(std::string_view one, std::string_view lower) {
  return std::ranges::equal(one, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// In seconds; dates are not understood, and mean no wait.
runtime::Duration retry_after(const runtime::HttpReply& reply) {
  for (const auto& [name, value] : reply.headers) {
    if (!equals_ignoring_case(name, "retry-after")) continue;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error == std::errc() && end == value.data() + value.size())
      return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, most_seconds_to_wait));
  }
  return {};
}

/// How errors of API destinations begin.
constexpr std::string_view invocation = "Unable to invoke ApiDestination endpoint: ";

/// The words of EventBridge, and in brackets what this machine says.
Refusal unanswered(const runtime::HttpFailure& failure, HttpRules rules) {
  if (rules == HttpRules::topic) return {.reason = failure.message, .code = "SDK_CLIENT_ERROR"};
  if (failure.kind == runtime::HttpFailure::Kind::timed_out)
    return {.reason = fmt::format("{}Timeout calling endpoint for API Destination: socket closed. "
                                  "({})",
                                  invocation, failure.message),
            .code = "UNKNOWN"};
  return {.reason = fmt::format("{}API destination endpoint cannot be reached. ({})", invocation,
                                failure.message),
          .code = "SDK_CLIENT_ERROR"};
}

/// This machine's own addresses are never reached through a proxy.
bool is_own(std::string_view url) {
  const std::size_t start = url.find("://") + 3;
  std::string_view host = url.substr(start, url.find_first_of("/?#", start) - start);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
}

}  // namespace

bool is_http_url(std::string_view url) {
  std::size_t scheme = 0;
  if (url.starts_with("http://")) scheme = 7;
  if (url.starts_with("https://")) scheme = 8;
  if (scheme == 0 || url.size() == scheme || url[scheme] == '/') return false;
  return std::ranges::all_of(url, [](char c) { return c > ' ' && c != 0x7f; });
}

runtime::Task<HttpOutcome> deliver_by_http(runtime::HttpClient& http, runtime::HttpCall call,
                                           HttpRules rules) {
  call.most_head_bytes = most_reply_head_bytes;
  call.most_body_bytes = most_reply_body_bytes;
  call.use_proxy = !is_own(call.url);
  const runtime::HttpResult result = co_await http.send(std::move(call));
  if (!result) co_return HttpOutcome{.refusal = unanswered(result.error(), rules), .response = {}};
  HttpOutcome outcome{.refusal = {},
                      .status = result->status,
                      .response = result->body.substr(0, most_kept_response_bytes)};
  if (result->status >= 200 && result->status < 300) co_return outcome;
  outcome.refusal =
      Refusal{.reason = fmt::format("{}The endpoint answered with status {}.",
                                    rules == HttpRules::topic ? "" : invocation, result->status),
              .code = fmt::to_string(result->status),
              .for_ever = is_for_ever(result->status, rules),
              .status = result->status,
              .response = outcome.response};
  if (rules == HttpRules::api_destination) outcome.refusal->not_before = retry_after(*result);
  co_return outcome;
}

}  // namespace matinee::services

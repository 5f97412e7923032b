// Deliveries to HTTP endpoints of others: bounded in time and size, and judged by their status.
// Redirects are answers like any other: nothing goes where the user has not pointed it.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/http_client.h"
#include "services/delivery_target.h"

namespace matinee::services {

/// Which statuses are tried again.
enum class HttpRules : std::uint8_t {
  topic,            // all but 2xx, and of 4xx only 429: a client's fault is for good
  api_destination,  // 401, 407, 409, 429 and 5xx; Retry-After is honoured
};

/// What is read of a reply at most.
inline constexpr std::size_t most_reply_head_bytes = std::size_t{16} << 10;
inline constexpr std::size_t most_reply_body_bytes = std::size_t{16} << 10;
/// SNS waits for so long for a reply; API destinations wait five seconds.
inline constexpr runtime::Duration topic_http_timeout = std::chrono::seconds(15);
inline constexpr runtime::Duration api_destination_timeout = std::chrono::seconds(5);

struct HttpOutcome {
  std::optional<Refusal> refusal;  // nothing where it was taken
  int status = 0;                  // 0 without a reply
  std::string response;            // the beginning of the reply's body
};

/// Sends one call; limits of size are set here, the timeout is the call's own.
runtime::Task<HttpOutcome> deliver_by_http(runtime::HttpClient& http, runtime::HttpCall call,
                                           HttpRules rules);

/// Whether the URL is of a form that is delivered to: http or https, a host, no control characters.
bool is_http_url(std::string_view url);

}  // namespace matinee::services

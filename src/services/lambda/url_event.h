// Requests to URLs of functions as the events that functions get (payload format 2.0), and what
// functions answer as responses.
#pragma once

#include <optional>
#include <string>

#include "protocol/http.h"
#include "runtime/clock.h"
#include "services/local_api.h"

namespace matinee::lambda {

struct UrlCall {
  std::string url_id;
  std::string region;
  std::string request_id;
  runtime::Time time;
  std::string path;  // below the URL, with its slash
  /// Who has signed the request, of URLs that ask for it; else null.
  std::shared_ptr<const services::Context> caller = nullptr;
};

/// The event's JSON.
std::string event_of(const UrlCall& call, const services::LocalRequest& request);

/// Status, headers and cookies that a function sends before a body that it streams; nothing where
/// that is no JSON object, or its status none of 200 to 599. Headers that frame a message are left
/// out, as they are of `response_of`: they are the connection's.
std::optional<protocol::HttpResponse> head_of(const std::string& prelude);

/// What a buffered result means: its status, headers, cookies and body where it has a statusCode,
/// else the result itself as JSON. 502 where that is none, or the status none of 200 to 599.
protocol::HttpResponse response_of(const std::string& result);

}  // namespace matinee::lambda

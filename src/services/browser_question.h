// What a browser wants to know before it lets a page of one origin talk to a server of another: the
// rules of cross-origin resource sharing (CORS).
#pragma once

#include <string>
#include <vector>

#include "protocol/http.h"

namespace matinee::services {

struct BrowserQuestion {
  std::string path;                  // in path style: "/bucket/key"
  std::string origin;                // of the page
  std::string method;                // of the request that it makes, or would like to make
  std::vector<std::string> headers;  // that it would like to send; in lower case
  bool preflight = false;            // an OPTIONS request, which asks for nothing else
  /// The method that a request which is no preflight names in Access-Control-Request-Method. The
  /// headers of its reply are about that one.
  std::string named_method = {};
  /// Whether the request is refused where no rule allows it: the page is of a foreign origin.
  bool needs_permission = false;
};

struct BrowserAnswer {
  protocol::Headers headers = {};  // that let the browser show the reply to the page
  bool is_permitted = false;       // some rule allows the request itself
};

}  // namespace matinee::services

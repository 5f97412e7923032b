// What a browser wants to know before it lets a page of one origin talk to a server of another: the
// rules of cross-origin resource sharing (CORS).
#pragma once

#include <string>
#include <vector>

namespace matinee::services {

struct BrowserQuestion {
  std::string path;                  // in path style: "/bucket/key"
  std::string origin;                // of the page
  std::string method;                // of the request that it makes, or would like to make
  std::vector<std::string> headers;  // that it would like to send; in lower case
  bool preflight = false;            // an OPTIONS request, which asks for nothing else
};

}  // namespace matinee::services

// Keeps web pages out that have no business here. Any page that a developer looks at can make the
// browser send requests to a server on the same machine, and with DNS rebinding (a name of its own
// that suddenly means 127.0.0.1) read the replies too. SDKs and the aws CLI are not browsers, send
// none of the headers in question, and call the server by an address or by a name that is its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/request_handler.h"
#include "protocol/http.h"

namespace matinee::gateway {

struct BrowserOptions {
  /// Further names of this server. Each stands for the names below it too: "cloud.test" allows
  /// "bucket.cloud.test". Where any is given, the Host of every request is checked, and not only of
  /// those that come from this machine.
  std::vector<std::string> hosts = {};
  /// Origins whose pages may use this server: "https://app.example:8443", with * for any text.
  std::vector<std::string> origins = {};
};

/// From any thread.
class BrowserGuard {
 public:
  explicit BrowserGuard(BrowserOptions options);

  /// The name by which the request calls this server, where somebody else may own it.
  std::optional<std::string> find_foreign_host(const protocol::HttpRequest& head,
                                               const Peer& peer) const;

  /// The origin of the page that makes the request, where it is neither this server's own, nor one
  /// of this machine, nor allowed: "http://evil.example", or "null" where the browser hides it.
  std::optional<std::string> find_foreign_origin(const protocol::HttpRequest& head) const;

 private:
  BrowserOptions options_;

  bool is_own_name(std::string_view host) const;
  bool is_welcome(std::string_view origin, const protocol::HttpRequest& head) const;
};

/// Whether a foreign page may make the request all the same, if it is for S3: links to objects are
/// opened from anywhere, and what only reads and says where it comes from is a matter of policies
/// (aws:Referer). The page itself never sees the reply.
bool is_harmless_to_s3(const protocol::HttpRequest& head);

// What those are told who are refused: sentences that name the option.
std::string foreign_host_message(std::string_view name);
/// `bucket_may_allow` where CORS rules would do as well.
std::string foreign_origin_message(std::string_view origin, bool bucket_may_allow);

}  // namespace matinee::gateway

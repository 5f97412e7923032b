// The outside world of functions: an HTTP proxy, for them alone, in which some names of hosts lead
// elsewhere. It passes on what goes to all other hosts.
//
//   OutsideWorld outside({loop, clock, workers, http}, {{.name = "www.omdbapi.com", ...}});
//   if (auto started = outside.start(); !started) fail(started.error());
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/relays.h"
#include "gateway/server.h"
#include "gateway/tls/context.h"
#include "runtime/http_client.h"
#include "runtime/loop.h"
#include "services/local_api.h"

namespace matinee::gateway {

/// Where requests for a host go.
struct OutsideHost {
  std::string name;  // "www.omdbapi.com"
  /// A server, "http://127.0.0.1:9000", to which paths are added; empty where `answer` is.
  std::string url;
  /// Whether the server is told the name that was asked for, as it would be by /etc/hosts; else it
  /// is told its own.
  bool keeps_name = false;
  /// Part of this program. Pure: called on the state thread.
  std::function<protocol::HttpResponse(const protocol::HttpRequest& request)> answer = nullptr;
};

struct OutsideParts {
  runtime::Loop& loop;
  runtime::Clock& clock;
  runtime::Workers& workers;
  runtime::HttpClient& http;
};

/// The host of a request in lower case, without its port: from its target where that is a whole
/// URL, else from its Host header. Empty where it names none.
std::string host_of(const protocol::HttpRequest& request);

/// The URL that a request goes to: at `host`, or where it was going, where that is null. Empty
/// where it was going nowhere.
std::string url_for(const protocol::HttpRequest& request, const OutsideHost* host);

class OutsideWorld final : public services::LocalApi {
 public:
  /// All parts must outlive it.
  OutsideWorld(const OutsideParts& parts, std::vector<OutsideHost> hosts);
  ~OutsideWorld() override;
  OutsideWorld(const OutsideWorld&) = delete;
  OutsideWorld& operator=(const OutsideWorld&) = delete;

  /// Listens on a port of the loopback interface, and where the machine allows it on the ports 80
  /// and 443 of a loopback address of its own, for programs that know no proxies.
  /// The error is a sentence.
  std::expected<void, std::string> start();
  /// "http://127.0.0.1:PORT"
  std::string proxy_url() const;
  /// Where all the names lead to; empty where port 80 is not to be had.
  const std::string& address() const { return address_; }
  const std::vector<OutsideHost>& hosts() const { return hosts_; }
  /// What programs have to trust to reach the names by HTTPS: a certificate as PEM.
  std::string trusted() const { return tls_->trusted(); }

  void handle(services::LocalRequest request, services::LocalReply reply) override;

 private:
  OutsideParts parts_;
  std::vector<OutsideHost> hosts_;
  Relays relays_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<const tls::Context> tls_;
  std::string address_;
  /// Where those find this one who come later; holds null once it has gone.
  std::shared_ptr<OutsideWorld*> place_ = std::make_shared<OutsideWorld*>(this);

  const OutsideHost* find(std::string_view name) const;
  void listen_for_names();
};

}  // namespace matinee::gateway

// Answers AWS requests: resolve -> authenticate -> decode -> invoke -> encode. Everything but the
// invocation happens on the I/O thread, or on a worker where it is large; what a round of the I/O
// thread brings goes to the state thread at once, and so do the replies on their way back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/authenticate.h"
#include "gateway/browser_guard.h"
#include "gateway/gate.h"
#include "gateway/heavy_work.h"
#include "gateway/request_handler.h"
#include "gateway/request_ids.h"
#include "gateway/resolve.h"
#include "runtime/random.h"
#include "services/endpoint.h"
#include "services/faults.h"
#include "services/local_api.h"

namespace matinee::gateway {

struct GatewayOptions {
  AuthenticationOptions authentication = {};
  BrowserOptions browsers = {};
  std::string version = {};  // of Matinee, as the health page tells it
  /// What clients have to trust for HTTPS, in PEM; empty where it is not spoken.
  std::string trusted_certificate = {};
  /// Documents that anybody may have, by their paths: nothing for others. Called on I/O threads.
  std::function<std::optional<std::string>(std::string_view path)> document = [](std::string_view) {
    return std::nullopt;
  };
  /// Answers what is no call of an operation: URLs of functions. Null without; must outlive the
  /// server.
  services::LocalSite* site = nullptr;
  /// Faults that calls are to have. Null: none ever. Must outlive the server.
  services::Faults* faults = nullptr;
  /// Whether calls are let in. Null: always. Must outlive the server.
  const Gate* gate = nullptr;
  /// What the health page says is wrong, if anything is. Called on I/O threads.
  std::function<std::optional<std::string>()> trouble = [] { return std::nullopt; };
};

/// What the handlers of all I/O threads share. Must outlive the server; made after the last service
/// was added to the endpoint.
class AwsGateway {
 public:
  struct Machine {
    runtime::Clock& clock;
    runtime::Random& random;
    runtime::Workers& workers;
  };
  AwsGateway(services::Endpoint& endpoint, const Machine& machine, GatewayOptions options);

  HandlerFactory handler_factory();

  services::Endpoint& endpoint() { return endpoint_; }
  runtime::Random& random() { return random_; }
  RequestIds& request_ids() { return request_ids_; }
  const Router& router() const { return router_; }
  const Authenticator& authenticator() const { return authenticator_; }
  const BrowserGuard& guard() const { return guard_; }
  const std::string& version() const { return version_; }
  const std::string& trusted_certificate() const { return trusted_certificate_; }
  std::optional<std::string> document(std::string_view path) const { return document_(path); }
  services::LocalSite* site() const { return site_; }
  services::Faults* faults() const { return faults_; }
  const Gate* gate() const { return gate_; }
  HeavyWork& heavy_work() { return heavy_work_; }
  std::optional<std::string> trouble() const { return trouble_(); }

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
  RequestIds request_ids_;
  Router router_;
  Authenticator authenticator_;
  BrowserGuard guard_;
  std::string version_;
  std::string trusted_certificate_;
  std::function<std::optional<std::string>(std::string_view path)> document_;
  services::LocalSite* site_;
  services::Faults* faults_;
  const Gate* gate_;
  std::function<std::optional<std::string>()> trouble_;
  HeavyWork heavy_work_;  // ends first: it uses the others
};

}  // namespace matinee::gateway

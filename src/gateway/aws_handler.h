// Answers AWS requests: resolve -> authenticate -> decode -> invoke -> encode. Everything but the
// invocation happens on the I/O thread; what a round of it brings goes to the state thread at once,
// and so do the replies on their way back.
#pragma once

#include <memory>
#include <string>

#include "gateway/authenticate.h"
#include "gateway/request_handler.h"
#include "gateway/resolve.h"
#include "runtime/random.h"
#include "services/endpoint.h"

namespace matinee::gateway {

struct GatewayOptions {
  AuthenticationOptions authentication = {};
  std::string version = {};  // of Matinee, as the health page tells it
};

/// What the handlers of all I/O threads share. Must outlive the server; made after the last service
/// was added to the endpoint.
class AwsGateway {
 public:
  AwsGateway(services::Endpoint& endpoint, runtime::Clock& clock, runtime::Random& random,
             GatewayOptions options);

  HandlerFactory handler_factory();

  services::Endpoint& endpoint() { return endpoint_; }
  runtime::Random& random() { return random_; }
  const Router& router() const { return router_; }
  const Authenticator& authenticator() const { return authenticator_; }
  const std::string& version() const { return version_; }

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
  Router router_;
  Authenticator authenticator_;
  std::string version_;
};

}  // namespace matinee::gateway

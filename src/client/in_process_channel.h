// Calls to the services of this very process: no bytes, no signing, straight to the Endpoint.
#pragma once

#include "client/channel.h"
#include "runtime/random.h"
#include "services/endpoint.h"

namespace matinee::client {

class InProcessChannel final : public Channel {
 public:
  /// Every call is made as `caller`, with a request id of its own. All must outlive the channel.
  InProcessChannel(services::Endpoint& endpoint, runtime::Random& random, services::Context caller)
      : endpoint_(endpoint), random_(random), caller_(std::move(caller)) {}

  runtime::Task<protocol::Object> call(const protocol::Operation& operation,
                                       protocol::Object request) override;
  /// With what else the endpoint takes: what is to be kept with what the operation does.
  runtime::Task<protocol::Object> call(const protocol::Operation& operation, services::Input input);

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
  services::Context caller_;
};

}  // namespace matinee::client

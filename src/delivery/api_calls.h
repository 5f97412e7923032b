// Calls of operations by their names, to the services of this very process.
#pragma once

#include <string>
#include <string_view>

#include "client/in_process_channel.h"
#include "resources/calls.h"
#include "runtime/random.h"
#include "services/calls_maker.h"
#include "services/endpoint.h"

namespace matinee::delivery {

/// What is given URLs is given those of the service that is called, also where the call is made for
/// somebody who has come to another one by AWS's names: "sqs.us-east-1.amazonaws.com" for
/// "cloudformation.us-east-1.amazonaws.com". Any other host is that of all services.
std::string host_of_service(std::string_view service, std::string_view host);

class ApiCalls final : public resources::Calls {
 public:
  /// All calls are made as `caller`. Endpoint and random must outlive it.
  ApiCalls(services::Endpoint& endpoint, runtime::Random& random, services::Context caller)
      : endpoint_(endpoint), random_(random), caller_(std::move(caller)) {}

  /// Tokens of idempotency that the operation has and the request has not are made. An operation
  /// that no service here has is ServiceError "NotImplemented" (501).
  runtime::Task<templates::Value> call(std::string_view operation, templates::Value request,
                                       Keep keep = nullptr) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
  services::Context caller_;

  const protocol::Operation* find_operation(std::string_view name) const;
};

/// Its calls come from `services::cloudformation_address`. Both must outlive it, and what it makes.
class ApiCallsMaker final : public services::CallsMaker {
 public:
  ApiCallsMaker(services::Endpoint& endpoint, runtime::Random& random)
      : endpoint_(endpoint), random_(random) {}

  std::unique_ptr<resources::Calls> calls_as(services::Context caller) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
};

}  // namespace matinee::delivery

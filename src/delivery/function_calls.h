// Calls functions for services that wait for an answer, in process.
#pragma once

#include "runtime/random.h"
#include "services/endpoint.h"
#include "services/function_caller.h"

namespace matinee::delivery {

class FunctionCalls final : public services::FunctionCaller {
 public:
  /// Both must outlive it.
  FunctionCalls(services::Endpoint& endpoint, runtime::Random& random)
      : endpoint_(endpoint), random_(random) {}

  runtime::Task<services::FunctionAnswer> call(services::FunctionCall call) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
};

}  // namespace matinee::delivery

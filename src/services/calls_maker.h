// How a service that carries out what users describe (templates, desired states) calls all others:
// by the names of their operations, as somebody.
#pragma once

#include <memory>

#include "resources/calls.h"
#include "services/context.h"
#include "services/from_cloudformation.h"

namespace matinee::services {

class CallsMaker {
 public:
  virtual ~CallsMaker() = default;

  /// Every call is made as `caller`, with a request id of its own. Must not outlive its maker.
  virtual std::unique_ptr<resources::Calls> calls_as(Context caller) = 0;
};

}  // namespace matinee::services

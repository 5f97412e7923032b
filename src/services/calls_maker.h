// How a service that carries out what users describe (templates, desired states) calls all others:
// by the names of their operations, as somebody.
#pragma once

#include <memory>

#include "resources/calls.h"
#include "services/context.h"

namespace matinee::services {

/// What calls of CloudFormation and Cloud Control have for an address, as CloudTrail tells them of
/// AWS. Nobody outside can have it.
inline constexpr const char* cloudformation_address = "cloudformation.amazonaws.com";

/// Whether a call comes from CloudFormation, which may set tags that begin with "aws:".
inline bool comes_from_cloudformation(const Context& context) {
  return context.source_ip == cloudformation_address;
}

class CallsMaker {
 public:
  virtual ~CallsMaker() = default;

  /// Every call is made as `caller`, with a request id of its own. Must not outlive its maker.
  virtual std::unique_ptr<resources::Calls> calls_as(Context caller) = 0;
};

}  // namespace matinee::services

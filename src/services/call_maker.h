// How services that make resources of other services call them: CloudFormation and Cloud Control.
#pragma once

#include <functional>
#include <memory>

#include "resources/calls.h"
#include "services/context.h"

namespace matinee::services {

/// What calls made through CloudFormation and Cloud Control have for an address, as CloudTrail
/// tells them of AWS. Nobody outside can have it.
inline constexpr const char* cloudformation_address = "cloudformation.amazonaws.com";

/// Whether the call comes from CloudFormation, which may set tags that begin with "aws:".
inline bool comes_from_cloudformation(const Context& context) {
  return context.source_ip == cloudformation_address;
}

/// Makes what calls all operations of this cloud as `caller`: its identity, account and region. It
/// has an address of its own, and request ids. The result must not outlive the cloud.
using CallMaker = std::function<std::unique_ptr<resources::Calls>(Context caller)>;

}  // namespace matinee::services

// What calls of CloudFormation may do that others may not: set tags that begin with "aws:".
#pragma once

#include "services/context.h"

namespace matinee::services {

/// What calls of CloudFormation and Cloud Control have for an address, as CloudTrail tells them of
/// AWS. Nobody outside can have it.
inline constexpr const char* cloudformation_address = "cloudformation.amazonaws.com";

inline bool comes_from_cloudformation(const Context& context) {
  return context.source_ip == cloudformation_address;
}

}  // namespace matinee::services

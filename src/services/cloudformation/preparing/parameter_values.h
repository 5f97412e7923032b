// Which values the parameters of a template take: what the request gives, what the stack had, or
// the default; and what SSM has of those that are names of its parameters.
#pragma once

#include <vector>

#include "services/cloudformation/preparing/prepared.h"

namespace matinee::cloudformation {

/// Whether a value will be known only when other resources are there: a nested stack's, in a change
/// set. It is not held to anything.
bool is_known_later(const std::string& value);

/// In the order of `declared`; checked against the constraints, those of SSM's types not looked up.
/// Throws protocol::ServiceError with AWS's words.
std::vector<ParameterValue> choose_values(const std::vector<templates::Parameter>& declared,
                                          const std::vector<GivenParameter>& given,
                                          const PreviousTemplate* previous);

/// Looks up those of SSM's types, and that others name parameters that are there. Throws
/// protocol::ServiceError.
runtime::Task<> look_up(resources::Calls& calls, std::vector<ParameterValue>& parameters);

/// Why values of AWS's own types (AWS::EC2::VPC::Id ...) cannot be there: they do not have the form
/// of what they name. Whether what has it exists nobody knows here. Empty where nothing is wrong.
std::string find_unknown_value(const std::vector<ParameterValue>& parameters);

/// What Ref gives.
Value reference_value(const ParameterValue& parameter);

}  // namespace matinee::cloudformation

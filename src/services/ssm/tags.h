// The rules for tags of parameters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/context.h"
#include "ssm/shapes.h"

namespace matinee::ssm {

/// Adds tags to those that a parameter has. Throws TooManyTagsError above 50 together, and
/// ValidationException for keys that AWS keeps for itself.
void add_tags(const std::vector<Tag>& tags, std::map<std::string, std::string>& parameter_tags,
              const services::Context& context);

}  // namespace matinee::ssm

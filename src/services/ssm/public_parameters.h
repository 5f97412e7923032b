// The parameters that AWS publishes below /aws/service: those of models/public_parameters.json,
// where their source is stated. Made when they are asked for, and not kept.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "ssm/shapes.h"

namespace matinee::ssm {

/// All that there are in a region, by name.
std::map<std::string, Parameter> list_public(const std::string& region);

std::optional<Parameter> find_public(const std::string& region, const std::string& name);

}  // namespace matinee::ssm

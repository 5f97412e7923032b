// What the transform knows of policies: templates of policies, and what connectors allow. The data
// are those of AWS's translator; tools/trim_sam_policies.py makes them.
#pragma once

#include <optional>
#include <string_view>

#include "templates/tree.h"

namespace matinee::templates::sam {

/// {Parameters: [names], Statement: [..]}, with {"Ref": NAME} for each parameter.
std::optional<Value> find_policy_template(std::string_view name);

/// What a connector between resources of these types allows, as the translator describes it; texts
/// have %{Source.Arn} and the like for its two ends.
std::optional<Value> find_connector_profile(std::string_view source, std::string_view destination);

/// How a type of resource is connected: {Inputs: {Role: PROPERTY}, Outputs: {Arn: VALUE, ..}}.
std::optional<Value> find_connectable(std::string_view type);

}  // namespace matinee::templates::sam

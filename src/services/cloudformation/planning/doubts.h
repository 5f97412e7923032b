// What a resource may be that a failed update has left half changed: each property has one of
// several values, and nobody knows which.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/planning/evaluating.h"

namespace matinee::cloudformation {

/// Notes what the resource was set to before it is changed again; once for each content.
void note_doubt(std::vector<ResourceState>& doubts, const ResourceState& state);

/// Of the doubts those about the physical resource of that id, in their order.
std::vector<ResourceState> doubts_of(const ResourceRecord& record, std::string_view id);

/// All that the physical resource of that id may be: what was set last comes last.
std::vector<ResourceState> perhaps_of(const ResourceRecord& record, std::string_view id);

/// One value that stands for all of `perhaps` when it is changed into `wanted`: it differs from
/// `wanted` wherever one of them does. Of lists it has what `wanted` has not and one of them has,
/// and what is surely there. `perhaps` has at least one value.
Value mixed(const std::vector<Value>& perhaps, const Value& wanted);

/// As `comparable` of one state. `perhaps` has at least one.
Comparable comparable(const std::vector<ResourceState>& perhaps, const Value& wanted,
                      const std::map<std::string, std::string>& latest);

}  // namespace matinee::cloudformation

// Why a resource changes: the Details of a change, one for each cause and property.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/cloudformation/catalog/change_set_records.h"
#include "services/cloudformation/planning/evaluating.h"

namespace matinee::cloudformation {

/// What becomes of a resource.
enum class Fate : std::uint8_t { kept, modified, perhaps_replaced, replaced, added };

/// What is known of the plan so far.
struct PlanState {
  std::map<std::string, Fate, std::less<>> fates;
  std::set<std::string, std::less<>> changed_parameters;

  Fate fate_of(std::string_view id) const {
    const auto found = fates.find(id);
    return found == fates.end() ? Fate::kept : found->second;
  }
};

/// A resource before and after.
struct Comparison {
  const resources::ResourceType* type = nullptr;
  const Value& before;
  const Value& after;
  const std::map<std::string, std::vector<templates::Cause>, std::less<>>& causes;
  // The same with secret parameters hidden.
  const Value& shown_before;
  const Value& shown_after;
};

/// Of properties that change, or may change because of what they refer to.
std::vector<DetailRecord> property_details(const Comparison& resource, const PlanState& state);

/// "True", "Conditional" or "False".
std::string replacement_of(const std::vector<DetailRecord>& details);

}  // namespace matinee::cloudformation

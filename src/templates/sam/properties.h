// Which properties a Serverless resource or an event has, and what the translator takes for them.
// It knows their coarse kinds only: what passes is checked by the service that gets it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "templates/sam/transform.h"

namespace matinee::templates::sam {

/// Functions pass where nothing else is said.
enum class Takes : std::uint8_t {
  anything,
  // Refused by "Property 'X' should be a map."
  text,
  map,
  // Refused by "Type of property 'X' is invalid."
  strict_text,
  strict_map,
  strict_list,
  strict_number,
  strict_truth,
  text_or_map,
  truth_or_map,
  policies,
  // No functions.
  plain_map,
  plain_truth,
  text_or_list
};

struct PropertyRule {
  std::string_view name;
  Takes takes = Takes::anything;
  bool is_required = false;
};

/// What is checked: a resource or an event, by the id and the type that faults name.
struct Checked {
  std::string_view id;
  std::string_view type;
  const Value* properties;  // null: there are none
};

using Rules = std::span<const PropertyRule>;

/// By the names without "AWS::Serverless::". Empty for types that are not translated.
Rules rules_of_resource(std::string_view type);
Rules rules_of_event(std::string_view type);

/// All faults: of unknown properties, missing ones, and those of a wrong kind.
std::vector<SamFault> find_property_faults(const Checked& checked, Rules rules);
/// Throws the first of them.
void check_properties(const Checked& checked, Rules rules);

}  // namespace matinee::templates::sam

// What the readers of a template's sections have in common.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "templates/template.h"

namespace matinee::templates {

/// In the order in which CloudFormation would find them.
using Faults = std::vector<TemplateError>;

inline bool is_alphanumeric(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

inline TemplateError too_many(std::string_view what, const Value& section, std::size_t most) {
  return TemplateError(
      fmt::format("Template format error: Number of {}, {}, is greater than maximum allowed, {}",
                  what, section.members().size(), most),
      section.place());
}

std::vector<Parameter> read_parameters(const Value& root, Faults& faults);
std::vector<Resource> read_resources(const Value& root, Faults& faults);
std::vector<Output> read_outputs(const Value& root, Faults& faults);
void check_mappings(const Value& root, Faults& faults);

/// All of a resource in which functions may stand.
std::vector<const Value*> parts_of(const Resource& resource);

/// What is missing is told as CloudFormation does, all of a section in one sentence, or each by
/// itself, with its place.
enum class Telling : std::uint8_t { together, one_by_one };

struct Strictness {
  Telling telling;
  Extensions extensions;
};

/// The form of all functions, and whether all that is referred to is there.
void check_functions(const Template& checked, Strictness strictness, Faults& faults);

/// Resources that need each other whatever the conditions say.
void check_circles(const Template& checked, Faults& faults);

}  // namespace matinee::templates

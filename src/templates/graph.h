// Which resources of a template are made, and which of them need which.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "templates/intrinsics.h"
#include "templates/template.h"

namespace matinee::templates {

/// For each resource those that it refers to: they are made before it, and removed after it.
using Graph = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

struct Selection {
  /// Those whose condition holds, in the order of the template.
  std::vector<std::string> resources;
  std::vector<std::string> outputs;
  /// Has a key for each of `resources`, and no others.
  Graph needs;
};

/// Needs `environment.conditions`. Only the branch of a Fn::If counts that is taken, and of
/// DependsOn what is made. Throws TemplateError: "Template format error: Unresolved resource
/// dependencies [Queue] in the Resources block of the template" where something that is made
/// refers to what is not, and "Circular dependency between resources: [A, B]".
Selection select(const Template& checked, const Environment& environment);

/// All results of a template together are limited to this.
inline constexpr std::size_t max_total_bytes = 8'000'000;

/// Carries out all functions of what is made. Throws TemplateError for what is wrong already before
/// anything is known of resources ("Template error: Unable to get mapping for A::B::C"), and where
/// the template becomes larger than `max_total_bytes`.
void check_values(const Template& checked, const Selection& selection,
                  const Environment& environment);

/// All that refers to something, whatever conditions say.
Graph all_dependencies(const Template& checked);

/// Those that lie on circles, in the order of their names; empty where there is none.
std::vector<std::string> find_circle(const Graph& graph);

}  // namespace matinee::templates

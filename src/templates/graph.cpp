#include "templates/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "templates/references.h"
#include "templates/template_sections.h"

namespace matinee::templates {

namespace {

using Conditions = std::map<std::string, bool, std::less<>>;

bool is_made(const std::string& condition, const Conditions& conditions) {
  if (condition.empty()) return true;
  const auto found = conditions.find(condition);
  if (found == conditions.end())
    throw TemplateError(
        fmt::format("Template error: unresolved condition dependency {} in Condition", condition));
  return found->second;
}

/// Calls `found` for references to resources only, in the order in which they are met.
ReferenceSearch search_resources(const Template& checked,
                                 std::function<void(const Reference&)> found) {
  return {.found = [&checked, found = std::move(found)](const Reference& reference) {
    const bool may_be =
        reference.kind == Reference::Kind::name || reference.kind == Reference::Kind::attribute;
    if (may_be && checked.find_resource(reference.name)) found(reference);
  }};
}

TemplateError circular(const Template& checked, const std::vector<std::string>& circle) {
  return TemplateError(
      fmt::format("Circular dependency between resources: [{}]", fmt::join(circle, ", ")),
      checked.find_resource(circle.front())->place);
}

class Selector {
 public:
  Selector(const Template& checked, const Conditions& conditions)
      : checked_(checked), conditions_(conditions) {}

  Selection select() {
    for (const Resource& resource : checked_.resources)
      if (is_made(resource.condition, conditions_)) {
        selection_.resources.push_back(resource.id);
        selection_.needs[resource.id];
      }
    for (const std::string& id : selection_.resources) connect(*checked_.find_resource(id));
    refuse_missing("Template format error: ", "Resources");
    for (const Output& output : checked_.outputs) {
      if (!is_made(output.condition, conditions_)) continue;
      selection_.outputs.push_back(output.name);
      for (const Value* part : {&output.value, &output.export_name})
        look_into(*part, [](const std::string&) {});
    }
    refuse_missing("", "Outputs");
    refuse_circles();
    return std::move(selection_);
  }

 private:
  const Template& checked_;
  const Conditions& conditions_;
  Selection selection_;
  std::vector<std::string> missing_;
  Place missing_place_;

  void look_into(const Value& part, const std::function<void(const std::string&)>& needed) {
    ReferenceSearch search = search_resources(checked_, [&](const Reference& reference) {
      if (selection_.needs.contains(reference.name)) return needed(reference.name);
      if (missing_.empty()) missing_place_ = reference.place;
      if (std::ranges::find(missing_, reference.name) == missing_.end())
        missing_.push_back(reference.name);
    });
    search.conditions = &conditions_;
    find_references(part, search);
  }

  void connect(const Resource& resource) {
    auto& needs = selection_.needs[resource.id];
    for (const Value* part : parts_of(resource))
      look_into(*part, [&](const std::string& id) { needs.insert(id); });
    for (const std::string& id : resource.depends_on)
      if (selection_.needs.contains(id)) needs.insert(id);
  }

  void refuse_missing(std::string_view prefix, std::string_view section) {
    if (missing_.empty()) return;
    throw TemplateError(
        fmt::format("{}Unresolved resource dependencies [{}] in the {} block of the template",
                    prefix, fmt::join(missing_, ", "), section),
        missing_place_);
  }

  void refuse_circles() {
    const std::vector<std::string> circle = find_circle(selection_.needs);
    if (!circle.empty()) throw circular(checked_, circle);
  }
};

Graph reversed(const Graph& graph) {
  Graph result;
  for (const auto& [from, needs] : graph) {
    result[from];
    for (const std::string& to : needs) result[to].insert(from);
  }
  return result;
}

/// Without what needs nothing, and then what needs nothing else, and so on.
Graph without_ends(const Graph& graph) {
  const Graph needed_by = reversed(graph);
  std::map<std::string_view, std::size_t> open;
  std::vector<std::string_view> done;
  for (const auto& [id, needs] : graph) {
    open[id] = needs.size();
    if (needs.empty()) done.emplace_back(id);
  }
  for (std::size_t i = 0; i < done.size(); ++i)
    for (const std::string& dependant : needed_by.find(done[i])->second)
      if (--open[dependant] == 0) done.emplace_back(dependant);
  Graph rest;
  for (const auto& [id, needs] : graph) {
    if (open[id] == 0) continue;
    for (const std::string& other : needs)
      if (open[other] != 0) rest[id].insert(other);
  }
  return rest;
}

}  // namespace

Selection select(const Template& checked, const Environment& environment) {
  return Selector(checked, environment.conditions).select();
}

void check_values(const Template& checked, const Selection& selection,
                  const Environment& environment) {
  std::size_t total = 0;
  const auto check = [&](const Value& part) {
    total += to_json(evaluate(part, environment).value).size();
    if (total > max_total_bytes)
      throw TemplateError(fmt::format("Template error: what functions give is larger than {} bytes",
                                      max_total_bytes),
                          part.place());
  };
  for (const std::string& id : selection.resources)
    for (const Value* part : parts_of(*checked.find_resource(id))) check(*part);
  for (const std::string& name : selection.outputs) {
    const Output& output = *checked.find_output(name);
    check(output.value);
    check(output.export_name);
  }
}

Graph all_dependencies(const Template& checked) {
  Graph graph;
  for (const Resource& resource : checked.resources) {
    auto& needs = graph[resource.id];
    const ReferenceSearch search = search_resources(
        checked, [&](const Reference& reference) { needs.insert(reference.name); });
    for (const Value* part : parts_of(resource)) find_references(*part, search);
    for (const std::string& id : resource.depends_on)
      if (checked.find_resource(id)) needs.insert(id);
  }
  return graph;
}

void check_circles(const Template& checked, Faults& faults) {
  Graph graph;
  for (const Resource& resource : checked.resources) {
    auto& needs = graph[resource.id];
    ReferenceSearch search = search_resources(
        checked, [&](const Reference& reference) { needs.insert(reference.name); });
    search.only_certain = true;
    for (const Value* part : parts_of(resource)) find_references(*part, search);
    for (const std::string& id : resource.depends_on) {
      const Resource* other = checked.find_resource(id);
      // It does not count where the other is not made.
      if (other && (other->condition.empty() || other->condition == resource.condition))
        needs.insert(id);
    }
  }
  const std::vector<std::string> circle = find_circle(graph);
  if (!circle.empty()) faults.push_back(circular(checked, circle));
}

std::vector<std::string> find_circle(const Graph& graph) {
  std::vector<std::string> ids;
  // What only leads to a circle is taken away from one end, what a circle leads to from the other.
  for (const auto& [id, needs] : without_ends(reversed(without_ends(graph)))) ids.push_back(id);
  return ids;
}

}  // namespace matinee::templates

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "templates/references.h"
#include "templates/template_sections.h"

namespace matinee::templates {

namespace {

/// Names that are referred to in a section, and are not there; each at all places.
struct Missing {
  std::vector<std::pair<std::string, Place>> names = {};
  std::set<std::tuple<std::string, std::size_t, std::size_t>> seen = {};

  void add(const std::string& name, Place place) {
    if (seen.emplace(name, place.line, place.column).second) names.emplace_back(name, place);
  }
};

class FunctionChecker {
 public:
  FunctionChecker(const Template& checked, Strictness strictness, Faults& faults)
      : checked_(checked), strictness_(strictness), faults_(faults) {
    for (const Member& condition : checked.conditions.members()) conditions_.insert(condition.name);
    for (const Member& mapping : checked.mappings.members()) mappings_.insert(mapping.name);
  }

  void check() {
    check_conditions();
    check_rules();
    check_resources();
    check_outputs();
  }

 private:
  const Template& checked_;
  const Strictness strictness_;
  Faults& faults_;
  std::set<std::string_view> conditions_;
  std::set<std::string_view> mappings_;

  void fault(std::string message, Place place) { faults_.emplace_back(std::move(message), place); }

  void tell(const Missing& missing, fmt::format_string<std::string> message) {
    if (missing.names.empty()) return;
    if (strictness_.telling == Telling::one_by_one) {
      for (const auto& [name, place] : missing.names)
        fault(fmt::format(message, std::string(name)), place);
      return;
    }
    std::vector<std::string> names;
    for (const auto& [name, place] : missing.names)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    fault(fmt::format(message, fmt::format("{}", fmt::join(names, ", "))),
          missing.names.front().second);
  }

  ReferenceSearch search(Section section, Missing& missing) {
    return {.found = [this, section, &missing](
                         const Reference& reference) { look_up(reference, section, missing); },
            .section = section,
            .is_right =
                [this, section](const Call& call) {
                  try {
                    if (strictness_.extensions == Extensions::refused) refuse_extensions(call);
                    check_form(call, section);
                    return true;
                  } catch (const TemplateError& error) {
                    faults_.push_back(error);
                    return false;
                  }
                }};
  }

  void look_up(const Reference& reference, Section section, Missing& missing) {
    const std::string& name = reference.name;
    const bool is_resource = section == Section::resources && checked_.find_resource(name);
    switch (reference.kind) {
      case Reference::Kind::name:
        if (!is_resource && !checked_.find_parameter(name) && !is_pseudo_parameter(name))
          missing.add(name, reference.place);
        return;
      case Reference::Kind::attribute:
        if (!is_resource) missing.add(name, reference.place);
        return;
      case Reference::Kind::condition:
        if (!conditions_.contains(name))
          fault(fmt::format("Template error: unresolved condition dependency {} in {}", name,
                            reference.function),
                reference.place);
        return;
      case Reference::Kind::mapping:
        if (!mappings_.contains(name))
          fault(fmt::format("Template error: Mapping named '{}' is not present in the 'Mappings' "
                            "section of template.",
                            name),
                reference.place);
        return;
    }
  }

  void check_condition(const std::string& name, Place place) {
    if (!name.empty() && !conditions_.contains(name))
      fault(fmt::format("Template error: unresolved condition dependency {} in Condition", name),
            place);
  }

  void check_conditions() {
    Missing missing;
    const ReferenceSearch conditions = search(Section::conditions, missing);
    for (const Member& condition : checked_.conditions.members()) {
      if (condition.value.is_null()) continue;
      if (as_call(condition.value, Section::conditions))
        find_references(condition.value, conditions);
      else
        fault(
            "Template format error: Conditions can only be boolean operations on parameters and "
            "other conditions",
            condition.place);
    }
    tell(missing,
         "Template format error: Unresolved dependencies [{}]. Cannot reference resources "
         "in the Conditions block of the template");
  }

  void check_rules() {
    Missing missing;
    const ReferenceSearch rules = search(Section::rules, missing);
    for (const Member& rule : checked_.rules.members()) {
      const Value* assertions = rule.value.find("Assertions");
      if (!assertions || !assertions->is_list()) {
        fault(fmt::format("Template format error: Rule {} must contain a list of Assertions.",
                          rule.name),
              rule.place);
        continue;
      }
      if (const Value* condition = rule.value.find("RuleCondition"))
        find_references(*condition, rules);
      for (const Value& assertion : assertions->elements()) {
        if (const Value* assert = assertion.find("Assert"))
          find_references(*assert, rules);
        else
          fault(fmt::format("Template format error: Every assertion of rule {} must contain an "
                            "Assert.",
                            rule.name),
                assertion.place());
      }
    }
    tell(missing,
         "Template format error: Unresolved dependencies [{}]. Cannot reference resources "
         "in the Rules block of the template");
  }

  void check_resources() {
    Missing missing;
    const ReferenceSearch resources = search(Section::resources, missing);
    for (const Resource& resource : checked_.resources) {
      check_condition(resource.condition, resource.place);
      for (const Value* part : parts_of(resource)) find_references(*part, resources);
      for (const std::string& id : resource.depends_on)
        if (!checked_.find_resource(id)) missing.add(id, resource.place);
    }
    tell(missing,
         "Template format error: Unresolved resource dependencies [{}] in the Resources "
         "block of the template");
  }

  void check_outputs() {
    Missing missing;
    const ReferenceSearch outputs = search(Section::resources, missing);
    for (const Output& output : checked_.outputs) {
      check_condition(output.condition, output.place);
      find_references(output.value, outputs);
      find_references(output.export_name, outputs);
    }
    tell(missing, "Unresolved resource dependencies [{}] in the Outputs block of the template");
  }
};

}  // namespace

std::vector<const Value*> parts_of(const Resource& resource) {
  return {&resource.properties,      &resource.metadata,
          &resource.deletion_policy, &resource.update_replace_policy,
          &resource.creation_policy, &resource.update_policy};
}

void check_functions(const Template& checked, Strictness strictness, Faults& faults) {
  FunctionChecker(checked, strictness, faults).check();
}

}  // namespace matinee::templates

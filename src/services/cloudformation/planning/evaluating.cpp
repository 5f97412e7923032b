#include "services/cloudformation/planning/evaluating.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/preparing/dynamic_values.h"

namespace matinee::cloudformation {

namespace {

using templates::Cause;
using templates::Environment;
using templates::Evaluation;

bool is_function(std::string_view name) {
  return name == "Ref" || name.starts_with("Fn::");
}

std::string evaluate_policy(const Value& policy, const Environment& environment) {
  if (policy.is_null()) return "";
  const Evaluation evaluation = templates::evaluate(policy, environment);
  return evaluation.is_removed ? "" : evaluation.value.text();
}

std::string output_text(const Value& value) {
  return value.is_scalar() ? value.text() : templates::to_json(value);
}

/// Where `causes` ask for an attribute that a type has not: what to say of it.
std::string unknown_of(const std::vector<Cause>& causes, std::string_view place,
                       const templates::Template& checked, const FindType& find_type) {
  for (const Cause& cause : causes) {
    if (cause.kind != Cause::Kind::attribute) continue;
    const std::size_t dot = cause.name.find('.');
    const templates::Resource* target = checked.find_resource(cause.name.substr(0, dot));
    const resources::ResourceType* type = target ? find_type(target->type) : nullptr;
    if (!type) continue;
    const std::string attribute = cause.name.substr(dot + 1);
    const auto& settable = type->schema().properties();
    if (type->schema().has_attribute(attribute) ||
        std::ranges::find(settable, attribute.substr(0, attribute.find('.'))) != settable.end())
      continue;
    return fmt::format("[Error] {}: Resource type {} does not support attribute {{{}}}", place,
                       target->type, attribute);
  }
  return "";
}

}  // namespace

EvaluatedResource evaluate_resource(const templates::Resource& resource,
                                    const Environment& environment) {
  EvaluatedResource result;
  const auto& members = resource.properties.members();
  if (std::ranges::any_of(members, [](const auto& member) { return is_function(member.name); })) {
    Evaluation all = templates::evaluate(resource.properties, environment);
    result.is_known = all.is_known;
    if (!all.is_removed) result.properties = std::move(all.value);
    for (const templates::Member& member : result.properties.members())
      result.causes[member.name] = all.causes;
  } else {
    for (const templates::Member& member : members) {
      Evaluation one = templates::evaluate(member.value, environment);
      if (one.is_removed) continue;
      result.is_known = result.is_known && one.is_known;
      result.properties.members().push_back({member.name, std::move(one.value), member.place});
      result.causes[member.name] = std::move(one.causes);
    }
  }
  if (!resource.metadata.is_null())
    result.metadata = templates::evaluate(resource.metadata, environment).value;
  result.deletion_policy = evaluate_policy(resource.deletion_policy, environment);
  result.replace_policy = evaluate_policy(resource.update_replace_policy, environment);
  return result;
}

Value shown_properties(const templates::Resource& resource, const Value& properties,
                       const Environment& hiding) {
  try {
    return evaluate_resource(resource, hiding).properties;
  } catch (const templates::TemplateError&) {
    Value hidden = Value::map();
    for (const templates::Member& member : properties.members())
      hidden.set(member.name, Value(hidden_value));
    return hidden;
  }
}

Value hide_same(const Value& value, const Value& open, const Value& shown) {
  if (same_value(open, shown)) return value;
  if (value.is_map() && open.is_map() && shown.is_map()) {
    Value result = value;
    for (templates::Member& member : result.members()) {
      const Value* in_open = open.find(member.name);
      const Value* in_shown = shown.find(member.name);
      if (in_open && in_shown) member.value = hide_same(member.value, *in_open, *in_shown);
    }
    return result;
  }
  return {hidden_value};
}

std::optional<Value> attribute_of(const Value& attributes, const Value& properties,
                                  std::string_view path) {
  if (const Value* found = attributes.find(path)) return *found;
  for (const Value* root : {&attributes, &properties}) {
    const Value* place = root;
    std::string_view rest = path;
    while (place && !rest.empty()) {
      const std::size_t dot = rest.find('.');
      place = place->find(rest.substr(0, dot));
      rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    }
    if (place && !place->is_null()) return *place;
  }
  return std::nullopt;
}

Comparable comparable(const ResourceState& old, const Value& wanted,
                      const std::map<std::string, std::string>& latest) {
  std::map<std::string, std::string> then;
  std::map<std::string, std::string> now;
  for (const auto& [text, value] : old.references) {
    const auto found = latest.find(text);
    if (found == latest.end() || found->second == value) continue;
    then.emplace(text, value);
    now.emplace(text, found->second);
  }
  return {.before = with_latest_values(parsed(old.properties), then),
          .after = with_latest_values(wanted, now)};
}

bool same_value(const Value& a, const Value& b) {
  if (a.is_scalar() && b.is_scalar()) return a.text() == b.text();
  if (a.kind() != b.kind()) return false;
  if (a.is_list()) return std::ranges::equal(a.elements(), b.elements(), same_value);
  if (!a.is_map()) return true;
  if (a.members().size() != b.members().size()) return false;
  return std::ranges::all_of(a.members(), [&](const templates::Member& member) {
    const Value* other = b.find(member.name);
    return other && same_value(member.value, *other);
  });
}

std::vector<ExportedOutput> evaluate_outputs(const templates::Template& checked,
                                             const std::vector<std::string>& selected,
                                             const Environment& environment) {
  std::vector<ExportedOutput> outputs;
  for (const std::string& name : selected) {
    const templates::Output* output = checked.find_output(name);
    if (!output) continue;
    const Evaluation value = templates::evaluate(output->value, environment);
    if (value.is_removed) continue;
    ExportedOutput made{.record = {.key = name,
                                   .value = output_text(value.value),
                                   .description = output->description,
                                   .export_name = std::nullopt},
                        .is_known = value.is_known};
    if (!output->export_name.is_null()) {
      const Evaluation exported = templates::evaluate(output->export_name, environment);
      if (!exported.is_removed) made.record.export_name = output_text(exported.value);
      made.is_known = made.is_known && exported.is_known;
    }
    outputs.push_back(std::move(made));
  }
  return outputs;
}

std::string find_unknown_attribute(const Prepared& definition, const FindType& find_type) {
  const templates::Template& checked = *definition.checked;
  for (const std::string& id : definition.selection.resources) {
    for (const templates::Member& member : checked.find_resource(id)->properties.members()) {
      std::string found =
          unknown_of(templates::evaluate(member.value, definition.environment).causes,
                     fmt::format("/Resources/{}/Properties/{}/Fn::GetAtt", id, member.name),
                     checked, find_type);
      if (!found.empty()) return found;
    }
  }
  for (const std::string& name : definition.selection.outputs) {
    std::string found = unknown_of(
        templates::evaluate(checked.find_output(name)->value, definition.environment).causes,
        fmt::format("/Outputs/{}/Value/Fn::GetAtt", name), checked, find_type);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace matinee::cloudformation

#include "services/cloudformation/planning/import_candidates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

namespace matinee::cloudformation {

namespace {

/// Whether a value is what it will be: neither known later, nor read from somewhere when the
/// resource is made.
bool is_static(const Value& value) {
  if (!value.is_scalar() || value.is_null()) return false;
  const std::string text = value.text();
  return !text.empty() && text != templates::known_after_apply &&
         text.find("{{resolve:") == std::string::npos;
}

/// {"RoleName": "x"}; nothing where a part of the identifier is not said, or can only be read.
std::optional<Value> identifying_of(const resources::Schema& schema, const Value& properties) {
  constexpr std::string_view prefix = "/properties/";
  Value identifying = Value::map();
  for (const std::string& path : schema.primary_identifier()) {
    if (!path.starts_with(prefix)) return std::nullopt;
    const std::string_view name = std::string_view(path).substr(prefix.size());
    const Value* value = properties.find(name);
    if (!value || !is_static(*value)) return std::nullopt;
    for (const std::string& read : schema.read_only())
      if (read == path) return std::nullopt;
    identifying.set(std::string(name), Value(value->text()));
  }
  if (identifying.members().empty()) return std::nullopt;
  return identifying;
}

}  // namespace

std::vector<ImportCandidate> find_import_candidates(
    const Prepared& prepared, const std::function<bool(std::string_view logical_id)>& has,
    const FindType& find_type) {
  std::vector<ImportCandidate> candidates;
  templates::Environment hiding = prepared.environment;
  for (const ParameterValue& parameter : prepared.parameters)
    if (parameter.no_echo) hiding.parameters.insert_or_assign(parameter.name, Value(hidden_value));
  for (const std::string& id : prepared.selection.resources) {
    const templates::Resource& resource = *prepared.checked->find_resource(id);
    const resources::ResourceType* type = find_type(resource.type);
    if (!type || has(id)) continue;
    EvaluatedResource evaluated;
    try {
      evaluated = evaluate_resource(resource, prepared.environment);
    } catch (const templates::TemplateError&) {
      // The plan tells of it.
      continue;
    }
    std::optional<Value> identifying = identifying_of(type->schema(), evaluated.properties);
    if (!identifying) continue;
    std::string physical = type->id_of(*identifying);
    if (physical.empty()) continue;
    Value shown = Value::map();
    const Value told = shown_properties(resource, evaluated.properties, hiding);
    for (const templates::Member& part : identifying->members())
      shown.set(part.name, told.find(part.name) ? *told.find(part.name) : Value(hidden_value));
    candidates.push_back({.logical_id = id,
                          .type = type,
                          .identifying = *std::move(identifying),
                          .id = std::move(physical),
                          .deletion_policy = std::move(evaluated.deletion_policy),
                          .shown = std::move(shown)});
  }
  return candidates;
}

std::string told_candidate(const ImportCandidate& candidate) {
  std::vector<std::string> parts;
  for (const templates::Member& part : candidate.shown.members())
    parts.push_back(fmt::format("{}={}", part.name, part.value.text()));
  return fmt::format("{} ({{{}}})", candidate.logical_id, fmt::join(parts, ", "));
}

bool keeps_what_is_imported(std::string_view deletion_policy) {
  return deletion_policy == "Retain" || deletion_policy == "RetainExceptOnCreate";
}

}  // namespace matinee::cloudformation

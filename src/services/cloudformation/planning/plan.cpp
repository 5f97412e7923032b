#include "services/cloudformation/planning/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/planning/details.h"
#include "services/cloudformation/planning/doubts.h"
#include "services/cloudformation/planning/hidden.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

namespace {

using templates::Environment;

/// {"Properties": {...}, "Metadata": {...}}
std::string context_of(const Value& properties, const Value& metadata) {
  Value context = Value::map();
  if (!metadata.is_null() && !(metadata.is_map() && metadata.members().empty()))
    context.set("Metadata", metadata);
  context.set("Properties", properties);
  return templates::to_json(context);
}

std::string policy_action(std::string_view prefix, std::string_view policy) {
  std::string action(prefix);
  if (policy == "Retain" || policy == "RetainExceptOnCreate") return action + "Retain";
  if (policy == "Snapshot") return action + "Snapshot";
  return action + "Delete";
}

/// The order in which CloudFormation tells changes: by name, a longer one before its beginning.
bool is_told_before(const ChangeRecord& a, const ChangeRecord& b) {
  constexpr char end_mark = '\x7f';
  return a.logical_id + end_mark < b.logical_id + end_mark;
}

class Planner {
 public:
  Planner(const ExistingStack& existing, const WantedStack& wanted, const FindType& find_type)
      : existing_(existing), wanted_(wanted), find_type_(find_type) {}

  Plan make() {
    find_changed_parameters();
    make_environments();
    for (const std::string& id : in_order()) visit(id);
    add_removals();
    std::ranges::sort(plan_.changes, is_told_before);
    plan_.changes_more = plan_.changes_more || changes_outputs() ||
                         existing_.tags != wanted_.tags ||
                         existing_.notification_arns != wanted_.notification_arns;
    return std::move(plan_);
  }

 private:
  /// A resource that is there, or will be, as far as it is known.
  struct Known {
    std::optional<std::string> id;
    Value attributes = Value::map();
    Value properties = Value::map();
    Value shown = Value::map();  // properties
    bool hides_attributes = false;
  };

  const ExistingStack& existing_;
  const WantedStack& wanted_;
  const FindType& find_type_;
  Environment environment_;
  Environment shown_;  // with secret parameters hidden
  bool has_secrets_ = false;
  PlanState state_;
  std::map<std::string, Known, std::less<>> known_;
  Plan plan_;

  void find_changed_parameters() {
    if (!existing_.definition) return;
    std::map<std::string_view, const ParameterValue*> before;
    for (const ParameterValue& parameter : existing_.definition->parameters)
      before[parameter.name] = &parameter;
    plan_.changes_more = before.size() != wanted_.definition->parameters.size();
    for (const ParameterValue& parameter : wanted_.definition->parameters) {
      const auto old = before.find(parameter.name);
      if (old == before.end() || old->second->text() != parameter.text()) plan_.changes_more = true;
      if (old != before.end() && old->second->given != parameter.given)
        state_.changed_parameters.insert(parameter.name);
    }
  }

  void make_environments() {
    environment_ = wanted_.definition->environment;
    environment_.find_reference = [this](std::string_view id) -> std::optional<Value> {
      const auto found = known_.find(id);
      if (found == known_.end() || !found->second.id) return std::nullopt;
      return Value(*found->second.id);
    };
    environment_.find_attribute = [this](std::string_view id,
                                         std::string_view attribute) -> std::optional<Value> {
      const auto found = known_.find(id);
      if (found == known_.end() || !found->second.id) return std::nullopt;
      return attribute_of(found->second.attributes, found->second.properties, attribute);
    };
    environment_.find_import = [this](std::string_view name) -> std::optional<Value> {
      return wanted_.find_import ? wanted_.find_import(name) : std::nullopt;
    };
    shown_ = environment_;
    shown_.find_attribute = [this](std::string_view id,
                                   std::string_view attribute) -> std::optional<Value> {
      const auto found = known_.find(id);
      if (found == known_.end() || !found->second.id) return std::nullopt;
      const auto& [physical, attributes, properties, shown, hides] = found->second;
      if (hides) return Value(hidden_value);
      return shown_attribute(attributes, properties, shown, attribute);
    };
    for (const auto& [id, state] : existing_.resources)
      has_secrets_ = has_secrets_ || !state.shown.empty() || state.hides_attributes;
    for (const ParameterValue& parameter : wanted_.definition->parameters) {
      if (!parameter.no_echo) continue;
      has_secrets_ = true;
      shown_.parameters.insert_or_assign(parameter.name, Value(hidden_value));
    }
  }

  /// Those that others refer to come first.
  std::vector<std::string> in_order() const {
    std::vector<std::string> order;
    std::set<std::string, std::less<>> seen;
    for (const std::string& id : wanted_.definition->selection.resources) place(id, seen, order);
    return order;
  }

  void place(const std::string& id, std::set<std::string, std::less<>>& seen,
             std::vector<std::string>& order) const {
    if (!seen.insert(id).second) return;
    const auto needs = wanted_.definition->selection.needs.find(id);
    if (needs != wanted_.definition->selection.needs.end())
      for (const std::string& need : needs->second) place(need, seen, order);
    order.push_back(id);
  }

  void visit(const std::string& id) {
    const templates::Resource& resource = *wanted_.definition->checked->find_resource(id);
    EvaluatedResource evaluated;
    try {
      evaluated = evaluate_resource(resource, environment_);
    } catch (const templates::TemplateError& error) {
      if (!error.message.starts_with("No export named")) throw;
      add_warning(id, error.message);
      Environment without = environment_;
      without.find_import = nullptr;
      evaluated = evaluate_resource(resource, without);
    }
    if (resource.type == nested_stack_type) plan_.nested[id] = evaluated.properties;
    const auto old = existing_.resources.find(id);
    if (old == existing_.resources.end())
      add(resource, evaluated);
    else
      compare(resource, evaluated, old->second);
  }

  /// Properties and metadata as they may be shown.
  std::pair<Value, Value> shown(const templates::Resource& resource,
                                const EvaluatedResource& evaluated) const {
    if (!has_secrets_) return {evaluated.properties, evaluated.metadata};
    return {shown_properties(resource, evaluated.properties, shown_), evaluated.metadata};
  }

  void add(const templates::Resource& resource, const EvaluatedResource& evaluated) {
    state_.fates[resource.id] = Fate::added;
    const auto [properties, metadata] = shown(resource, evaluated);
    const bool is_import = wanted_.imports.contains(resource.id);
    plan_.changes.push_back({.action = is_import ? "Import" : "Add",
                             .logical_id = resource.id,
                             .physical_id = {},
                             .type = resource.type,
                             .after_context = context_of(properties, metadata)});
  }

  void compare(const templates::Resource& resource, const EvaluatedResource& evaluated,
               const ResourceState& old) {
    if (old.type != resource.type)
      throw templates::TemplateError(
          fmt::format(
              "Update of resource type is not permitted. The new template modifies resource "
              "type of the following resources: [{}]",
              resource.id),
          resource.place);
    std::vector<ResourceState> perhaps;
    if (const auto found = existing_.doubts.find(resource.id); found != existing_.doubts.end())
      perhaps = found->second;
    perhaps.push_back(old);
    const auto [before, after] = comparable(perhaps, evaluated.properties, wanted_.latest);
    auto [after_shown, metadata_shown] = shown(resource, evaluated);
    after_shown = comparable(old, after_shown, wanted_.latest).after;
    // As it was shown when it was set; what has become a secret since then is hidden too.
    const Value before_shown = shown_before(perhaps, after, after_shown);
    const resources::ResourceType* type = find_type_(resource.type);
    ChangeRecord change{.action = "Modify",
                        .logical_id = resource.id,
                        .physical_id = old.id,
                        .type = resource.type};
    change.details = property_details({.type = type,
                                       .before = before,
                                       .after = after,
                                       .causes = evaluated.causes,
                                       .shown_before = before_shown,
                                       .shown_after = after_shown},
                                      state_);
    change.replacement = replacement_of(change.details);
    add_attributes(evaluated, old, type, change);
    if (resource.type == nested_stack_type && change.details.empty() && wanted_.imports.empty())
      change.details.push_back({.attribute = "Properties",
                                .name = "",
                                .recreation = "Never",
                                .is_dynamic = true,
                                .source = "Automatic"});
    Known& known = known_[resource.id];
    known = {.id = old.id,
             .attributes = parsed(old.attributes),
             .properties = evaluated.properties,
             .shown = after_shown,
             .hides_attributes = old.hides_attributes};
    if (change.details.empty()) return;
    change.only_without_values = std::ranges::all_of(
        change.details, [](const DetailRecord& detail) { return detail.only_without_values; });
    Fate& fate = state_.fates[resource.id];
    fate = change.only_without_values ? Fate::kept : Fate::modified;
    if (change.replacement == "True") {
      fate = Fate::replaced;
      known.id.reset();
      change.policy_action = policy_action("ReplaceAnd", evaluated.replace_policy);
    } else if (change.replacement == "Conditional" && !change.only_without_values) {
      fate = Fate::perhaps_replaced;
    }
    change.before_context = context_of(before_shown, parsed_metadata(old.metadata));
    change.after_context = context_of(after_shown, metadata_shown);
    plan_.changes.push_back(std::move(change));
  }

  static Value parsed_metadata(const std::string& json) {
    return json.empty() ? Value() : templates::read_value(json);
  }

  static Value shown_before(const ResourceState& state) {
    return parsed(state.shown.empty() ? state.properties : state.shown);
  }

  Value shown_before(const std::vector<ResourceState>& perhaps, const Value& after,
                     const Value& after_shown) const {
    std::vector<Value> all;
    for (const ResourceState& state : perhaps) {
      const Value before = comparable(state, after, wanted_.latest).before;
      Value told = state.shown.empty() ? before : shown_before(state);
      if (has_secrets_) hide(told, before, after, after_shown);
      all.push_back(std::move(told));
    }
    return mixed(all, after_shown);
  }

  /// Of properties whose new value is not shown as it is, neither is the old one.
  static void hide(Value& shown, const Value& before, const Value& after,
                   const Value& after_shown) {
    for (templates::Member& member : shown.members()) {
      const Value* set = before.find(member.name);
      const Value* open = after.find(member.name);
      const Value* told = after_shown.find(member.name);
      const bool was_open = set && same_value(*set, member.value);
      if (was_open && open && told && !same_value(*open, *told)) member.value = Value(hidden_value);
    }
  }

  /// What changes beside the properties.
  void add_attributes(const EvaluatedResource& evaluated, const ResourceState& old,
                      const resources::ResourceType* type, ChangeRecord& change) const {
    const auto add = [&](const char* attribute) {
      change.details.push_back({.attribute = attribute,
                                .recreation = "Never",
                                .source = "DirectModification",
                                .path = std::string("/") + attribute});
    };
    if (!same_value(parsed_metadata(old.metadata), evaluated.metadata)) add("Metadata");
    if (old.deletion_policy != evaluated.deletion_policy) add("DeletionPolicy");
    if (old.replace_policy != evaluated.replace_policy) add("UpdateReplacePolicy");
    const bool has_tags = type && !type->schema().tag_property().empty();
    const bool tells_tags = std::ranges::any_of(
        change.details, [](const DetailRecord& detail) { return detail.attribute == "Tags"; });
    if (has_tags && !tells_tags && existing_.tags != wanted_.tags) add("Tags");
  }

  void add_removals() {
    for (const auto& [id, old] : existing_.resources) {
      if (std::ranges::find(wanted_.definition->selection.resources, id) !=
          wanted_.definition->selection.resources.end())
        continue;
      plan_.changes.push_back(
          {.action = "Remove",
           .logical_id = id,
           .physical_id = old.id,
           .type = old.type,
           .policy_action = policy_action("", old.deletion_policy),
           .before_context = context_of(shown_before(old), parsed_metadata(old.metadata))});
    }
  }

  void add_warning(const std::string& id, std::string_view reason) {
    if (!plan_.warning.empty()) return;
    std::string_view told = reason;
    constexpr std::string_view end = " found.";
    if (told.ends_with(end)) told.remove_suffix(end.size());
    plan_.warning = fmt::format(
        "[WARN] --include-property-values option can return incomplete ChangeSet data because: "
        "ChangeSet creation failed for resource [{}] because: {}",
        id, told);
  }

  bool changes_outputs() const {
    const Prepared& definition = *wanted_.definition;
    std::vector<ExportedOutput> outputs;
    try {
      outputs = evaluate_outputs(*definition.checked, definition.selection.outputs, environment_);
    } catch (const templates::TemplateError& error) {
      if (error.message.starts_with("No export named")) return true;
      throw;
    }
    if (outputs.size() != existing_.outputs.size()) return true;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (!outputs[i].is_known || outputs[i].record != existing_.outputs[i]) return true;
    return false;
  }
};

}  // namespace

Plan make_plan(const ExistingStack& existing, const WantedStack& wanted,
               const FindType& find_type) {
  return Planner(existing, wanted, find_type).make();
}

std::map<std::string, std::string> find_unknown_types(const Prepared& prepared,
                                                      const FindType& find_type) {
  std::map<std::string, std::string> unknown;
  for (const std::string& id : prepared.selection.resources) {
    const templates::Resource* resource = prepared.checked->find_resource(id);
    if (!find_type(resource->type)) unknown[id] = resource->type;
  }
  return unknown;
}

}  // namespace matinee::cloudformation

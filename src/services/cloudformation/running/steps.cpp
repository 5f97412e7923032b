// One resource is made, changed or taken in: what is written down before and after its handler.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/planning/doubts.h"
#include "services/cloudformation/planning/hidden.h"
#include "services/cloudformation/planning/owners.h"
#include "services/cloudformation/planning/stack_policy.h"
#include "services/cloudformation/preparing/dynamic_values.h"
#include "services/cloudformation/running/failures.h"
#include "services/cloudformation/running/run.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view replacement_reason =
    "Requested update requires the creation of a new physical resource; hence creating one.";

std::string custom_named(std::string_view name) {
  return fmt::format(
      "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
      "Rename {} and update the stack again.",
      name);
}

}  // namespace

std::string with_attributes(const std::string& before, const Value& told) {
  Value attributes = parsed(before);
  for (const templates::Member& attribute : told.members())
    attributes.set(attribute.name, attribute.value);
  return templates::to_json(attributes);
}

std::string Run::shown_properties(const Step& step) const {
  templates::Environment hiding = environment_;
  bool has_secrets = has_secrets_;
  for (const ParameterValue& parameter : definition_.parameters) {
    if (!parameter.no_echo) continue;
    has_secrets = true;
    hiding.parameters.insert_or_assign(parameter.name, Value(hidden_value));
  }
  if (!has_secrets) return "";
  hiding.find_attribute = [this](std::string_view id,
                                 std::string_view attribute) -> std::optional<Value> {
    const auto found = live_.find(id);
    if (found == live_.end()) return std::nullopt;
    const Live& live = found->second;
    if (live.hides_attributes) return Value(hidden_value);
    const Value& shown = live.shown.members().empty() ? live.properties : live.shown;
    return shown_attribute(live.attributes, live.properties, shown, attribute);
  };
  const Value shown =
      cloudformation::shown_properties(*step.resource, step.wanted.properties, hiding);
  return same_value(shown, step.wanted.properties) ? "" : templates::to_json(shown);
}

/// Writes down what is about to be done. A step that was begun before keeps its token.
void Run::begin(Step& step, std::string_view status, std::string_view reason) {
  const std::string& id = step.resource->id;
  write([&](StackRecord& stack) {
    ResourceRecord record = step.record.value_or(ResourceRecord{});
    const bool is_new = !step.record;
    if (is_new) {
      record.is_new = true;
      record.state.type = step.resource->type;
    } else {
      if (!record.before && !record.is_new) record.before = record.state;
      note_doubt(record.doubts, record.state);
    }
    record.is_unfinished = is_new || reason == replacement_reason;
    std::optional<ResourceState> earlier;
    if (record.is_new || (record.before && record.before->id != record.state.id)) {
      earlier = record.state;
      earlier->deletion_policy = record.state.replace_policy;
    }
    record.description = step.resource->description.value_or("");
    record.work = Work::begun;
    record.token = new_token();
    record.is_made = false;
    if (status == "IMPORT_IN_PROGRESS") record.is_imported = true;
    record.status = status;
    record.reason = reason;
    ResourceState& state = record.state;
    state.properties = templates::to_json(step.wanted.properties);
    state.shown = shown_properties(step);
    state.metadata = step.wanted.metadata.is_null() ? "" : templates::to_json(step.wanted.metadata);
    state.deletion_policy = step.wanted.deletion_policy;
    state.replace_policy = step.wanted.replace_policy;
    state.depends_on.clear();
    if (const auto needs = definition_.selection.needs.find(id);
        needs != definition_.selection.needs.end())
      state.depends_on.assign(needs->second.begin(), needs->second.end());
    state.tags = tags_;
    tell(stack, id, record);
    if (reason == replacement_reason) {
      // An earlier update, which failed and was not taken back, has made one already.
      if (earlier && !earlier->id.empty()) add_leftover(id, *std::exchange(earlier, std::nullopt));
      record.is_replacement = true;
      state.id.clear();
      state.attributes.clear();
      parts_.catalog.resources.put({key_, id}, record);
    }
    step.record = std::move(record);
  });
}

/// In the transaction of the call that has made it.
void Run::note_made(const std::string& logical_id, std::string id) {
  write_here([&](StackRecord& stack) {
    ResourceRecord record = require(logical_id);
    if (record.is_made && record.state.id == id) return;
    record.state.id = std::move(id);
    record.is_made = true;
    record.reason = "Resource creation Initiated";
    tell(stack, logical_id, record);
  });
}

void Run::complete(Step& step, resources::Made made, std::string_view status) {
  const std::string& id = step.resource->id;
  write([&](StackRecord& stack) {
    ResourceRecord record = require(id);
    const std::string physical = std::exchange(record.state.id, std::move(made.id));
    record.state.attributes = with_attributes(record.state.attributes, made.attributes);
    if (parts_.hides_answer && parts_.hides_answer(record.token))
      record.state.hides_attributes = true;
    record.state.references = {step.latest.begin(), step.latest.end()};
    record.status = status;
    record.reason.clear();
    record.work = Work::ended;
    record.is_unfinished = false;
    std::erase_if(record.doubts, [&](const ResourceState& doubt) {
      return doubt.id == physical || doubt.id == record.state.id;
    });
    tell(stack, id, record);
    step.record = std::move(record);
  });
}

/// There cannot be two of the name that a template gives: what would be made is there already.
void Run::check_replacement(const Step& step) const {
  const ResourceState& state = step.record->state;
  const resources::Schema& schema = step.type->schema();
  const Value before = parsed(state.properties);
  std::string name;
  for (const std::string& path : schema.primary_identifier()) {
    const std::string property = path.substr(path.rfind('/') + 1);
    const Value* old = before.find(property);
    const Value* wanted = step.wanted.properties.find(property);
    if (!old || !wanted || !same_value(*old, *wanted)) return;
    name = wanted->is_scalar() ? wanted->text() : state.id;
  }
  if (!name.empty()) throw StepError(custom_named(name));
}

runtime::Task<> Run::create(Step& step, bool replaces) {
  const std::string& id = step.resource->id;
  if (!step.is_resumed) {
    if (replaces) check_policy(step, "Update:Replace");
    if (replaces) check_replacement(step);
    const auto faults = step.type->schema().check(step.wanted.properties);
    if (!faults.empty()) throw StepError(resources::describe(faults));
    begin(step, replaces ? "UPDATE_IN_PROGRESS" : "CREATE_IN_PROGRESS",
          replaces ? replacement_reason : "");
  }
  resources::Subject made_for = subject(id, step.record->token);
  made_for.is_repeated = step.is_resumed;
  if (step.record->is_made) made_for.made_id = step.record->state.id;
  const Value properties = co_await resolved(step);
  resources::Made made = co_await step.type->create(made_for, properties);
  if (replaces && step.record->before && made.id == step.record->before->id) {
    // What there was has been taken for what was to be made: it is not removed for that.
    write([&](StackRecord&) {
      ResourceRecord record = require(id);
      record.state.id.clear();
      parts_.catalog.resources.put({key_, id}, record);
    });
    throw StepError(custom_named(made.id));
  }
  if (!require(id).is_made) {
    storage::Transaction transaction(parts_.store);
    note_made(id, made.id);
    transaction.commit();
  }
  complete(step, std::move(made), replaces ? "UPDATE_COMPLETE" : "CREATE_COMPLETE");
}

runtime::Task<> Run::update(Step& step) {
  const std::string& id = step.resource->id;
  if (!step.is_resumed) {
    if (!step.is_same) check_policy(step, "Update:Modify");
    const auto faults = step.type->schema().check(step.wanted.properties);
    if (!faults.empty()) throw StepError(resources::describe(faults));
  }
  if (!step.is_resumed) begin(step, "UPDATE_IN_PROGRESS", "");
  const std::string physical = step.record->state.id;
  const std::vector<ResourceState> perhaps = doubts_of(*step.record, physical);
  if (perhaps.empty()) throw storage::DamagedRecord("what is changed was set to nothing before");
  resources::Subject changed = subject(id, step.record->token);
  changed.is_repeated = step.is_resumed || perhaps.size() > 1;
  changed.previous_stack_tags = mixed_tags(perhaps, changed);
  const Value after = co_await resolved(step);
  const Value before = co_await resolved_as_set(perhaps, after);
  resources::Made made = co_await step.type->update(changed, physical, before, after);
  complete(step, std::move(made), "UPDATE_COMPLETE");
}

/// A replacement has failed in an update that was not taken back. One that is still wanted, and has
/// its id, is gone on with. Any other goes in the clean-up, and what was is there again.
bool Run::goes_on_with_replacement(Step& step) {
  ResourceRecord& record = *step.record;
  const std::string& id = step.resource->id;
  const bool goes_on = !record.state.id.empty() &&
                       same_value(parsed(record.state.properties), step.wanted.properties);
  write([&](StackRecord& stack) {
    if (goes_on) {
      record.status = "UPDATE_IN_PROGRESS";
      record.reason = "Resource creation Initiated";
      record.work = Work::begun;
      record.is_made = true;
      return tell(stack, id, record);
    }
    if (!record.state.id.empty()) add_leftover(id, record.state);
    record.state = *record.before;
    record.is_unfinished = false;
    record.is_replacement = false;
    parts_.catalog.resources.put({key_, id}, record);
  });
  step.is_resumed = goes_on;
  return goes_on;
}

runtime::Task<> Run::import(Step& step) {
  const std::string& id = step.resource->id;
  if (!step.is_resumed) {
    const auto faults = step.type->schema().check(step.wanted.properties);
    if (!faults.empty()) throw StepError(resources::describe(faults));
    begin(step, "IMPORT_IN_PROGRESS", "");
  }
  resources::Subject taken = subject(id, step.record->token);
  const std::string identifier = operation_.imports.find(id)->second;
  if (step.record->state.id.empty()) {
    // Noted at once: no other stack, and no other resource of this one, takes it in any more.
    write([&](StackRecord&) {
      if (const auto owner =
              find_owner(parts_.catalog, {key_, id}, step.resource->type, identifier))
        throw StepError(fmt::format("{} already exists in stack {}", identifier, arn_of(*owner)));
      step.record->state.id = identifier;
      parts_.catalog.resources.put({key_, id}, *step.record);
    });
  }
  const Value attributes = co_await step.type->read(taken, identifier);
  complete(step, {.id = identifier, .attributes = attributes}, "IMPORT_COMPLETE");
}

std::string Run::why_denied(const std::string& id, std::string_view type,
                            std::string_view action) const {
  const auto stack = parts_.catalog.stacks.find(key_);
  if (!stack) return "";
  const auto& text = stack->policy_during_update ? stack->policy_during_update : stack->policy;
  if (!text) return "";
  return why_policy_denies(*text, {.action = action, .logical_id = id, .type = type});
}

void Run::check_policy(const Step& step, std::string_view action) const {
  const std::string denied = why_denied(step.resource->id, step.resource->type, action);
  if (!denied.empty()) throw StepError(denied);
}

void Run::check_removals() {
  const auto& selected = definition_.selection.resources;
  std::vector<std::pair<std::string, std::string>> denied;  // logical id, reason
  parts_.catalog.resources.scan(
      parts_.catalog.resources.prefix(key_), [&](const ResourceKey& key, ResourceRecord record) {
        const std::string& id = std::get<1>(key);
        if (std::ranges::find(selected, id) != selected.end() || record.work == Work::failed)
          return true;
        std::string reason = why_denied(id, record.state.type, "Update:Delete");
        if (!reason.empty()) denied.emplace_back(id, std::move(reason));
        return true;
      });
  for (const auto& [id, reason] : denied) fail_step(id, reason);
}

}  // namespace matinee::cloudformation

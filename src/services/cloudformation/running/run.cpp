#include "services/cloudformation/running/run.h"

#include <fmt/format.h>

#include "runtime/timer_purpose.h"
#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/planning/doubts.h"
#include "services/cloudformation/preparing/dynamic_values.h"
#include "services/cloudformation/running/callers.h"

namespace matinee::cloudformation {

namespace {

constexpr runtime::TimerPurpose timing_out{.what = "the time-out of a stack ends"};

Value tag(std::string_view key, std::string_view value) {
  Value result = Value::map();
  result.set("Key", Value(key));
  result.set("Value", Value(value));
  return result;
}

}  // namespace

Value as_set(const ResourceState& state) {
  return with_latest_values(parsed(state.properties),
                            {state.references.begin(), state.references.end()});
}

Run::Run(const RunParts& parts, StackKey key) : parts_(parts), key_(std::move(key)) {}

Run::~Run() {
  parts_.runtime.clock.cancel(deadline_);
}

runtime::Task<> Run::go() {
  std::optional<OperationRecord> operation = parts_.catalog.operations.find(key_);
  while (operation) {
    operation_ = *std::move(operation);
    prepare();
    switch (operation_.phase) {
      case Phase::forward:
        co_await forward();
        break;
      case Phase::going_back:
        co_await go_back();
        break;
      case Phase::clean_up:
        co_await clean_up();
        break;
      case Phase::removing:
        co_await remove_all();
        break;
    }
    operation = parts_.catalog.operations.find(key_);
  }
}

/// Of each phase anew: the definition may be another one.
void Run::prepare() {
  calls_ = parts_.calls->calls_as(caller_of(operation_.caller));
  live_.clear();
  has_secrets_ = false;
  set_deadline();
  const auto definition = parts_.catalog.definitions.find({key_, current_slot});
  tags_ = definition ? definition->tags : Pairs();
  if (operation_.phase != Phase::forward) return;
  // It has failed before anything was begun: there may be nothing to be made.
  if (!operation_.failure.empty()) return;
  definition_ = restored();
  environment_ = definition_.environment;
  environment_.find_reference = [this](std::string_view id) -> std::optional<Value> {
    const auto found = live_.find(id);
    if (found == live_.end()) return std::nullopt;
    return Value(found->second.id);
  };
  environment_.find_attribute = [this](std::string_view id,
                                       std::string_view attribute) -> std::optional<Value> {
    const auto found = live_.find(id);
    if (found == live_.end()) return std::nullopt;
    std::optional<Value> value =
        attribute_of(found->second.attributes, found->second.properties, attribute);
    if (!value)
      throw templates::TemplateError(fmt::format(
          "Template error: resource {} does not support attribute type {} in Fn::GetAtt", id,
          attribute));
    return value;
  };
  environment_.find_import = [this](std::string_view name) -> std::optional<Value> {
    const auto found = parts_.catalog.find_export(key_, name);
    if (!found) throw templates::TemplateError(fmt::format("No export named {} found.", name));
    return Value(found->value);
  };
}

Prepared Run::restored() const {
  const auto definition = parts_.catalog.definitions.find({key_, current_slot});
  auto text = parts_.catalog.templates.find({key_, current_slot});
  if (!definition || !text)
    throw storage::DamagedRecord("a stack that is worked on has no definition");
  // Transforms that had failed have left nothing.
  if (text->processed.empty()) return {.checked = std::make_shared<const templates::Template>()};
  return restore(std::move(text->processed), definition->parameters,
                 {.account = std::get<0>(key_),
                  .region = std::get<1>(key_),
                  .stack_name = name_of(key_),
                  .stack_id = arn_of(key_),
                  .notification_arns = definition->notification_arns});
}

void Run::set_deadline() {
  parts_.runtime.clock.cancel(std::exchange(deadline_, runtime::TimerId::none));
  if (!operation_.deadline || operation_.phase != Phase::forward) return;
  deadline_ = runtime::call_for(parts_.runtime.clock, timing_out, *operation_.deadline, [this] {
    deadline_ = runtime::TimerId::none;
    operation_.failure = "Stack creation time exceeded the specified timeout. ";
    halt();
  });
}

void Run::write(const std::function<void(StackRecord&)>& change) {
  storage::Transaction transaction(parts_.store);
  write_here(change);
  transaction.commit();
}

void Run::write_here(const std::function<void(StackRecord&)>& change) {
  std::optional<StackRecord> stack = parts_.catalog.stacks.find(key_);
  if (!stack) throw storage::DamagedRecord("a stack that is worked on is missing");
  change(*stack);
  parts_.catalog.stacks.put(key_, *stack);
}

void Run::set_status(StackRecord& stack, std::string status, std::string reason) {
  stack.status = std::move(status);
  stack.reason = std::move(reason);
  parts_.events.add(key_, stack, source());
  parts_.store.on_commit([this, id = arn_of(key_)] { parts_.status_changed(id); });
}

void Run::tell(StackRecord& stack, const std::string& id, ResourceRecord& record) {
  std::optional<std::string> properties;
  if (!record.state.properties.empty())
    properties = record.state.shown.empty() ? record.state.properties : record.state.shown;
  record.changed = parts_.events.add(key_, stack, source(),
                                     {.logical_id = id,
                                      .physical_id = record.state.id,
                                      .type = record.state.type,
                                      .status = record.status,
                                      .reason = record.reason,
                                      .properties = std::move(properties),
                                      .previous = record.changed});
  parts_.catalog.resources.put({key_, id}, record);
}

void Run::enter(StackRecord&, Phase phase) {
  operation_.phase = phase;
  parts_.catalog.operations.put(key_, operation_);
}

void Run::finish(StackRecord& stack, bool is_stable, bool has_succeeded) {
  parts_.catalog.operations.erase(key_);
  stack.policy_during_update.reset();
  stack.change_set_id.clear();
  parts_.catalog.resources.scan(parts_.catalog.resources.prefix(key_),
                                [&](const ResourceKey& key, ResourceRecord record) {
                                  record.work = Work::none;
                                  record.is_made = false;
                                  if (is_stable) {
                                    record.before.reset();
                                    record.doubts.clear();
                                    record.is_new = false;
                                    record.is_replacement = false;
                                    record.is_imported = false;
                                  }
                                  parts_.catalog.resources.put(key, record);
                                  return true;
                                });
  // What could not be removed may be, the next time.
  parts_.catalog.leftovers.scan(parts_.catalog.leftovers.prefix(key_),
                                [&](const LeftoverKey& key, LeftoverRecord left) {
                                  left.work = Work::none;
                                  parts_.catalog.leftovers.put(key, left);
                                  return true;
                                });
  if (is_stable) {
    parts_.catalog.definitions.erase({key_, previous_slot});
    parts_.catalog.templates.erase({key_, previous_slot});
  }
  if (operation_.change_set.empty()) return;
  const ChangeSetKey key{key_, operation_.change_set};
  std::optional<ChangeSetRecord> set = parts_.catalog.change_sets.find(key);
  if (!set) return;
  set->execution_status = has_succeeded ? "EXECUTE_COMPLETE" : "EXECUTE_FAILED";
  parts_.catalog.change_sets.put(key, *set);
  parts_.change_set_ended(key);
  if (has_succeeded) stack.change_set_id = arn_of_change_set(key, set->name);
}

ResourceRecord Run::require(const std::string& id) const {
  std::optional<ResourceRecord> record = parts_.catalog.resources.find({key_, id});
  if (!record) throw storage::DamagedRecord("a resource that is worked on is missing");
  return *std::move(record);
}

void Run::make_live(const std::string& id, const ResourceState& state) {
  live_[id] = {.id = state.id,
               .attributes = parsed(state.attributes),
               .properties = parsed(state.properties),
               .shown = parsed(state.shown),
               .hides_attributes = state.hides_attributes};
  has_secrets_ = has_secrets_ || !state.shown.empty() || state.hides_attributes;
}

runtime::Task<Value> Run::resolved(Step& step) {
  Value properties = parsed(step.record->state.properties);
  step.latest = co_await read_latest_values(*calls_, properties);
  co_return co_await resolve_dynamic_references(
      *calls_, with_latest_values(std::move(properties), step.latest), step.resource->type);
}

runtime::Task<Value> Run::resolved_as_set(const ResourceState& state) {
  const Value set = as_set(state);
  try {
    co_return co_await resolve_dynamic_references(*calls_, set, state.type);
  } catch (const protocol::ServiceError&) {
  } catch (const templates::TemplateError&) {
  }
  co_return set;
}

runtime::Task<Value> Run::resolved_as_set(std::vector<ResourceState> perhaps, Value after) {
  std::vector<Value> values;
  for (const ResourceState& state : perhaps) values.push_back(co_await resolved_as_set(state));
  co_return mixed(values, after);
}

Value Run::mixed_tags(const std::vector<ResourceState>& perhaps,
                      const resources::Subject& changed) const {
  std::vector<Value> values;
  for (const ResourceState& state : perhaps)
    values.push_back(stack_tags(changed.logical_id, state.tags));
  return mixed(values, changed.stack_tags);
}

Value Run::stack_tags(const std::string& id, const Pairs& tags) const {
  Value result = Value::list();
  for (const auto& [key, value] : tags) result.append(tag(key, value));
  result.append(tag("aws:cloudformation:stack-name", name_of(key_)));
  result.append(tag("aws:cloudformation:logical-id", id));
  result.append(tag("aws:cloudformation:stack-id", arn_of(key_)));
  return result;
}

resources::Subject Run::subject(const std::string& id, const std::string& token) {
  return {.calls = *calls_,
          .runtime = parts_.runtime,
          .account = std::get<0>(key_),
          .region = std::get<1>(key_),
          .stack_name = name_of(key_),
          .stack_id = arn_of(key_),
          .logical_id = id,
          .token = token,
          .stack_tags = stack_tags(id, tags_),
          .previous_stack_tags = stack_tags(id, tags_),
          .made = [this, id](std::string made) { note_made(id, std::move(made)); },
          // What is removed or put back is waited for, whatever has failed before.
          .halt = operation_.phase == Phase::forward ? &halt_ : nullptr};
}

}  // namespace matinee::cloudformation

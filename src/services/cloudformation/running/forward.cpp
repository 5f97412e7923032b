// The phase in which a stack becomes what its definition says, and what follows it.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/planning/doubts.h"
#include "services/cloudformation/preparing/dynamic_values.h"
#include "services/cloudformation/running/failures.h"
#include "services/cloudformation/running/run.h"

namespace matinee::cloudformation {

namespace {

/// What one of the top-level properties that differ asks for at most.
resources::Recreation recreation_of(const resources::ResourceType& type, const Value& before,
                                    const Value& after) {
  auto most = resources::Recreation::never;
  const auto look = [&](const Value& side, const Value& other) {
    for (const templates::Member& member : side.members()) {
      const Value* same = other.find(member.name);
      if (same && same_value(member.value, *same)) continue;
      most = std::max(
          most, type.recreation(member.name, before.find(member.name), after.find(member.name)));
    }
  };
  look(before, after);
  look(after, before);
  return most;
}

}  // namespace

runtime::Task<> Run::forward() {
  // It has failed before it began: a transform.
  if (!operation_.failure.empty()) {
    after_failure();
    co_return;
  }
  std::string fault;
  try {
    fault = find_unknown_attribute(definition_, parts_.find_type);
  } catch (const templates::TemplateError& error) {
    fault = error.message;
  }
  if (!fault.empty()) {
    operation_.failure = fault + ". ";
    after_failure();
    co_return;
  }
  register_imports();
  if (operation_.is_cancelled) halt();
  check_removals();
  WaitsFor graph;
  for (const auto& [id, needs] : definition_.selection.needs) graph[id] = needs;
  const WalkEnd end = co_await walk(
      std::move(graph), [this](const std::string& id) { return apply(id); },
      [this] { return halt_.is_on(); });
  // A cancellation may have come meanwhile.
  if (const auto noted = parts_.catalog.operations.find(key_))
    std::tie(operation_.is_cancelled, operation_.deletes_on_failure) =
        std::pair(noted->is_cancelled, noted->deletes_on_failure);
  if (end.failed.empty() && end.not_begun.empty() && operation_.failure.empty() &&
      !operation_.is_cancelled && told_failures().empty())
    complete_forward();
  else
    after_failure();
}

runtime::Task<bool> Run::apply(std::string id) {
  std::string reason;
  try {
    Step step{.resource = definition_.checked->find_resource(id)};
    step.record = parts_.catalog.resources.find({key_, id});
    if (step.record && step.record->work == Work::ended) {
      make_live(id, step.record->state);
      co_return true;
    }
    if (step.record && step.record->work == Work::failed) {
      if (operation_.rolls_back) halt();
      co_return false;
    }
    step.is_resumed = step.record && step.record->work == Work::begun;
    step.type = parts_.find_type(step.resource->type);
    if (!step.type)
      throw StepError(fmt::format("Resource type {} is not served.", step.resource->type));
    step.wanted = evaluate_resource(*step.resource, environment_);
    const bool has_references =
        step.record &&
        std::ranges::any_of(perhaps_of(*step.record, step.record->state.id),
                            [](const ResourceState& state) { return !state.references.empty(); });
    if (has_references) step.latest = co_await read_latest_values(*calls_, step.wanted.properties);
    co_await apply_step(step);
    make_live(id, require(id).state);
    co_return true;
  } catch (const StepError& error) {
    reason = error.reason;
  } catch (const templates::TemplateError& error) {
    reason = error.message;
  } catch (const resources::HandlerError& error) {
    const auto record = parts_.catalog.resources.find({key_, id});
    reason = error.code.empty() ? error.message
                                : told_failure(error, record ? record->token : new_token());
    if (halt_.is_on() && error.code == "OperationCancelled") reason = "Resource creation cancelled";
  } catch (const protocol::ServiceError& error) {
    const auto record = parts_.catalog.resources.find({key_, id});
    reason = told_failure(handler_error(error), record ? record->token : new_token());
  }
  fail_step(id, reason);
  co_return false;
}

runtime::Task<> Run::apply_step(Step& step) {
  const std::string& id = step.resource->id;
  const bool makes = step.is_resumed && step.record->is_unfinished;
  if (!step.record || (makes && step.record->is_new)) {
    if (operation_.imports.contains(id)) return import(step);
    return create(step, false);
  }
  if (step.is_resumed) return makes ? create(step, true) : update(step);
  const ResourceState& state = step.record->state;
  if (step.record->status == "CREATE_FAILED" || step.record->status == "IMPORT_FAILED") {
    // Left by an operation that was not rolled back: what there is of it goes in the clean-up.
    storage::Transaction transaction(parts_.store);
    if (!state.id.empty() && !step.record->is_imported) add_leftover(id, state);
    parts_.catalog.resources.erase({key_, id});
    transaction.commit();
    step.record.reset();
    return operation_.imports.contains(id) ? import(step) : create(step, false);
  }
  if (step.record->is_unfinished && step.record->before && goes_on_with_replacement(step))
    return create(step, true);
  const std::vector<ResourceState> perhaps = perhaps_of(*step.record, state.id);
  const auto [before, after] = comparable(perhaps, step.wanted.properties, step.latest);
  const auto definition = parts_.catalog.definitions.find({key_, current_slot});
  const bool changes_tags = definition && !step.type->schema().tag_property().empty() &&
                            std::ranges::any_of(perhaps, [&](const ResourceState& one) {
                              return one.tags != definition->tags;
                            });
  step.is_same = same_value(before, after);
  const bool looks_inside =
      step.resource->type == nested_stack_type && !is_creation() && !operation_.is_import;
  if (step.is_same && !changes_tags && !looks_inside && step.record->status != "UPDATE_FAILED") {
    keep_unchanged(step);
    return [](void) -> runtime::Task<> { co_return; }();
  }
  if (recreation_of(*step.type, before, after) == resources::Recreation::always)
    return create(step, true);
  return update(step);
}

/// Policies, metadata and what it depends on may be others.
void Run::keep_unchanged(Step& step) {
  ResourceRecord& record = *step.record;
  const std::string metadata =
      step.wanted.metadata.is_null() ? "" : templates::to_json(step.wanted.metadata);
  std::vector<std::string> depends_on;
  if (const auto needs = definition_.selection.needs.find(step.resource->id);
      needs != definition_.selection.needs.end())
    depends_on.assign(needs->second.begin(), needs->second.end());
  ResourceState& state = record.state;
  if (state.metadata == metadata && state.deletion_policy == step.wanted.deletion_policy &&
      state.replace_policy == step.wanted.replace_policy && state.depends_on == depends_on)
    return;
  storage::Transaction transaction(parts_.store);
  if (!record.before) record.before = state;
  state.metadata = metadata;
  state.deletion_policy = step.wanted.deletion_policy;
  state.replace_policy = step.wanted.replace_policy;
  state.depends_on = std::move(depends_on);
  parts_.catalog.resources.put({key_, step.resource->id}, record);
  transaction.commit();
}

void Run::fail_step(const std::string& id, const std::string& reason) {
  if (operation_.rolls_back) halt();
  write([&](StackRecord& stack) {
    std::optional<ResourceRecord> record = parts_.catalog.resources.find({key_, id});
    if (!record) {
      record.emplace();
      record->state.type = definition_.checked->find_resource(id)->type;
      record->is_new = true;
    }
    record->work = Work::failed;
    record->status = operation_.imports.contains(id) ? "IMPORT_FAILED"
                     : record->is_new                ? "CREATE_FAILED"
                                                     : "UPDATE_FAILED";
    record->reason = reason;
    // It stays whose it was.
    if (record->status == "IMPORT_FAILED") record->state.id.clear();
    tell(stack, id, *record);
  });
}

std::set<std::string> imports_in_use(const Prepared& definition) {
  std::set<std::string> names;
  // Most templates have none.
  if (definition.processed.find("ImportValue") == std::string::npos) return names;
  const auto add = [&](const Value& value) {
    try {
      for (const templates::Cause& cause :
           templates::evaluate(value, definition.environment).causes)
        if (cause.kind == templates::Cause::Kind::import) names.insert(cause.name);
    } catch (const templates::TemplateError&) {
      // What has it cannot be made, and says so itself.
      return;
    }
  };
  for (const std::string& id : definition.selection.resources)
    add(definition.checked->find_resource(id)->properties);
  for (const std::string& name : definition.selection.outputs)
    add(definition.checked->find_output(name)->value);
  return names;
}

/// What a rollback goes back to keeps its exports too: so those used so far stay noted.
void Run::register_imports() {
  std::set<std::string> names = imports_in_use(definition_);
  if (names.empty()) return;
  write([&](StackRecord& stack) {
    names.insert(stack.imports.begin(), stack.imports.end());
    parts_.catalog.replace_imports(key_, stack.imports, names);
  });
}

void Run::complete_forward() {
  std::string fault;
  try {
    std::vector<OutputRecord> outputs;
    for (ExportedOutput& output :
         evaluate_outputs(*definition_.checked, definition_.selection.outputs, environment_))
      outputs.push_back(std::move(output.record));
    write([&](StackRecord& stack) {
      store_outputs(stack, std::move(outputs));
      if (is_creation() || operation_.is_import) {
        set_status(stack, is_creation() ? "CREATE_COMPLETE" : "IMPORT_COMPLETE");
        collect_leftovers();
        if (!parts_.catalog.leftovers.is_empty(parts_.catalog.leftovers.prefix(key_)))
          return enter(stack, Phase::clean_up);
        return finish(stack, true, true);
      }
      collect_leftovers();
      set_status(stack, operation_.is_rollback ? "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
                                               : "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
      enter(stack, Phase::clean_up);
    });
    return;
  } catch (const templates::TemplateError& error) {
    fault = error.message;
  } catch (const StepError& error) {
    fault = error.reason;
  }
  operation_.failure = fault + ". ";
  after_failure();
}

/// Throws StepError where an export cannot be made, changed or removed.
void Run::store_outputs(StackRecord& stack, std::vector<OutputRecord> outputs) {
  const auto& [account, region, name, uuid] = key_;
  const std::string id = arn_of(key_);
  std::map<std::string, std::string> wanted;
  for (const OutputRecord& output : outputs)
    if (output.export_name && !wanted.emplace(*output.export_name, output.value).second)
      throw StepError(fmt::format("Export with name {} is already exported by stack {}",
                                  *output.export_name, name));
  for (const OutputRecord& old : stack.outputs) {
    if (!old.export_name) continue;
    const auto now = wanted.find(*old.export_name);
    if (now != wanted.end() && now->second == old.value) continue;
    if (const auto user = parts_.catalog.importer_of(key_, *old.export_name))
      throw StepError(fmt::format("Cannot {} export {} as it is in use by {}",
                                  now == wanted.end() ? "delete" : "update", *old.export_name,
                                  *user));
    if (now == wanted.end()) parts_.catalog.exports.erase({account, region, *old.export_name});
  }
  for (const auto& [exported, value] : wanted) {
    const ExportKey key{account, region, exported};
    const auto other = parts_.catalog.exports.find(key);
    if (other && other->stack_id != id) {
      const auto owner = key_of_arn(other->stack_id);
      throw StepError(fmt::format("Export with name {} is already exported by stack {}", exported,
                                  owner ? name_of(*owner) : other->stack_id));
    }
    parts_.catalog.exports.put(key, {.stack_id = id, .value = value});
  }
  parts_.catalog.replace_imports(key_, stack.imports, imports_in_use(definition_));
  stack.outputs = std::move(outputs);
}

/// What the definition does not have any more, and what was replaced.
void Run::collect_leftovers() {
  const auto& selected = definition_.selection.resources;
  parts_.catalog.resources.scan(
      parts_.catalog.resources.prefix(key_), [&](const ResourceKey& key, ResourceRecord record) {
        const std::string& id = std::get<1>(key);
        if (record.before && record.before->id != record.state.id && !record.before->id.empty()) {
          ResourceState old = *record.before;
          old.deletion_policy = record.state.replace_policy;
          add_leftover(id, std::move(old));
        }
        if (std::ranges::find(selected, id) == selected.end()) {
          add_leftover(id, record.state);
          record.work = Work::left;
        }
        record.before.reset();
        record.doubts.clear();
        record.is_new = false;
        record.is_replacement = false;
        record.is_imported = false;
        parts_.catalog.resources.put(key, record);
        return true;
      });
}

std::string Run::told_failures() const {
  std::vector<std::string> created;
  std::vector<std::string> updated;
  std::vector<std::string> imported;
  parts_.catalog.resources.scan(parts_.catalog.resources.prefix(key_),
                                [&](const ResourceKey& key, ResourceRecord record) {
                                  if (record.work != Work::failed) return true;
                                  if (record.status == "CREATE_FAILED")
                                    created.push_back(std::get<1>(key));
                                  if (record.status == "UPDATE_FAILED")
                                    updated.push_back(std::get<1>(key));
                                  if (record.status == "IMPORT_FAILED")
                                    imported.push_back(std::get<1>(key));
                                  return true;
                                });
  return told_failed("import", imported) + told_failed("create", created) +
         told_failed("update", updated);
}

void Run::note_consequence(StackRecord& stack, const std::string& type) {
  operation_.id = parts_.runtime.random.uuid();
  parts_.catalog.note_operation(key_, stack, {.type = type, .id = operation_.id},
                                parts_.runtime.clock.now());
}

void Run::after_failure() {
  write([&](StackRecord& stack) {
    std::string reason = operation_.failure + told_failures();
    stack.failure = reason;
    if (is_creation()) {
      if (operation_.deletes_on_failure) {
        note_consequence(stack, "DELETE_STACK");
        set_status(stack, "DELETE_IN_PROGRESS", reason + "Delete requested by user.");
        return enter(stack, Phase::removing);
      }
      if (operation_.rolls_back) {
        note_consequence(stack, "ROLLBACK");
        set_status(stack, "ROLLBACK_IN_PROGRESS", reason + "Rollback requested by user.");
        return enter(stack, Phase::removing);
      }
      set_status(stack, "CREATE_FAILED", reason);
      return finish(stack, false, false);
    }
    if (operation_.rolls_back || operation_.is_cancelled) {
      if (operation_.is_cancelled && reason.empty()) reason = "User Initiated";
      note_consequence(stack, "ROLLBACK");
      set_status(
          stack,
          operation_.is_import ? "IMPORT_ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS",
          reason);
      return enter(stack, Phase::going_back);
    }
    set_status(stack, operation_.is_rollback ? "UPDATE_ROLLBACK_FAILED" : "UPDATE_FAILED", reason);
    finish(stack, false, false);
  });
}

}  // namespace matinee::cloudformation

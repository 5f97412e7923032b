// A failed update is taken back: what it has changed becomes what it was, what it has made is left
// for the clean-up.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/planning/doubts.h"
#include "services/cloudformation/preparing/dynamic_values.h"
#include "services/cloudformation/running/failures.h"
#include "services/cloudformation/running/run.h"

namespace matinee::cloudformation {

namespace {

bool is_touched(const ResourceRecord& record) {
  return record.is_new || record.before || record.work == Work::failed ||
         record.work == Work::begun || record.status == "UPDATE_FAILED";
}

/// Of a nested stack nobody knows what was behind its URL.
bool is_set_alike(const ResourceState& a, const ResourceState& b) {
  return a.properties == b.properties && a.references == b.references;
}

/// Whether the physical resource that is gone back to is surely as it was.
bool is_as_it_was(const ResourceRecord& record) {
  if (!record.before) return true;
  const ResourceState& target = *record.before;
  const bool is_other = target.id != record.state.id;
  if (!is_other && target.type == nested_stack_type) return false;
  return std::ranges::all_of(perhaps_of(record, target.id), [&](const ResourceState& state) {
    return is_set_alike(state, target);
  });
}

}  // namespace

runtime::Task<> Run::go_back() {
  WaitsFor graph;
  parts_.catalog.resources.scan(
      parts_.catalog.resources.prefix(key_), [&](const ResourceKey& key, ResourceRecord record) {
        if (!is_touched(record)) return true;
        const ResourceState& target = record.before ? *record.before : record.state;
        auto& needs = graph[std::get<1>(key)];
        needs.insert(target.depends_on.begin(), target.depends_on.end());
        return true;
      });
  const WalkEnd end = co_await walk(
      std::move(graph), [this](const std::string& id) { return restore_one(id); },
      [] { return false; });
  write([&](StackRecord& stack) {
    if (!end.failed.empty()) {
      set_status(stack, operation_.is_import ? "IMPORT_ROLLBACK_FAILED" : "UPDATE_ROLLBACK_FAILED",
                 told_failed("update", end.failed));
      return finish(stack, false, false);
    }
    if (auto definition = parts_.catalog.definitions.find({key_, previous_slot}))
      parts_.catalog.definitions.put({key_, current_slot}, *definition);
    if (auto text = parts_.catalog.templates.find({key_, previous_slot}))
      parts_.catalog.templates.put({key_, current_slot}, *text);
    parts_.catalog.replace_imports(key_, stack.imports, imports_in_use(restored()));
    operation_.is_rollback = true;
    set_status(stack, operation_.is_import ? "IMPORT_ROLLBACK_IN_PROGRESS"
                                           : "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
    enter(stack, Phase::clean_up);
  });
}

runtime::Task<bool> Run::restore_one(std::string id) {
  ResourceRecord record = require(id);
  if (record.is_new) {
    write([&](StackRecord&) {
      // Imported ones are nobody's to remove.
      if (!record.state.id.empty() && !record.is_imported) add_leftover(id, record.state);
      record.is_new = false;
      record.before.reset();
      record.work = Work::left;
      if (record.state.id.empty() || record.is_imported)
        parts_.catalog.resources.erase({key_, id});
      else
        parts_.catalog.resources.put({key_, id}, record);
    });
    co_return true;
  }
  if (record.work == Work::left) co_return true;
  const bool is_other = record.before && record.before->id != record.state.id;
  const bool is_same = is_as_it_was(record);
  const bool is_at_rest = record.work != Work::begun && record.work != Work::failed;
  if (operation_.spared.contains(id) || (is_same && (is_other || is_at_rest))) {
    write([&](StackRecord& stack) {
      const bool tells = is_other || record.status == "UPDATE_FAILED" || record.work != Work::none;
      if (is_other && !record.state.id.empty()) add_leftover(id, record.state);
      if (record.before) record.state = *std::exchange(record.before, std::nullopt);
      record.doubts.clear();
      record.is_unfinished = false;
      record.is_replacement = false;
      record.work = Work::ended;
      record.reason.clear();
      if (tells) {
        record.status = "UPDATE_COMPLETE";
        return tell(stack, id, record);
      }
      parts_.catalog.resources.put({key_, id}, record);
    });
    co_return true;
  }
  std::string reason;
  try {
    co_await update_back(id, record);
    co_return true;
  } catch (const StepError& error) {
    reason = error.reason;
  } catch (const resources::HandlerError& error) {
    reason = error.code.empty() ? error.message : told_failure(error, require(id).token);
  } catch (const protocol::ServiceError& error) {
    reason = told_failure(handler_error(error), require(id).token);
  } catch (const templates::TemplateError& error) {
    reason = error.message;
  }
  write([&](StackRecord& stack) {
    ResourceRecord failed = require(id);
    failed.status = "UPDATE_FAILED";
    failed.reason = reason;
    failed.work = Work::failed;
    tell(stack, id, failed);
  });
  co_return false;
}

runtime::Task<> Run::update_back(std::string id, ResourceRecord record) {
  const ResourceState target = record.before ? *record.before : record.state;
  const resources::ResourceType* type = parts_.find_type(target.type);
  if (!type) throw StepError(fmt::format("Resource type {} is not served.", target.type));
  write([&](StackRecord& stack) {
    if (record.state.id != target.id) {
      // What has replaced it goes; it is itself half changed.
      if (!record.state.id.empty()) add_leftover(id, record.state);
      record.state = doubts_of(record, target.id).back();
      record.is_unfinished = false;
      record.is_replacement = false;
    }
    record.status = "UPDATE_IN_PROGRESS";
    record.reason.clear();
    record.work = Work::begun;
    record.token = new_token();
    tell(stack, id, record);
  });
  resources::Subject changed = subject(id, record.token);
  // How far the change had come is not known: it is the same as after a restart.
  changed.is_repeated = true;
  changed.stack_tags = stack_tags(id, target.tags);
  const std::vector<ResourceState> perhaps = perhaps_of(record, target.id);
  changed.previous_stack_tags = mixed_tags(perhaps, changed);
  const Value after = co_await resolve_dynamic_references(*calls_, as_set(target), target.type);
  const Value before = co_await resolved_as_set(perhaps, after);
  resources::Made made = co_await type->update(changed, target.id, before, after);
  write([&](StackRecord& stack) {
    ResourceRecord restored = require(id);
    restored.state = target;
    restored.state.id = std::move(made.id);
    restored.state.attributes = with_attributes(target.attributes, made.attributes);
    restored.before.reset();
    restored.doubts.clear();
    restored.is_replacement = false;
    restored.work = Work::ended;
    restored.status = "UPDATE_COMPLETE";
    restored.reason.clear();
    tell(stack, id, restored);
  });
}

}  // namespace matinee::cloudformation

// Resources are removed: all of a stack, or what an update has left over. What is made last goes
// first.
#include <fmt/format.h>

#include "services/cloudformation/catalog/stored_json.h"
#include "services/cloudformation/preparing/dynamic_values.h"
#include "services/cloudformation/running/failures.h"
#include "services/cloudformation/running/run.h"

namespace matinee::cloudformation {

namespace {

/// Names of nodes: a stack may have a resource and a leftover of the same logical id.
std::string node_of(const Removal& removal) {
  return removal.leftover ? fmt::format("{} {}", removal.logical_id, *removal.leftover)
                          : removal.logical_id;
}

}  // namespace

void Run::add_leftover(const std::string& id, ResourceState state) {
  std::uint64_t number = 0;
  const auto last = parts_.catalog.leftovers.first(parts_.catalog.leftovers.prefix(key_),
                                                   storage::Order::backward);
  if (last) number = std::get<1>(last->first) + 1;
  parts_.catalog.leftovers.put({key_, number}, {.logical_id = id, .state = std::move(state)});
}

runtime::Task<> Run::remove_all() {
  std::map<std::string, Removal> removals;
  {
    storage::Transaction transaction(parts_.store);
    std::vector<std::pair<std::string, ResourceState>> replaced;
    parts_.catalog.resources.scan(
        parts_.catalog.resources.prefix(key_), [&](const ResourceKey& key, ResourceRecord record) {
          const std::string& id = std::get<1>(key);
          if (record.before && !record.before->id.empty() && record.before->id != record.state.id) {
            replaced.emplace_back(id, *std::exchange(record.before, std::nullopt));
            parts_.catalog.resources.put(key, record);
          }
          Removal removal{.logical_id = id, .leftover = std::nullopt};
          const std::string node = node_of(removal);
          removals.emplace(node, std::move(removal));
          return true;
        });
    for (auto& [id, state] : replaced) add_leftover(id, std::move(state));
    transaction.commit();
  }
  parts_.catalog.leftovers.scan(parts_.catalog.leftovers.prefix(key_),
                                [&](const LeftoverKey& key, const LeftoverRecord& left) {
                                  Removal removal{.logical_id = left.logical_id,
                                                  .leftover = std::get<1>(key)};
                                  const std::string node = node_of(removal);
                                  removals.emplace(node, std::move(removal));
                                  return true;
                                });
  const WalkEnd end = co_await remove(std::move(removals));
  after_removal(end);
}

runtime::Task<> Run::clean_up() {
  std::map<std::string, Removal> removals;
  parts_.catalog.leftovers.scan(parts_.catalog.leftovers.prefix(key_),
                                [&](const LeftoverKey& key, const LeftoverRecord& left) {
                                  Removal removal{.logical_id = left.logical_id,
                                                  .leftover = std::get<1>(key)};
                                  const std::string node = node_of(removal);
                                  removals.emplace(node, std::move(removal));
                                  return true;
                                });
  co_await remove(std::move(removals));
  write([&](StackRecord& stack) {
    // What cannot be removed stays behind, as its events say: the stack has come to its end.
    parts_.catalog.leftovers.erase_range(parts_.catalog.leftovers.prefix(key_));
    if (operation_.is_rollback) {
      set_status(stack,
                 operation_.is_import ? "IMPORT_ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE",
                 "");
    } else if (stack.status.ends_with("_CLEANUP_IN_PROGRESS")) {
      set_status(stack, "UPDATE_COMPLETE");
    }
    finish(stack, true, !operation_.is_rollback);
  });
}

runtime::Task<WalkEnd> Run::remove(std::map<std::string, Removal> removals) {
  std::map<std::string, std::vector<std::string>> nodes;  // by logical id
  for (const auto& [node, removal] : removals) nodes[removal.logical_id].push_back(node);
  WaitsFor needs;
  for (const auto& [node, removal] : removals) {
    std::vector<std::string> depends_on;
    if (removal.leftover) {
      if (const auto left = parts_.catalog.leftovers.find({key_, *removal.leftover}))
        depends_on = left->state.depends_on;
    } else {
      depends_on = require(removal.logical_id).state.depends_on;
    }
    auto& before = needs[node];
    for (const std::string& id : depends_on)
      if (const auto found = nodes.find(id); found != nodes.end() && id != removal.logical_id)
        before.insert(found->second.begin(), found->second.end());
  }
  const auto all = std::make_shared<std::map<std::string, Removal>>(std::move(removals));
  co_return co_await walk(
      reversed(needs), [this, all](const std::string& node) { return remove_one(all->at(node)); },
      [] { return false; });
}

bool Run::is_to_stay(const Removal& removal, const ResourceState& state) const {
  if (operation_.spared.contains(removal.logical_id)) return true;
  if (!removal.leftover) {
    // What was there before the operation that is taken back is not the stack's to remove.
    const ResourceRecord record = require(removal.logical_id);
    if (record.is_imported && record.is_new) return true;
  }
  const std::string& policy = state.deletion_policy;
  const bool is_rolled_back = is_creation() || operation_.is_rollback;
  if (policy == "RetainExceptOnCreate") return !is_rolled_back;
  if (policy != "Retain") return false;
  return !is_rolled_back || !operation_.retains_except_on_create;
}

runtime::Task<bool> Run::remove_one(Removal removal) {
  const std::string& id = removal.logical_id;
  ResourceState state;
  std::string token;
  bool is_resumed = false;
  if (removal.leftover) {
    const auto left = parts_.catalog.leftovers.find({key_, *removal.leftover});
    if (!left) co_return true;
    state = left->state;
    token = left->token;
    is_resumed = left->work == Work::begun;
    if (left->work == Work::failed) co_return false;
  } else {
    const ResourceRecord record = require(id);
    if (record.status == "DELETE_COMPLETE" || record.status == "DELETE_SKIPPED") co_return true;
    state = record.state;
    is_resumed = record.status == "DELETE_IN_PROGRESS";
    token = record.token;
  }
  if (state.id.empty()) {
    end_removal(removal, "", "");
    co_return true;
  }
  if (is_to_stay(removal, state)) {
    end_removal(removal, "DELETE_SKIPPED", "");
    co_return true;
  }
  if (!is_resumed) {
    token = new_token();
    end_removal(removal, "DELETE_IN_PROGRESS", token);
  }
  std::string reason;
  try {
    const resources::ResourceType* type = parts_.find_type(state.type);
    if (!type) throw StepError(fmt::format("Resource type {} is not served.", state.type));
    resources::Subject removed = subject(id, token);
    removed.is_repeated = is_resumed;
    removed.stack_tags = stack_tags(id, state.tags);
    co_await type->remove(removed, state.id, parsed(state.properties));
    end_removal(removal, "DELETE_COMPLETE", "");
    co_return true;
  } catch (const StepError& error) {
    reason = error.reason;
  } catch (const resources::HandlerError& error) {
    reason = error.code.empty() ? error.message : told_failure(error, token);
    if (error.code == "NotFound") reason.clear();
  } catch (const protocol::ServiceError& error) {
    const resources::HandlerError told = handler_error(error);
    reason = told.code == "NotFound" ? "" : told_failure(told, token);
  }
  if (reason.empty()) {
    end_removal(removal, "DELETE_COMPLETE", "");
    co_return true;
  }
  end_removal(removal, operation_.forces_deletion ? "DELETE_SKIPPED" : "DELETE_FAILED", reason);
  co_return operation_.forces_deletion;
}

/// Tells how far a removal has come. An empty status: there is nothing to be told of. `reason` of
/// DELETE_IN_PROGRESS is the step's token.
void Run::end_removal(const Removal& removal, const std::string& status,
                      const std::string& reason) {
  const std::string& id = removal.logical_id;
  const bool begins = status == "DELETE_IN_PROGRESS";
  const bool fails = status == "DELETE_FAILED";
  // A deleted stack still tells what it had.
  const bool keeps_row = operation_.type == "DELETE_STACK" && !status.empty();
  write([&](StackRecord& stack) {
    std::optional<ResourceRecord> row = parts_.catalog.resources.find({key_, id});
    if (!removal.leftover) {
      if (status.empty()) return parts_.catalog.resources.erase({key_, id});
      row->status = status;
      row->reason = begins ? "" : reason;
      if (begins) row->token = reason;
      row->work = begins ? Work::begun : fails ? Work::failed : Work::ended;
      tell(stack, id, *row);
      if (!begins && !fails && !keeps_row) parts_.catalog.resources.erase({key_, id});
      return;
    }
    std::optional<LeftoverRecord> left = parts_.catalog.leftovers.find({key_, *removal.leftover});
    if (!left) return;
    left->work = begins ? Work::begun : fails ? Work::failed : Work::ended;
    if (begins) left->token = reason;
    if (!status.empty())
      parts_.events.add(key_, stack, source(),
                        {.logical_id = id,
                         .physical_id = left->state.id,
                         .type = left->state.type,
                         .status = status,
                         .reason = begins ? std::string_view() : std::string_view(reason),
                         .previous = row ? row->changed : runtime::Time{}});
    if (begins || fails) return parts_.catalog.leftovers.put({key_, *removal.leftover}, *left);
    parts_.catalog.leftovers.erase({key_, *removal.leftover});
    if (row && (row->work == Work::left || row->state.id == left->state.id))
      parts_.catalog.resources.erase({key_, id});
  });
}

void Run::after_removal(const WalkEnd& end) {
  write([&](StackRecord& stack) {
    std::vector<std::string> failed;
    for (const std::string& node : end.failed) failed.push_back(node.substr(0, node.find(' ')));
    const bool deletes = operation_.type == "DELETE_STACK" || operation_.deletes_on_failure;
    if (!failed.empty()) {
      set_status(stack, deletes ? "DELETE_FAILED" : "ROLLBACK_FAILED",
                 told_failed("delete", failed));
      stack.deleted = std::chrono::floor<std::chrono::milliseconds>(parts_.runtime.clock.now());
      return finish(stack, false, false);
    }
    stack.deleted = std::chrono::floor<std::chrono::milliseconds>(parts_.runtime.clock.now());
    parts_.catalog.leftovers.erase_range(parts_.catalog.leftovers.prefix(key_));
    if (!deletes) {
      stack.outputs.clear();
      parts_.catalog.replace_imports(key_, stack.imports, {});
      set_status(stack, "ROLLBACK_COMPLETE");
      return finish(stack, true, false);
    }
    const auto& [account, region, name, uuid] = key_;
    for (const OutputRecord& output : stack.outputs)
      if (output.export_name) parts_.catalog.exports.erase({account, region, *output.export_name});
    parts_.catalog.replace_imports(key_, stack.imports, {});
    stack.termination_protection.reset();
    parts_.catalog.live.erase({account, region, name});
    parts_.catalog.expiries.put({*stack.deleted + remembrance, key_}, {});
    set_status(stack, "DELETE_COMPLETE");
    finish(stack, true, operation_.type == "DELETE_STACK");
  });
}

}  // namespace matinee::cloudformation

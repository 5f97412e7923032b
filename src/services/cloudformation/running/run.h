// One operation on one stack while it runs: it goes from phase to phase, each a walk over
// resources.
//
// Whatever a run knows it reads from the tables, and each step is written down before and after it
// is done: a run that is destroyed at any moment, and made again, ends as if it had not been.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "resources/type.h"
#include "runtime/runtime.h"
#include "runtime/task.h"
#include "services/calls_maker.h"
#include "services/cloudformation/catalog/catalog.h"
#include "services/cloudformation/catalog/events.h"
#include "services/cloudformation/planning/evaluating.h"
#include "services/cloudformation/preparing/prepared.h"
#include "services/cloudformation/running/graph_walk.h"

namespace matinee::cloudformation {

/// What runs need. All must outlive them.
struct RunParts {
  storage::Store& store;
  Catalog& catalog;
  Events& events;
  runtime::Runtime& runtime;
  services::CallsMaker* calls;
  FindType find_type;
  /// Called after each commit that has changed a stack's status.
  std::function<void(const std::string& stack_id)> status_changed;
  /// Called in the transaction that ends the execution of a change set.
  std::function<void(const ChangeSetKey& key)> change_set_ended;
  /// Whether what a step of that token was answered is not to be shown. Null: never.
  std::function<bool(const std::string& token)> hides_answer = nullptr;
};

/// One resource of the template on its way.
struct Step {
  const templates::Resource* resource = nullptr;
  const resources::ResourceType* type = nullptr;
  EvaluatedResource wanted;
  std::optional<ResourceRecord> record;
  bool is_resumed = false;  // was begun before the last restart
  bool is_same = false;     // what is asked for is what was set last
  /// What references to the latest versions of SSM's parameters give.
  std::map<std::string, std::string> latest = {};
};

/// A physical resource that is to go: one of the stack, or a leftover.
struct Removal {
  std::string logical_id;
  std::optional<std::uint64_t> leftover;  // its number
};

/// Names of the exports that a stack uses.
std::set<std::string> imports_in_use(const Prepared& definition);

/// Attributes as JSON after a change: those that the type does not tell again stay as they were
/// (the secret of an access key is told once).
std::string with_attributes(const std::string& before, const templates::Value& told);

/// Properties with what references to the latest versions of SSM's parameters gave then.
Value as_set(const ResourceState& state);

class Run {
 public:
  Run(const RunParts& parts, StackKey key);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Until the operation is over. Throws StoreFailure, and Stopped: then another run has to go on.
  runtime::Task<> go();
  /// Nothing new is begun in this phase, and who waits for long is told to stop.
  void halt() { halt_.set(); }

 private:
  struct Live {
    std::string id;
    Value attributes = Value::map();
    Value properties = Value::map();
    Value shown = Value::map();  // properties; an empty map: all of them
    bool hides_attributes = false;
  };

  const RunParts& parts_;
  const StackKey key_;
  OperationRecord operation_;
  std::unique_ptr<resources::Calls> calls_;
  Prepared definition_;
  Pairs tags_;  // of the stack, in this phase
  templates::Environment environment_;
  std::map<std::string, Live, std::less<>> live_;
  bool has_secrets_ = false;  // some of what lives is not to be shown
  resources::Halt halt_;
  runtime::TimerId deadline_ = runtime::TimerId::none;

  // run.cpp
  void prepare();
  /// What the stack is, or is being changed to.
  Prepared restored() const;
  void set_deadline();
  /// Changes the stack's record in a transaction of its own.
  void write(const std::function<void(StackRecord&)>& change);
  /// The same in the current transaction.
  void write_here(const std::function<void(StackRecord&)>& change);
  void set_status(StackRecord& stack, std::string status, std::string reason = "");
  EventSource source() const { return {operation_.client_token, operation_.id}; }
  /// In the current transaction: with an event, and the record stored.
  void tell(StackRecord& stack, const std::string& id, ResourceRecord& record);
  void enter(StackRecord& stack, Phase phase);
  /// The operation is over, in the current transaction. `is_stable`: nothing is to be gone back to.
  void finish(StackRecord& stack, bool is_stable, bool has_succeeded);
  ResourceRecord require(const std::string& id) const;
  void make_live(const std::string& id, const ResourceState& state);
  resources::Subject subject(const std::string& id, const std::string& token);
  /// What is to be set, with all dynamic references put in; the step knows the latest values.
  runtime::Task<Value> resolved(Step& step);
  /// Properties as they were set, with their dynamic references put in where they can still be
  /// resolved, and as they stand there where not: what was is no reason to fail.
  runtime::Task<Value> resolved_as_set(const ResourceState& state);
  /// Of a resource that may be one of several, as `mixed` for a change into `after`.
  runtime::Task<Value> resolved_as_set(std::vector<ResourceState> perhaps, Value after);
  /// The tags of the stack that it may have, for a change into those of the subject.
  Value mixed_tags(const std::vector<ResourceState>& perhaps,
                   const resources::Subject& changed) const;
  /// List of {Key, Value}: the stack's tags, and AWS's own of a resource.
  Value stack_tags(const std::string& id, const Pairs& tags) const;
  std::string new_token() { return parts_.runtime.random.uuid(); }
  bool is_creation() const { return operation_.type == "CREATE_STACK"; }

  // forward.cpp
  runtime::Task<> forward();
  runtime::Task<bool> apply(std::string id);
  runtime::Task<> apply_step(Step& step);
  void fail_step(const std::string& id, const std::string& reason);
  void complete_forward();
  void keep_unchanged(Step& step);
  void store_outputs(StackRecord& stack, std::vector<OutputRecord> outputs);
  /// Notes, before anything is made, which exports the stack uses from now on.
  void register_imports();
  void collect_leftovers();
  void after_failure();
  /// What follows a failure by itself is told as an operation of its own.
  void note_consequence(StackRecord& stack, const std::string& type);
  std::string told_failures() const;

  // steps.cpp
  runtime::Task<> create(Step& step, bool replaces);
  void check_replacement(const Step& step) const;
  runtime::Task<> update(Step& step);
  bool goes_on_with_replacement(Step& step);
  runtime::Task<> import(Step& step);
  void begin(Step& step, std::string_view status, std::string_view reason);
  /// What events show of properties, where they hold secret parameters; else nothing.
  std::string shown_properties(const Step& step) const;
  void note_made(const std::string& logical_id, std::string id);
  void complete(Step& step, resources::Made made, std::string_view status);
  /// Why the stack's policy does not let that be done to a resource; empty where it does.
  std::string why_denied(const std::string& id, std::string_view type,
                         std::string_view action) const;
  void check_policy(const Step& step, std::string_view action) const;
  /// What the definition does not have any more may be protected too.
  void check_removals();

  // removing.cpp
  runtime::Task<> remove_all();
  runtime::Task<> clean_up();
  runtime::Task<WalkEnd> remove(std::map<std::string, Removal> removals);
  runtime::Task<bool> remove_one(Removal removal);
  bool is_to_stay(const Removal& removal, const ResourceState& state) const;
  void end_removal(const Removal& removal, const std::string& status, const std::string& reason);
  void add_leftover(const std::string& id, ResourceState state);
  void after_removal(const WalkEnd& end);

  // going_back.cpp
  runtime::Task<> go_back();
  runtime::Task<bool> restore_one(std::string id);
  runtime::Task<> update_back(std::string id, ResourceRecord record);
};

}  // namespace matinee::cloudformation

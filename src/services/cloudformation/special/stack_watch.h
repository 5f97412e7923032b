// What a stack knows of others: who waits for one to come to an end, and which stand inside which.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "resources/type.h"
#include "runtime/loop.h"
#include "runtime/task.h"
#include "services/cloudformation/special/waiting_tasks.h"

namespace matinee::cloudformation {

/// What others know of a stack.
struct StackState {
  std::string status;  // "CREATE_COMPLETE"; empty where there is no such stack
  std::string reason;
  std::vector<std::pair<std::string, std::string>> outputs;

  /// Whether work on it has ended.
  bool has_ended() const { return !status.ends_with("_IN_PROGRESS"); }
};

/// What a stack hands on to those nested in it.
struct StackHeritage {
  std::vector<std::string> capabilities;
  std::string role;  // ARN; empty: none
  bool disable_rollback = false;
  std::size_t depth = 0;  // how many stacks stand around it
};

/// The change set of a nested stack that belongs to the one which is being executed around it.
struct NestedChangeSet {
  std::string arn;
  std::string stack_id;
  bool is_executed = false;  // or is being
};

/// State thread only.
class StackWatch {
 public:
  struct Looks {
    std::function<StackState(const std::string& stack_id)> state;
    std::function<StackHeritage(const std::string& stack_id)> heritage;
    /// Notes, in the current transaction, that a stack stands inside another.
    std::function<void(const std::string& stack_id, const std::string& parent_id)> adopt;
    // See the methods of the same names.
    std::function<void(const std::string& stack_id, const std::string& token)> keep = nullptr;
    std::function<std::optional<NestedChangeSet>(const std::string& outer,
                                                 const std::string& logical_id)>
        nested_change_set = nullptr;
    std::function<void(const resources::Subject& subject, const NestedChangeSet& set,
                       const templates::Value& properties)>
        execute = nullptr;
    std::function<bool(const std::string& stack_id)> is_going_back = nullptr;
    std::function<bool(const std::string& stack_id, const std::string& outer)> return_to_kept =
        nullptr;
    /// What the CreationPolicy of a resource says, with its functions carried out.
    std::function<templates::Value(const std::string& stack_id, const std::string& logical_id)>
        creation_policy = nullptr;
  };

  explicit StackWatch(runtime::Loop& loop) : waiting_(loop) {}

  /// Called once, before anything else.
  void use(Looks looks) { looks_ = std::move(looks); }

  /// The engine calls it after each commit that has changed a stack's status.
  void status_changed(const std::string& stack_id) { waiting_.wake(stack_id); }

  /// Ends once no work is done on the stack any more, or when the halt is set.
  runtime::Task<StackState> until_ended(std::string stack_id, resources::Halt* halt);

  StackState look(const std::string& stack_id) const { return looks_.state(stack_id); }
  StackHeritage heritage_of(const std::string& stack_id) const { return looks_.heritage(stack_id); }
  void adopt(const std::string& stack_id, const std::string& parent_id) const {
    looks_.adopt(stack_id, parent_id);
  }

  /// Notes what a nested stack is, before the step of that token changes it: once a step. What
  /// other steps have noted is not gone back to any more.
  void keep(const std::string& stack_id, const std::string& token) const {
    if (looks_.keep) looks_.keep(stack_id, token);
  }
  /// That of a resource of a stack, a nested one, in the change set that is executed there.
  std::optional<NestedChangeSet> nested_change_set(const std::string& outer,
                                                   const std::string& logical_id) const {
    return looks_.nested_change_set ? looks_.nested_change_set(outer, logical_id) : std::nullopt;
  }
  /// Begins to execute it, in the name of who works on the stack around it, with the properties of
  /// the resource, whose parameters are known by now. Notes the stack as made. Throws HandlerError,
  /// and AccessDenied where that caller may not make or change the stack.
  void execute(const resources::Subject& subject, const NestedChangeSet& set,
               const templates::Value& properties) const {
    looks_.execute(subject, set, properties);
  }
  /// Whether what is done on a stack takes back an update.
  bool is_going_back(const std::string& stack_id) const {
    return looks_.is_going_back && looks_.is_going_back(stack_id);
  }
  /// Begins to make a nested stack what was noted, in the name of who works on the one around it.
  /// False where there is nothing to do. Throws HandlerError.
  bool return_to_kept(const std::string& stack_id, const std::string& outer) const {
    return looks_.return_to_kept && looks_.return_to_kept(stack_id, outer);
  }

  templates::Value creation_policy(const std::string& stack_id,
                                   const std::string& logical_id) const {
    return looks_.creation_policy ? looks_.creation_policy(stack_id, logical_id)
                                  : templates::Value();
  }

 private:
  Looks looks_;
  WaitingTasks waiting_;
};

}  // namespace matinee::cloudformation

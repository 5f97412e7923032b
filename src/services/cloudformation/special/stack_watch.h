// Who waits for a stack to come to an end, such as a stack for those nested in it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace matinee::cloudformation {

/// What others know of a stack.
struct StackState {
  std::string status;  // "CREATE_COMPLETE"; empty where there is no such stack
  std::string reason;
  std::vector<std::pair<std::string, std::string>> outputs;

  /// Whether work on it has ended.
  bool has_ended() const { return !status.ends_with("_IN_PROGRESS"); }
};

/// State thread only.
class StackWatch {
 public:
  using Look = std::function<StackState(const std::string& stack_id)>;

  explicit StackWatch(runtime::Loop& loop) : loop_(loop) {}

  /// Called once, before anything else: how the state of a stack is found.
  void use(Look look) { look_ = std::move(look); }

  /// The engine calls it after each commit that has changed a stack's status.
  void status_changed(const std::string& stack_id);

  /// Ends once no work is done on the stack any more.
  runtime::Task<StackState> until_ended(std::string stack_id);

  StackState look(const std::string& stack_id) const { return look_(stack_id); }

 private:
  runtime::Loop& loop_;
  Look look_;
  std::multimap<std::string, runtime::Promised<bool>*> waiting_;
};

}  // namespace matinee::cloudformation

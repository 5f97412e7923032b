// Tasks that wait for something that has a name: a box that is filled, a stack that comes to an
// end. One that is destroyed while it waits is forgotten.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "resources/type.h"
#include "runtime/channel.h"
#include "runtime/clock.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace matinee::cloudformation {

/// A time at which waiting ends; without a clock there is none.
struct WaitUntil {
  runtime::Clock* clock = nullptr;
  runtime::Time latest = {};
};

/// State thread only. Must outlive the tasks.
class WaitingTasks {
 public:
  explicit WaitingTasks(runtime::Loop& loop) : loop_(loop) {}
  WaitingTasks(const WaitingTasks&) = delete;
  WaitingTasks& operator=(const WaitingTasks&) = delete;

  /// Ends after the next `wake` of that name, when the halt is set, or at that time: look again at
  /// what you are waiting for.
  runtime::Task<> wait(std::string name, resources::Halt* halt, WaitUntil until = {});
  /// They go on in the loop's next round: who calls this is in the middle of something.
  void wake(const std::string& name);

 private:
  using Events = std::multimap<std::string, std::shared_ptr<runtime::Event>>;

  runtime::Loop& loop_;
  Events events_;

  runtime::Task<> pass_on(resources::Halt& halt, std::shared_ptr<runtime::Event> event);
};

}  // namespace matinee::cloudformation

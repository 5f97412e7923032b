// Reads stacks, and waits for what goes on in one.
#pragma once

#include <set>

#include "cloudformation/client.h"
#include "jobs/deploy/stack.h"
#include "runtime/runtime.h"

namespace matinee::jobs::deploy {

/// How long to wait before asking again: the first wait, and the longest, towards which waits grow
/// while nothing happens.
struct Pace {
  runtime::Duration shortest = std::chrono::milliseconds(2);
  runtime::Duration longest = std::chrono::milliseconds(250);
};

/// AWS limits how often one may ask.
inline constexpr Pace pace_of_aws{.shortest = std::chrono::milliseconds(1500),
                                  .longest = std::chrono::seconds(4)};

/// `co_await pause.wait()` between questions; by the machine's clock.
class Pause {
 public:
  Pause(runtime::Clock& clock, Pace pace) : clock_(clock), pace_(pace), next_(pace.shortest) {}
  runtime::Task<> wait();
  /// Something has happened: ask again soon.
  void restart() { next_ = pace_.shortest; }

 private:
  runtime::Clock& clock_;
  Pace pace_;
  runtime::Duration next_;
};

class StackReader {
 public:
  StackReader(cloudformation::Client client, runtime::Clock& clock, Pace pace)
      : client_(client), clock_(clock), pace_(pace) {}

  /// By its name or id; nothing where there is none (any more).
  runtime::Task<std::optional<cloudformation::Stack>> find(std::string stack) const;
  /// The id of its newest event; empty where it has none.
  runtime::Task<std::string> newest_event(std::string stack_id) const;
  /// Tells the listener of what happens after the event `since` until the stack comes to rest, and
  /// returns it all, oldest first.
  runtime::Task<std::vector<StackEvent>> follow(std::string stack_id, std::string since,
                                                StackListener& listener) const;
  /// As `find_failure`, and where that is a nested stack, what has failed in it.
  runtime::Task<std::optional<Failure>> find_cause(const std::vector<StackEvent>& events) const;

 private:
  cloudformation::Client client_;
  runtime::Clock& clock_;
  Pace pace_;

  /// Newer than `since`, oldest first; `newest` becomes the id of the last.
  runtime::Task<std::vector<StackEvent>> events_after(std::string stack_id, std::string since,
                                                      std::string& newest) const;
};

std::vector<StackOutput> outputs_of(const cloudformation::Stack& stack);

}  // namespace matinee::jobs::deploy

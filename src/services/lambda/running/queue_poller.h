// Reads one queue for one function: woken when there is something to receive, it gathers a batch,
// leaves out what the filters do not want, calls the function, and removes what that has done.
// Between messages it costs nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "patterns/pattern.h"
#include "runtime/runtime.h"
#include "runtime/task.h"
#include "services/lambda/running/invocation.h"
#include "services/lambda/running/measures.h"
#include "services/queue_source.h"

namespace matinee::lambda {

struct PollerSettings {
  services::QueueReader reader;
  std::size_t batch_size = 10;
  runtime::Duration window{};
  std::vector<patterns::Pattern> filters;  // one must match; all do where there are none
  bool reports_failures = false;
  std::size_t most_concurrent = 5;
};

/// A batch on its way to the function.
struct BatchCall {
  std::string event;
  const std::vector<services::QueueMessage>& messages;  // until the call returns
  std::move_only_function<void(Result)> done;           // once, later
};

/// What it asks of the service.
struct PollerHost {
  runtime::Runtime& runtime;
  services::QueueSource& queues;
  services::QueueWatch& watches;
  /// Calls the function; false where it cannot be called now: throttled, or gone.
  std::function<bool(BatchCall call)> call;
  /// Hears of messages that no filter wants, before they are deleted.
  std::function<void(const std::vector<services::QueueMessage>& messages)> tell_unwanted;
  /// What the mapping counts now; null where it does not.
  std::function<MappingCounts*()> counts;
  /// How many calls of the mapping are under way: of this poller, and of those before it, which
  /// other settings had.
  std::shared_ptr<std::size_t> calls;
  /// A call has ended whose poller is no more: the one after it may wait for that.
  std::function<void()> wake_next;
};

class QueuePoller {
 public:
  QueuePoller(const PollerHost& host, PollerSettings settings);
  ~QueuePoller();
  QueuePoller(const QueuePoller&) = delete;
  QueuePoller& operator=(const QueuePoller&) = delete;

  /// Begins with the loop's next round.
  void start();
  /// Looks again: the function has come back, or an instance has become free.
  void wake();

 private:
  /// Shared with what is under way, which outlives the poller: a batch that was received is
  /// settled.
  struct State;
  std::shared_ptr<State> state_;

  static void watch(const std::shared_ptr<State>& state);
  static void go_on(const std::shared_ptr<State>& state);
  static void watch_later(const std::shared_ptr<State>& state);
  static void end_window(const std::shared_ptr<State>& state);
  static bool hand_over(const std::shared_ptr<State>& state);
  static void count(const std::shared_ptr<State>& state, std::uint64_t MappingCounts::* what,
                    std::size_t events);
  static runtime::Task<> fill(std::shared_ptr<State> state);
  static runtime::Task<> gather(std::shared_ptr<State> state);
  static runtime::Task<> settle(std::shared_ptr<State> state,
                                std::vector<services::QueueMessage> batch, Result result);
};

}  // namespace matinee::lambda

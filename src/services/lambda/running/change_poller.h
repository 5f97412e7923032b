// Reads one stream of a table for one function: in the order of the changes of each item, a batch
// until it has succeeded or is given up. What has been done is kept, so that a restart goes on
// there; a batch that was under way comes again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "patterns/pattern.h"
#include "runtime/runtime.h"
#include "runtime/task.h"
#include "services/change_source.h"
#include "services/lambda/running/change_events.h"
#include "services/lambda/running/invocation.h"
#include "services/lambda/running/measures.h"

namespace matinee::lambda {

struct ChangePollerSettings {
  services::ChangeReader reader;
  std::size_t batch_size = 100;
  runtime::Duration window{};              // for which changes are gathered
  std::chrono::seconds tumbling{};         // TumblingWindowInSeconds; zero: none. Needs one lane
  std::vector<patterns::Pattern> filters;  // one must match; all do where there are none
  bool reports_failures = false;
  bool bisects = false;
  std::size_t lanes = 1;                      // ParallelizationFactor: batches at a time
  std::optional<std::uint32_t> most_retries;  // without: until the changes are too old
  /// What a stream has lost by then is not tried for ever.
  std::chrono::seconds oldest = std::chrono::hours(24);
};

/// Where changes that are given up are in their stream.
struct ChangeSpan {
  std::string shard;
  std::string first;  // sequence numbers
  std::string last;
  std::int64_t first_at = 0;  // in seconds since the epoch
  std::int64_t last_at = 0;
  std::uint64_t count = 0;
};

/// What became of a batch, or of the last call of a window, that is given up.
struct GivenUp {
  ChangeSpan span;
  std::string_view condition;  // "RetryAttemptsExhausted", "RecordAgeExceeded"
  std::uint32_t calls = 0;
  const Result* result = nullptr;  // of the last call; null where there was none
  const std::string& event;        // what the function got, or would have got
  const Changes& changes;          // none for the last call of a window
};

/// How far a stream has been read.
struct ChangeProgress {
  std::string after;                   // the last change that is done, or given up
  std::optional<ChangeWindow> window;  // that is open then
};

/// What it asks of the service.
struct ChangePollerHost {
  runtime::Runtime& runtime;
  services::ChangeSource& source;
  services::ChangeWatch& watches;
  /// Calls the function, and later `done`, once; false where it cannot be called now.
  std::function<bool(std::string event, const Changes& changes,
                     std::move_only_function<void(Result)> done)>
      call;
  /// Kept before it returns.
  std::function<void(const ChangeProgress& progress)> keep;
  std::function<void(const GivenUp& batch)> give_up;
  /// Changes that no filter wants. At most some of them.
  std::function<void(const Changes& changes)> tell_unwanted;
  /// What the mapping counts now; null where it does not.
  std::function<MappingCounts*()> counts;
};

/// What a poller does at the moment.
struct ChangePollerStatus {
  std::string after;                             // the last change that is done
  std::optional<ChangeWindow> window;            // tumbling, open
  std::optional<runtime::Time> gathering_until;  // the batch waits for more changes
  std::size_t gathered = 0;                      // changes that wait for that
  std::uint32_t failures = 0;                    // calls with the batch under way that have failed
  std::string failing_from;                      // the first change of such a batch
  std::string last_failure;                      // in words
  std::string trouble;                           // why the stream cannot be read; empty: it can
  bool is_held_up = false;                       // the function cannot be called now
};

class ChangePoller {
 public:
  /// Begins after a change, empty: with the oldest; in a window that is open.
  ChangePoller(ChangePollerHost host, ChangePollerSettings settings, ChangeProgress progress);
  /// What is under way ends without being kept.
  ~ChangePoller();
  ChangePoller(const ChangePoller&) = delete;
  ChangePoller& operator=(const ChangePoller&) = delete;

  /// Begins with the loop's next round.
  void start();
  /// Looks again: the function has come back, or an instance has become free.
  void wake();
  /// What it does at the moment, for `matinee why`.
  ChangePollerStatus status() const;

 private:
  /// Shared with what is under way, which outlives the poller.
  struct State;
  std::shared_ptr<State> state_;

  // change_poller.cpp
  static runtime::Task<> run(std::shared_ptr<State> state);
  static runtime::Task<bool> read(std::shared_ptr<State> state);
  static runtime::Task<> wait(std::shared_ptr<State> state, std::optional<runtime::Time> until);
  static runtime::Task<> run_page(std::shared_ptr<State> state, Changes page);
  static runtime::Task<> run_lane(std::shared_ptr<State> state, Changes lane, bool is_only);

  // change_batches.cpp
  static runtime::Task<> run_batch(std::shared_ptr<State> state, Changes batch,
                                   std::uint32_t calls);
  static runtime::Task<> call_window(std::shared_ptr<State> state, WindowCall kind);
  static runtime::Task<Result> call(std::shared_ptr<State> state, std::string event,
                                    const Changes& batch);
  static runtime::Task<> pause(std::shared_ptr<State> state, runtime::Duration duration,
                               bool ends_when_woken = false);
};

}  // namespace matinee::lambda

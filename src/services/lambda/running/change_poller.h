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
#include "services/lambda/running/invocation.h"
#include "services/lambda/running/measures.h"

namespace matinee::lambda {

struct ChangePollerSettings {
  services::ChangeReader reader;
  std::size_t batch_size = 100;
  runtime::Duration window{};
  std::vector<patterns::Pattern> filters;  // one must match; all do where there are none
  bool reports_failures = false;
  bool bisects = false;
  std::size_t lanes = 1;                      // ParallelizationFactor: batches at a time
  std::optional<std::uint32_t> most_retries;  // without: until the changes are too old
  /// What a stream has lost by then is not tried for ever.
  std::chrono::seconds oldest = std::chrono::hours(24);
};

using Changes = std::vector<services::Change>;

/// What became of a batch that is given up.
struct GivenUp {
  const Changes& changes;
  std::string_view condition;  // "RetryAttemptsExhausted", "RecordAgeExceeded"
  std::uint32_t calls = 0;
  const Result* result = nullptr;  // of the last call; null where there was none
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
  /// Everything up to that change is done, or given up: kept before it returns.
  std::function<void(const std::string& sequence)> keep;
  std::function<void(const GivenUp& batch)> give_up;
  /// What the mapping counts now; null where it does not.
  std::function<MappingCounts*()> counts;
};

class ChangePoller {
 public:
  /// Begins after a change; empty: with the oldest.
  ChangePoller(ChangePollerHost host, ChangePollerSettings settings, std::string after);
  /// What is under way ends without being kept.
  ~ChangePoller();
  ChangePoller(const ChangePoller&) = delete;
  ChangePoller& operator=(const ChangePoller&) = delete;

  /// Begins with the loop's next round.
  void start();
  /// Looks again: the function has come back, or an instance has become free.
  void wake();

 private:
  /// Shared with what is under way, which outlives the poller.
  struct State;
  std::shared_ptr<State> state_;

  static runtime::Task<> run(std::shared_ptr<State> state);
  static runtime::Task<> run_page(std::shared_ptr<State> state, Changes page);
  static runtime::Task<> run_lane(std::shared_ptr<State> state, Changes lane, bool is_only);
  static runtime::Task<> run_batch(std::shared_ptr<State> state, Changes batch,
                                   std::uint32_t calls);
  static runtime::Task<Result> call(std::shared_ptr<State> state, const Changes& batch);
  static runtime::Task<> pause(std::shared_ptr<State> state, runtime::Duration duration);
};

/// The number of the first change that an answer reports as failed, by AWS's rules for
/// ReportBatchItemFailures: the batch's size where it reports none, 0 where the whole batch counts
/// as failed.
std::size_t first_failure(const std::string& answer, const Changes& batch);

}  // namespace matinee::lambda

// Runs of jobs such as `matinee run movies`, as they tell of themselves: in memory, and not more
// than fit there.
#pragma once

#include <string>
#include <vector>

#include "insight/shapes.h"
#include "runtime/clock.h"

namespace matinee::insight {

/// State thread only. `now` is always the machine's clock: programs run by it, whatever time it is
/// in the cloud.
class JobRuns {
 public:
  /// Of an account. Beyond it, or beyond `most` of all accounts together, the run goes of which
  /// nothing was heard for the longest.
  static constexpr std::size_t most_of_account = 100;
  static constexpr std::size_t most = 1000;
  /// A run that goes on says something every second: after such a pause its program was killed, or
  /// hangs.
  static constexpr runtime::Duration silent_after = std::chrono::seconds(10);

  /// A new run, or what is new of one. False where the run has ended already: it stays as it is.
  bool tell(const std::string& account, Job job, runtime::Time now);
  /// The one that began last comes first.
  std::vector<Job> runs_of(const std::string& account, runtime::Time now) const;

 private:
  struct Run {
    std::string account;
    Job job;
    runtime::Time told;
  };

  std::vector<Run> runs_;  // as they began

  void forget_one(const std::string* account);
};

}  // namespace matinee::insight

#include "services/insight/job_runs.h"

#include <algorithm>
#include <ranges>

namespace matinee::insight {

bool JobRuns::tell(const std::string& account, Job job, runtime::Time now) {
  const auto known = std::ranges::find_if(
      runs_, [&](const Run& run) { return run.account == account && run.job.id == job.id; });
  if (known != runs_.end()) {
    if (known->job.state != "running") return false;
    known->job = std::move(job);
    known->told = now;
    return true;
  }
  const auto of_account = std::ranges::count(runs_, account, &Run::account);
  if (static_cast<std::size_t>(of_account) >= most_of_account)
    forget_one(&account);
  else if (runs_.size() >= most)
    forget_one(nullptr);
  runs_.push_back({.account = account, .job = std::move(job), .told = now});
  return true;
}

/// Of an account, or of any; there is one.
void JobRuns::forget_one(const std::string* account) {
  auto quietest = runs_.end();
  for (auto run = runs_.begin(); run != runs_.end(); ++run) {
    if (account && run->account != *account) continue;
    if (quietest == runs_.end() || run->told < quietest->told) quietest = run;
  }
  runs_.erase(quietest);
}

std::vector<Job> JobRuns::runs_of(const std::string& account, runtime::Time now) const {
  std::vector<Job> found;
  for (const Run& run : runs_ | std::views::reverse) {
    if (run.account != account) continue;
    Job& job = found.emplace_back(run.job);
    job.told_at = run.told;
    job.silent = job.state == "running" && now - run.told >= silent_after;
  }
  return found;
}

}  // namespace matinee::insight

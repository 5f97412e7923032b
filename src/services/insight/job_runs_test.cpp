// Runs of jobs, as they are kept.
#include "services/insight/job_runs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace matinee::insight {
namespace {

using std::chrono::seconds;

constexpr runtime::Time start{std::chrono::hours(500'000)};

Job run(std::string id, std::string state = "running") {
  Job job;
  job.id = std::move(id);
  job.state = std::move(state);
  return job;
}

std::vector<std::string> ids_of(const std::vector<Job>& jobs) {
  std::vector<std::string> ids;
  for (const Job& job : jobs) ids.push_back(job.id.value_or(""));
  return ids;
}

TEST(JobRuns, the_last_one_comes_first_and_an_account_sees_its_own) {
  JobRuns runs;
  EXPECT_TRUE(runs.tell("1", run("a"), start));
  EXPECT_TRUE(runs.tell("1", run("b"), start));
  EXPECT_TRUE(runs.tell("2", run("a", "failed"), start));
  EXPECT_TRUE(runs.tell("1", run("a"), start + seconds(1)));
  EXPECT_EQ(ids_of(runs.runs_of("1", start)), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(runs.runs_of("1", start)[1].told_at, start + seconds(1));
  EXPECT_EQ(runs.runs_of("2", start)[0].state, "failed");
  EXPECT_TRUE(runs.runs_of("3", start).empty());
}

TEST(JobRuns, a_run_that_has_ended_stays_as_it_is) {
  JobRuns runs;
  EXPECT_TRUE(runs.tell("1", run("a"), start));
  EXPECT_TRUE(runs.tell("1", run("a", "done"), start));
  EXPECT_FALSE(runs.tell("1", run("a"), start));
  EXPECT_EQ(runs.runs_of("1", start)[0].state, "done");
}

TEST(JobRuns, a_run_is_silent_after_ten_seconds_unless_it_has_ended) {
  JobRuns runs;
  runs.tell("1", run("ended", "done"), start);
  runs.tell("1", run("going"), start);
  EXPECT_EQ(runs.runs_of("1", start + seconds(9))[0].silent, false);
  EXPECT_EQ(runs.runs_of("1", start + seconds(10))[0].silent, true);
  EXPECT_EQ(runs.runs_of("1", start + seconds(10))[1].silent, false);
  runs.tell("1", run("going"), start + seconds(10));
  EXPECT_EQ(runs.runs_of("1", start + seconds(10))[0].silent, false);
}

TEST(JobRuns, of_too_many_the_one_goes_of_which_nothing_was_heard_for_the_longest) {
  JobRuns runs;
  for (std::size_t i = 0; i < JobRuns::most_of_account; ++i)
    runs.tell("1", run(fmt::format("{}", i)), start + seconds(i));
  runs.tell("1", run("0"), start + seconds(1000));
  runs.tell("2", run("of another"), start);
  runs.tell("1", run("new"), start + seconds(1001));
  const std::vector<Job> left = runs.runs_of("1", start);
  EXPECT_EQ(left.size(), JobRuns::most_of_account);
  EXPECT_EQ(left.front().id, "new");
  EXPECT_EQ(left.back().id, "0");
  EXPECT_EQ(left[left.size() - 2].id, "2");  // 1 has gone
  EXPECT_EQ(runs.runs_of("2", start).size(), 1U);
}

TEST(JobRuns, all_accounts_together_have_a_limit_too) {
  JobRuns runs;
  for (std::size_t i = 0; i <= JobRuns::most; ++i)
    runs.tell(fmt::format("{}", i), run("a"), start + seconds(i));
  EXPECT_TRUE(runs.runs_of("0", start).empty());
  EXPECT_EQ(runs.runs_of("1", start).size(), 1U);
  EXPECT_EQ(runs.runs_of(fmt::format("{}", JobRuns::most), start).size(), 1U);
}

}  // namespace
}  // namespace matinee::insight

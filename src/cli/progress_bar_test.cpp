#include "cli/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

using jobs::movies::Phase;
using jobs::movies::Progress;
using jobs::movies::Role;

TEST(ProgressLine, a_job_half_way_shows_half_a_bar_and_its_rate) {
  const Progress progress{.phase = Phase::moving, .count = 1000, .sent = 700, .stored = 500};
  const std::string line = progress_line(progress, std::chrono::seconds(2), Screen{100});
  EXPECT_THAT(line, testing::HasSubstr(" 50%  700 sent, 500 stored, 250/s"));
  EXPECT_THAT(line, testing::HasSubstr("███████████████░░░░░░░░░░░░░░░"));
}

TEST(ProgressLine, a_screen_without_blocks_gets_other_characters_and_a_log_gets_none) {
  const Progress progress{.phase = Phase::moving, .count = 1000, .sent = 700, .stored = 500};
  const auto drawn = [&](BarStyle bar) {
    return progress_line(progress, std::chrono::seconds(2), {.columns = 100, .bar = bar});
  };
  EXPECT_THAT(drawn(BarStyle::ascii), testing::HasSubstr("###############---------------  50%"));
  EXPECT_EQ(drawn(BarStyle::none), "Moving      50%  700 sent, 500 stored, 250/s");
}

TEST(ProgressLine, only_what_this_run_has_stored_counts_for_its_rate) {
  const Progress progress{
      .phase = Phase::moving, .count = 1000, .sent = 700, .stored = 500, .stored_before = 400};
  EXPECT_THAT(progress_line(progress, std::chrono::seconds(2), Screen{100}),
              testing::HasSubstr(" 50%  700 sent, 500 stored, 50/s"));
}

TEST(ProgressLine, one_end_of_the_queue_shows_its_own_progress_alone) {
  Progress progress{.phase = Phase::moving, .role = Role::produce, .count = 1000, .sent = 700};
  EXPECT_THAT(progress_line(progress, std::chrono::seconds(2), Screen{100}),
              testing::EndsWith(" 70%  700 sent, 350/s"));
  progress = {.phase = Phase::moving, .role = Role::consume, .count = 1000, .stored = 500};
  EXPECT_THAT(progress_line(progress, std::chrono::seconds(2), Screen{100}),
              testing::EndsWith(" 50%  500 stored, 250/s"));
}

TEST(ProgressLine, a_narrow_screen_gets_no_bar_and_no_second_line) {
  const Progress progress{.phase = Phase::moving, .count = 1000, .sent = 700, .stored = 500};
  const std::string line = progress_line(progress, std::chrono::seconds(2), Screen{30});
  EXPECT_LT(line.size() + std::string_view("^C").size(), 30U);
  EXPECT_THAT(line, testing::StartsWith("Moving"));
}

TEST(ProgressLine, only_what_is_complete_is_at_100_percent) {
  const Progress progress{.phase = Phase::moving, .count = 5000, .sent = 5000, .stored = 4999};
  EXPECT_THAT(progress_line(progress, std::chrono::seconds(2), Screen{100}),
              testing::HasSubstr(" 99%"));
}

TEST(ProgressLine, an_empty_job_is_complete) {
  EXPECT_THAT(progress_line({.phase = Phase::verifying}, std::chrono::seconds(0), Screen{80}),
              testing::HasSubstr("100%"));
}

TEST(ToldProgress, it_is_of_the_phase_that_goes_on) {
  Progress progress{.phase = Phase::moving, .count = 1000, .sent = 700, .stored = 500};
  JobProgress told = told_progress(progress, std::chrono::seconds(2));
  EXPECT_EQ(told.done, 500U);
  EXPECT_EQ(told.total, 1000U);
  EXPECT_EQ(told.doing, "Moving: 700 sent, 500 stored, 250/s");
  progress.phase = Phase::exporting;
  progress.exported = 40;
  told = told_progress(progress, std::chrono::seconds(2));
  EXPECT_EQ(told.done, 40U);
  EXPECT_EQ(told.doing, "Exporting: 40 of 1,000 movies");
  told = told_progress(Progress(), std::chrono::seconds(0));
  EXPECT_FALSE(told.total);
  EXPECT_EQ(told.doing, "Preparing");
}

}  // namespace
}  // namespace matinee::cli

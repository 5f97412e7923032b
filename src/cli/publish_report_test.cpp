#include "cli/publish_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/simulated/simulated_loop.h"

namespace matinee::cli {
namespace {

using jobs::publish::Phase;
using jobs::publish::Progress;
using testing::HasSubstr;

/// Keeps what is written to it.
class FakeTerminal final : public runtime::Terminal {
 public:
  void out(std::string_view text) override { output += text; }
  void error(std::string_view text) override { errors += text; }
  bool has_lost_output() const override { return false; }
  bool is_interactive() const override { return false; }
  bool shows_unicode() const override { return true; }
  int columns() const override { return 80; }
  std::string input() override { return ""; }

  std::string output;
  std::string errors;
};

Progress half_way() {
  return {.phase = Phase::publishing,
          .pages = 12,
          .seen = 12'000,
          .published = 9'000,
          .skipped = 3'000,
          .share = 0.5};
}

TEST(PublishLine, it_shows_a_bar_the_counts_and_the_rate) {
  const std::string line = publish_line(half_way(), std::chrono::seconds(4), Screen{100});
  EXPECT_THAT(line, HasSubstr("███████████████░░░░░░░░░░░░░░░  50%"));
  EXPECT_THAT(line, testing::EndsWith("9,000 published, 3,000 before, 3,000/s"));
}

TEST(PublishLine, failures_are_shown_where_there_are_any) {
  Progress progress = half_way();
  progress.failed = 7;
  EXPECT_THAT(publish_line(progress, std::chrono::seconds(4), Screen{100}), HasSubstr("7 failed"));
}

TEST(PublishLog, each_line_is_an_object_with_its_time) {
  runtime::SimulatedLoop loop;
  FakeTerminal screen;
  PublishLog log(screen, loop);
  log.note("Going on with \"it\".");
  EXPECT_EQ(screen.errors,
            "{\"time\":\"2024-01-01T00:00:00.000Z\",\"level\":\"info\",\"event\":\"note\","
            "\"message\":\"Going on with \\\"it\\\".\"}\n");
}

TEST(PublishLog, figures_come_every_five_seconds) {
  runtime::SimulatedLoop loop;
  FakeTerminal screen;
  PublishLog log(screen, loop);
  loop.advance(std::chrono::milliseconds(4999));
  log.progress(half_way());
  EXPECT_EQ(screen.errors, "");
  loop.advance(std::chrono::milliseconds(1));
  log.progress(half_way());
  log.progress(half_way());
  EXPECT_EQ(std::ranges::count(screen.errors, '\n'), 1);
  EXPECT_THAT(screen.errors, HasSubstr("\"event\":\"progress\",\"pages_listed\":12,"));
}

TEST(ToldPublish, it_counts_what_is_done_with_and_guesses_the_share) {
  const JobProgress told = told_progress(half_way(), std::chrono::seconds(4));
  EXPECT_EQ(told.done, 12'000U);
  EXPECT_FALSE(told.total);
  EXPECT_EQ(told.share, 0.5);
  EXPECT_EQ(told.doing, "Publishing: 9,000 published, 3,000 before, 3,000/s");
}

}  // namespace
}  // namespace matinee::cli

#include "delivery/retry_times.h"

#include <gtest/gtest.h>

#include "runtime/simulated/seeded_random.h"

namespace matinee::delivery {
namespace {

using services::RetryPolicy;
using std::chrono::seconds;
using Growth = services::RetryPhase::Growth;

std::vector<double> waits_of(const RetryPolicy& policy, std::uint32_t most = 300'000) {
  runtime::SeededRandom random(1);
  std::vector<double> waits;
  for (std::uint32_t tries = 1; tries <= most; ++tries) {
    const auto wait = wait_after(policy, tries, random);
    if (!wait) break;
    waits.push_back(std::chrono::duration<double>(*wait).count());
  }
  return waits;
}

TEST(RetryTimes, of_topics_to_queues_are_as_documented) {
  const std::vector<double> waits = waits_of({.kind = RetryPolicy::Kind::topic});
  EXPECT_EQ(waits.size(), 100'015u);
  EXPECT_EQ(std::vector<double>(waits.begin(), waits.begin() + 5),
            (std::vector<double>{0, 0, 0, 1, 1}));
  EXPECT_EQ(waits[5], 1);
  EXPECT_EQ(waits[14], 20);
  EXPECT_LT(waits[10], 10);  // most of the way comes last
  EXPECT_EQ(waits.back(), 20);
}

TEST(RetryTimes, of_topics_to_people_are_fifty_over_six_hours) {
  const std::vector<double> waits = waits_of({.kind = RetryPolicy::Kind::topic_people});
  EXPECT_EQ(waits.size(), 50u);
  double sum = 0;
  for (const double wait : waits) sum += wait;
  EXPECT_GT(sum, 6 * 3600);
  EXPECT_LT(sum, 8 * 3600);
}

TEST(RetryTimes, of_events_are_185_in_about_a_day) {
  const std::vector<double> waits = waits_of({.kind = RetryPolicy::Kind::event});
  EXPECT_EQ(waits.size(), 185u);
  double sum = 0;
  for (const double wait : waits) sum += wait;
  EXPECT_GT(sum, 20 * 3600);
  EXPECT_LT(sum, 25 * 3600);
  EXPECT_EQ(patience_of({.kind = RetryPolicy::Kind::event}), std::chrono::hours(24));
  EXPECT_EQ(waits_of({.kind = RetryPolicy::Kind::event, .most_retries = 0}).size(), 0u);
}

TEST(RetryTimes, grow_as_the_phase_says) {
  const auto grown = [](Growth growth) {
    return waits_of(
        {.kind = RetryPolicy::Kind::phases,
         .phases = {{.count = 5, .first = seconds(10), .last = seconds(50), .growth = growth}}});
  };
  EXPECT_EQ(grown(Growth::linear), (std::vector<double>{10, 20, 30, 40, 50}));
  for (const Growth growth : {Growth::arithmetic, Growth::geometric, Growth::exponential}) {
    const std::vector<double> waits = grown(growth);
    EXPECT_EQ(waits.front(), 10);
    EXPECT_EQ(waits.back(), 50);
    EXPECT_LT(waits[2], 30);
    EXPECT_TRUE(std::ranges::is_sorted(waits));
  }
}

TEST(RetryTimes, of_one_retry_and_of_none) {
  EXPECT_EQ(waits_of({.kind = RetryPolicy::Kind::phases,
                      .phases = {{.count = 1, .first = seconds(5), .last = seconds(7)}}}),
            std::vector<double>{7});
  EXPECT_TRUE(waits_of({.kind = RetryPolicy::Kind::never}).empty());
  EXPECT_TRUE(waits_of({.kind = RetryPolicy::Kind::phases}).empty());
}

}  // namespace
}  // namespace matinee::delivery

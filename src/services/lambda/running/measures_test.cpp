// What a minute of calls becomes in CloudWatch.
#include "services/lambda/running/measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"

namespace matinee::lambda {

using services::MetricSummary;
using services::MetricValue;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using namespace std::chrono_literals;

namespace {

class Notes final : public services::MetricSink {
 public:
  /// "Name dimension=value,...", and its summary.
  std::map<std::string, MetricSummary> summaries;

  void put_metric(const MetricValue&) override {}
  void put_summary(const MetricValue& metric, const MetricSummary& summary) override {
    std::string name = metric.name;
    for (const auto& [dimension, value] : metric.dimensions) name += " " + dimension + "=" + value;
    summaries[name] = summary;
  }
};

}  // namespace

class MeasuresTest : public testing::Test {
 protected:
  runtime::Simulation machine;
  runtime::Runtime runtime = machine.runtime();
  Notes notes;
  std::unique_ptr<storage::Store> store =
      storage::Store::open({.directory = "/data", .disk = &machine.disk}).value();
  Measures measures{*store, runtime, &notes};
  const FunctionKey function{"000000000000", "us-east-1", "f"};

  MeasuresTest() {
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush().has_value()); });
  }
  void end_minute() {
    machine.loop.advance(1min);
    machine.loop.run_until_idle();
  }
};

TEST_F(MeasuresTest, errors_and_throttles_are_shares_of_the_calls) {
  CallCounts& counts = measures.of({function, "", ""});
  counts.invocations = 4;
  counts.errors = 1;
  counts.throttles = 2;
  EXPECT_THAT(notes.summaries, IsEmpty());
  end_minute();
  EXPECT_EQ(notes.summaries["Invocations FunctionName=f"].sum, 4);
  EXPECT_EQ(notes.summaries["Invocations"].sum, 4);
  const MetricSummary errors = notes.summaries["Errors FunctionName=f Resource=f"];
  EXPECT_EQ(errors.count, 4);
  EXPECT_EQ(errors.sum, 1);
  EXPECT_THAT(errors.values, ElementsAre(Pair(0, 3), Pair(1, 1)));
  EXPECT_EQ(notes.summaries["Throttles FunctionName=f"].sum, 2);
  EXPECT_FALSE(notes.summaries.contains("Duration FunctionName=f"));
  notes.summaries.clear();
  end_minute();
  EXPECT_THAT(notes.summaries, IsEmpty());
}

TEST_F(MeasuresTest, calls_of_an_alias_are_told_by_the_version_that_ran_too) {
  measures.of({function, "live", "3"}).invocations = 1;
  end_minute();
  EXPECT_EQ(notes.summaries["Invocations FunctionName=f Resource=f:live ExecutedVersion=3"].sum, 1);
  EXPECT_EQ(notes.summaries["Invocations FunctionName=f Resource=f:live"].sum, 1);
}

TEST_F(MeasuresTest, what_many_functions_have_counted_is_stored_by_and_by) {
  for (int i = 0; i < 50; ++i)
    measures.of({{"000000000000", "us-east-1", "f" + std::to_string(i)}, "", ""}).invocations = 1;
  end_minute();
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(notes.summaries["Invocations FunctionName=f" + std::to_string(i)].sum, 1);
}

TEST(Values, sums_are_exact_and_what_is_near_to_each_other_counts_as_one) {
  Values values;
  for (int i = 0; i < 100'000; ++i) values.add(1 + i * 0.001);
  const MetricSummary summary = values.summary();
  EXPECT_EQ(summary.count, 100'000);
  EXPECT_NEAR(summary.sum, 5'099'950, 1);
  EXPECT_EQ(summary.minimum, 1);
  EXPECT_NEAR(summary.maximum, 100.999, 0.0001);
  EXPECT_LT(summary.values.size(), 4000U);
  double counted = 0;
  for (const auto& [value, count] : summary.values) counted += count;
  EXPECT_EQ(counted, 100'000);
  Values few;
  for (const double value : {0.0, 2.5, 2.5, 7.25}) few.add(value);
  EXPECT_THAT(few.summary().values, ElementsAre(Pair(0, 1), Pair(2.5, 2), Pair(7.25, 1)));
}

}  // namespace matinee::lambda

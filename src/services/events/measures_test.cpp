// What rules count for CloudWatch.
#include "services/events/measures.h"

#include <gmock/gmock.h>

#include <map>

namespace matinee::events {
namespace {

using Outcome = services::DeliveryResult::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// Values by "Metric", with "Dimension=value" behind it.
class Sink final : public services::MetricSink {
 public:
  std::map<std::string, double> values;

  void put_metric(const services::MetricValue& value) override {
    std::string name = value.name;
    for (const auto& [dimension, of] : value.dimensions) name += " " + dimension + "=" + of;
    values[name] += value.value;
  }
  void put_summary(const services::MetricValue&, const services::MetricSummary&) override {
    ADD_FAILURE() << "counts have no summary";
  }
};

services::DeliveryResult result(Outcome outcome, std::uint32_t tries = 1) {
  return {.outcome = outcome, .tries = tries};
}

std::map<std::string, double> told(const std::string& arn, const RuleCounts& counts) {
  Sink sink;
  put_counts(arn, counts, {}, sink);
  return sink.values;
}

const std::string daily = "arn:aws:events:us-east-1:000000000000:rule/daily";

}  // namespace

TEST(RuleMeasures, tries_are_counted_each_and_invocations_when_they_have_ended) {
  RuleCounts counts;
  const services::Delivery delivery{.via = "rule"};
  counts.add(delivery, result(Outcome::put_off, 1));
  EXPECT_THAT(told(daily, counts), ElementsAre(Pair("InvocationAttempts", 1),
                                               Pair("InvocationAttempts RuleName=daily", 1)));
  counts.add(delivery, result(Outcome::put_off, 2));
  counts.add(delivery, result(Outcome::delivered, 3));
  const std::map<std::string, double> values = told(daily, counts);
  EXPECT_EQ(values.at("InvocationAttempts RuleName=daily"), 3);
  EXPECT_EQ(values.at("RetryInvocationAttempts RuleName=daily"), 2);
  EXPECT_EQ(values.at("SuccessfulInvocationAttempts RuleName=daily"), 1);
  EXPECT_EQ(values.at("Invocations RuleName=daily"), 1);
  EXPECT_FALSE(values.contains("FailedInvocations RuleName=daily"));
}

TEST(RuleMeasures, dead_letters_are_no_invocations) {
  RuleCounts counts;
  counts.add({.via = "rule"}, result(Outcome::dead_lettered));
  const services::Delivery letter{.via = std::string(services::via_dead_letters)};
  counts.add(letter, result(Outcome::put_off));
  counts.add(letter, result(Outcome::delivered));
  counts.add(letter, result(Outcome::dropped));
  const std::map<std::string, double> values = told(daily, counts);
  EXPECT_EQ(values.at("Invocations RuleName=daily"), 1);
  EXPECT_EQ(values.at("FailedInvocations RuleName=daily"), 1);
  EXPECT_EQ(values.at("InvocationsSentToDlq RuleName=daily"), 1);
  EXPECT_EQ(values.at("InvocationsFailedToBeSentToDlq RuleName=daily"), 1);
  EXPECT_EQ(values.at("InvocationAttempts RuleName=daily"), 1);
}

TEST(RuleMeasures, a_bus_counts_what_has_matched_and_only_ones_own_is_named) {
  const RuleCounts counts{.matched = 2};
  EXPECT_THAT(told("arn:aws:events:us-east-1:000000000000:event-bus/default", counts),
              ElementsAre(Pair("MatchedEvents", 2)));
  EXPECT_THAT(told("arn:aws:events:us-east-1:000000000000:event-bus/own", counts),
              ElementsAre(Pair("MatchedEvents", 2), Pair("MatchedEvents EventBusName=own", 2)));
  EXPECT_THAT(told("arn:aws:sqs:us-east-1:000000000000:queue", counts), IsEmpty());
}

TEST(RuleMeasures, a_rule_of_ones_own_bus_is_named_with_it) {
  const RuleCounts counts{.triggered = 4};
  EXPECT_THAT(told("arn:aws:events:us-east-1:000000000000:rule/own/daily", counts),
              ElementsAre(Pair("TriggeredRules", 4),
                          Pair("TriggeredRules EventBusName=own RuleName=daily", 4)));
}

}  // namespace matinee::events

#include "faults/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matinee::faults {
namespace {

using protocol::ErrorInfo;

constexpr ErrorInfo no_queue{.name = "QueueDoesNotExist",
                             .code = "QueueDoesNotExist",
                             .query_code = "AWS.SimpleQueueService.NonExistentQueue",
                             .status = 400,
                             .sender_fault = true,
                             .members = nullptr};
constexpr ErrorInfo throttled{.name = "RequestThrottled",
                              .code = "RequestThrottled",
                              .query_code = "RequestThrottled",
                              .status = 403,
                              .sender_fault = true,
                              .members = nullptr};
constexpr std::array queue_errors = {&no_queue, &throttled};
extern const protocol::ServiceModel queues;
const protocol::Operation send{.service = &queues, .name = "SendMessage"};
const std::array queue_operations = {&send};
const protocol::ServiceModel queues{.name = "sqs",
                                    .id = "SQS",
                                    .protocol = protocol::Protocol::json,
                                    .operations = queue_operations,
                                    .errors = queue_errors};
const protocol::ServiceModel buckets{
    .name = "s3", .id = "S3", .protocol = protocol::Protocol::rest_xml, .operations = {}};
const std::array models = {&queues, &buckets};

const std::vector<std::string> orders = {"arn:aws:sqs:us-east-1:000000000000:orders"};

Call sending(const std::vector<std::string>& resources = orders) {
  return {.model = &queues,
          .service = "sqs",
          .operation = "SendMessage",
          .resources = resources,
          .caller_arn = "arn:aws:iam::000000000000:user/ada",
          .access_key = "AKIAADA"};
}

class FaultPlan : public testing::Test {
 protected:
  FaultPlan() {
    plan.know(models);
    plan.use_seed(7);
  }
  /// Which of `count` calls are hit.
  std::vector<bool> ask(int count) {
    std::vector<bool> hits;
    for (int i = 0; i < count; ++i) hits.push_back(!plan.judge(sending()).ids.empty());
    return hits;
  }

  Plan plan;
};

TEST_F(FaultPlan, names_patterns_and_arns_choose_calls) {
  const auto is_for_sending = [](const Rule& rule) { return concerns(rule, sending()); };
  EXPECT_TRUE(is_for_sending({}));
  EXPECT_TRUE(is_for_sending({.service = "SQS", .operation = "Send*", .resource = "orders"}));
  EXPECT_TRUE(is_for_sending({.resource = "arn:aws:sqs:*:orders"}));
  EXPECT_TRUE(is_for_sending({.caller = "*user/ada"}));
  EXPECT_TRUE(is_for_sending({.caller = "AKIAADA"}));
  EXPECT_FALSE(is_for_sending({.service = "sns"}));
  EXPECT_FALSE(is_for_sending({.operation = "Receive*"}));
  EXPECT_FALSE(is_for_sending({.resource = "order"}));
  EXPECT_FALSE(is_for_sending({.caller = "*user/grace"}));
}

TEST_F(FaultPlan, tables_functions_and_buckets_go_by_their_names) {
  const auto matches = [](std::string pattern, std::string arn) {
    const std::vector<std::string> resources = {std::move(arn)};
    return concerns({.resource = std::move(pattern)}, sending(resources));
  };
  EXPECT_TRUE(matches("films", "arn:aws:dynamodb:us-east-1:000000000000:table/films"));
  EXPECT_TRUE(matches("films", "arn:aws:dynamodb:us-east-1:000000000000:table/films/index/year"));
  EXPECT_TRUE(matches("encode", "arn:aws:lambda:us-east-1:000000000000:function:encode"));
  EXPECT_TRUE(matches("reels", "arn:aws:s3:::reels/1927/metropolis"));
  EXPECT_TRUE(matches("reels/1927/*", "arn:aws:s3:::reels/1927/metropolis"));
  EXPECT_FALSE(matches("reels/1928/*", "arn:aws:s3:::reels/1927/metropolis"));
  EXPECT_FALSE(matches("metropolis", "arn:aws:s3:::reels/metropolis"));
}

TEST_F(FaultPlan, a_fault_hits_each_nth_call_and_so_often_as_it_may) {
  plan.add({.action = Action::reset, .every = 3, .times = 2});
  EXPECT_THAT(ask(10), testing::ElementsAre(false, false, true, false, false, true, false, false,
                                            false, false));
  EXPECT_EQ(plan.faults().front().asked, 10);
  EXPECT_EQ(plan.faults().front().hits, 2);
}

TEST_F(FaultPlan, a_probability_holds_over_many_calls) {
  plan.add({.action = Action::reset, .probability = 0.25});
  const std::vector<bool> hits = ask(10'000);
  EXPECT_NEAR(std::ranges::count(hits, true), 2500, 150);
}

TEST_F(FaultPlan, the_same_seed_draws_the_same_whatever_other_faults_there_are) {
  plan.add({.action = Action::reset, .probability = 0.5});
  const std::vector<bool> first = ask(64);
  plan.use_seed(7);
  EXPECT_EQ(ask(64), first);
  plan.use_seed(8);
  EXPECT_NE(ask(64), first);
  plan.add({.action = Action::latency,
            .service = "sqs",
            .probability = 0.5,
            .latency = Span{.least = std::chrono::seconds(1), .most = std::chrono::seconds(2)}});
  plan.use_seed(7);
  std::vector<bool> of_first;
  for (int i = 0; i < 64; ++i) of_first.push_back(plan.judge(sending()).fate == Action::reset);
  EXPECT_EQ(of_first, first);
}

TEST_F(FaultPlan, latencies_lie_in_their_range_and_differ) {
  plan.add({.action = Action::latency, .latency = find_span("100ms..2s")});
  std::set<runtime::Duration> drawn;
  for (int i = 0; i < 100; ++i) drawn.insert(plan.judge(sending()).latency);
  EXPECT_GE(*drawn.begin(), std::chrono::milliseconds(100));
  EXPECT_LE(*drawn.rbegin(), std::chrono::seconds(2));
  EXPECT_GT(drawn.size(), 90);
}

TEST_F(FaultPlan, one_call_may_be_hit_by_several) {
  plan.add({.action = Action::latency, .latency = find_span("1s")});
  plan.add({.action = Action::error, .error = "QueueDoesNotExist", .message = "Gone."});
  const Verdict verdict = plan.judge(sending());
  EXPECT_THAT(verdict.ids, testing::ElementsAre("f1", "f2"));
  EXPECT_EQ(verdict.latency, std::chrono::seconds(1));
  ASSERT_TRUE(verdict.error);
  EXPECT_EQ(verdict.error->info(), &no_queue);
  EXPECT_EQ(verdict.error->message(), "Gone.");
  EXPECT_EQ(verdict.words, "f1: latency of 1s, f2: error QueueDoesNotExist");
}

TEST_F(FaultPlan, each_service_throttles_in_its_own_way) {
  plan.add({.action = Action::error, .error = "throttling"});
  const Verdict of_queue = plan.judge(sending());
  EXPECT_EQ(of_queue.error->code(), "RequestThrottled");
  EXPECT_EQ(of_queue.error->status(), 403);
  const Verdict of_bucket =
      plan.judge({.model = &buckets, .service = "s3", .operation = "GetObject"});
  EXPECT_EQ(of_bucket.error->code(), "SlowDown");
  EXPECT_EQ(of_bucket.error->status(), 503);
  EXPECT_EQ(of_bucket.error->message(), "Please reduce your request rate.");
}

TEST_F(FaultPlan, mistakes_are_told_in_a_sentence) {
  const Rule error{.action = Action::error, .error = "ThrottlingException"};
  EXPECT_EQ(plan.find_mistake(error), "");
  const auto changed = [&](auto change) {
    Rule rule = error;
    change(rule);
    return plan.find_mistake(rule);
  };
  EXPECT_EQ(changed([](Rule& rule) { rule.probability = 0; }),
            "Probability is above 0 and at most 1.");
  EXPECT_EQ(changed([](Rule& rule) { rule.every = 0; }), "Every is at least 1.");
  EXPECT_EQ(changed([](Rule& rule) { rule.service = "sqz"; }),
            "There is no service \"sqz\"; there are s3, sqs.");
  EXPECT_EQ(changed([](Rule& rule) { rule.operation = "SendMassage"; }),
            "No service has an operation \"SendMassage\".");
  EXPECT_EQ(changed([](Rule& rule) { rule.error = "Nonsense"; }),
            "No service has an error \"Nonsense\"; with a Status it can be any.");
  EXPECT_EQ(changed([](Rule& rule) {
              rule.error = "Nonsense";
              rule.status = 418;
            }),
            "");
  EXPECT_EQ(changed([](Rule& rule) { rule.error = "\x1b]0;other title\a"; }),
            "The code of an error has letters, digits, dots, hyphens, underscores and colons.");
  EXPECT_EQ(changed([](Rule& rule) {
              rule.error = std::string(longest_error, 'E');
              rule.message = std::string(longest_message, 'm');
              rule.resource = std::string(longest_pattern, '*');
              rule.status = 400;
            }),
            "");
  EXPECT_EQ(changed([](Rule& rule) { rule.error = std::string(100'000, 'E'); }),
            "The code of an error has at most 128 bytes.");
  EXPECT_EQ(changed([](Rule& rule) { rule.message = std::string(1025, 'm'); }),
            "A message has at most 1024 bytes.");
  EXPECT_EQ(changed([](Rule& rule) { rule.caller = std::string(2049, '*'); }),
            "Service, Operation, Resource and Caller have at most 2048 bytes each.");
  EXPECT_EQ(changed([](Rule& rule) { rule.message = std::string("a\0b", 3); }),
            "A message has no control characters.");
  EXPECT_EQ(changed([](Rule& rule) { rule.action = Action::reset; }),
            "Error, Message and Status are for the action error, and this is reset.");
  EXPECT_EQ(plan.find_mistake({.action = Action::latency}),
            "A latency needs its length, Latency, such as 200ms.");
  EXPECT_EQ(plan.find_mistake({.action = Action::duplicate, .operation = "SendMessage"}),
            "Operation is for faults of calls, and this is duplicate.");
  EXPECT_EQ(plan.find_mistake({.action = Action::crash_before, .service = "sqs"}),
            "crash-before is for functions, and so of lambda.");
  EXPECT_EQ(plan.find_mistake({.action = Action::throttle, .caller = "*"}),
            "throttle is for whoever calls the function, and takes no Caller.");
}

TEST_F(FaultPlan, deliveries_have_faults_of_their_own) {
  plan.add({.action = Action::reset});
  plan.add({.action = Action::duplicate});
  plan.add({.action = Action::reorder});
  plan.add({.action = Action::lost_ack});
  Call delivery = sending();
  delivery.stage = Stage::delivery;
  const Verdict twice = plan.judge(delivery);
  EXPECT_TRUE(twice.is_duplicated);
  EXPECT_THAT(twice.ids, testing::ElementsAre("f2", "f3"));
  EXPECT_GT(twice.latency, runtime::Duration::zero());
  EXPECT_LT(twice.latency, std::chrono::seconds(1));
  EXPECT_FALSE(twice.fate);
  delivery.in_order = true;
  EXPECT_THAT(plan.judge(delivery).ids, testing::ElementsAre("f2"));
  delivery.stage = Stage::attempt;
  EXPECT_EQ(plan.judge(delivery).fate, Action::lost_ack);
  delivery.stage = Stage::function;
  EXPECT_TRUE(plan.judge(delivery).ids.empty());
  EXPECT_FALSE(plan.has_any(Stage::function));
  EXPECT_TRUE(plan.has_any(Stage::attempt));
}

TEST_F(FaultPlan, services_have_the_errors_of_their_protocol_and_not_those_of_others) {
  const auto mistake_of = [&](const char* service, const char* error) {
    return plan.find_mistake({.action = Action::error, .service = service, .error = error});
  };
  EXPECT_EQ(mistake_of("s3", "SlowDown"), "");
  EXPECT_EQ(mistake_of("sqs", "SlowDown"),
            "sqs has no error \"SlowDown\"; with a Status it can be any.");
  EXPECT_EQ(mistake_of("sqs", "ThrottlingException"), "");
  EXPECT_EQ(mistake_of("s3", "ThrottlingException"),
            "s3 has no error \"ThrottlingException\"; with a Status it can be any.");
  EXPECT_EQ(mistake_of("", "SlowDown"), "");
  plan.add({.action = Action::error, .error = "SlowDown"});
  EXPECT_EQ(plan.judge(sending()).error->status(), 503);
}

TEST_F(FaultPlan, one_fault_ends_or_all_do) {
  plan.add({.action = Action::reset});
  plan.add({.action = Action::timeout});
  EXPECT_EQ(plan.clear("f3"), 0);
  EXPECT_EQ(plan.clear("f1"), 1);
  EXPECT_EQ(plan.judge(sending()).fate, Action::timeout);
  EXPECT_EQ(plan.clear(""), 1);
  EXPECT_FALSE(plan.has_any(Stage::call));
  EXPECT_EQ(plan.add({.action = Action::reset}).id(), "f3");
}

TEST(FaultSpan, is_read_and_told_in_the_largest_units) {
  EXPECT_EQ(to_text(*find_span("1500ms")), "1500ms");
  EXPECT_EQ(to_text(*find_span("60s")), "1m");
  EXPECT_EQ(to_text(*find_span("100ms..2s")), "100ms..2s");
  for (const char* text : {"", "5", "s", "2s..1s", "2h", "1s..", "-1s", "1.5s"})
    EXPECT_FALSE(find_span(text)) << text;
}

}  // namespace
}  // namespace matinee::faults

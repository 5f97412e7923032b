// How batches of a stream are called, repeated, split and given up, with a stream and a function
// that are made up. On real ones: tests/clients/test_function_streams.py.
#include "services/lambda/running/change_poller.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "runtime/simulated/simulation.h"

namespace matinee::lambda {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

std::string number_of(std::size_t place) {
  return fmt::format("{:05}", place);
}

class ChangePollerTest : public testing::Test,
                         protected services::ChangeSource,
                         protected services::ChangeWatch {
 protected:
  runtime::Simulation machine;
  Changes stream;
  std::vector<std::string> calls;     // the ids of each batch: "1 2 3"
  std::set<std::string> failing;      // ids with which a batch fails
  std::set<std::string> reported;     // ids that an answer reports as failed
  std::vector<std::string> given_up;  // "condition calls: ids"
  std::vector<std::string> kept;
  bool is_callable = true;
  bool is_readable = true;
  ChangePollerSettings settings{.reader = {.stream = "films", .role = "", .source_arn = ""},
                                .batch_size = 3};
  std::weak_ptr<runtime::Callback> waiting;
  std::unique_ptr<ChangePoller> poller;

  void append(std::initializer_list<const char*> ids) {
    for (const char* id : ids)
      stream.push_back({.sequence = number_of(stream.size() + 1),
                        .record = fmt::format(R"({{"id":"{}"}})", id),
                        .event_id = id,
                        .shard = "shard",
                        .at = runtime::to_seconds(machine.loop.now()),
                        .item = std::hash<std::string>()(id)});
    if (const auto wake = waiting.lock()) (*wake)();
  }
  static std::string ids_of(const Changes& changes) {
    std::string ids;
    for (const services::Change& change : changes)
      ids += (ids.empty() ? "" : " ") + change.event_id;
    return ids;
  }
  void start(std::string after = "") {
    poller = std::make_unique<ChangePoller>(
        ChangePollerHost{.runtime = runtime_,
                         .source = *this,
                         .watches = *this,
                         .call =
                             [this](const std::string&, const Changes& changes,
                                    std::move_only_function<void(Result)> done) {
                               return answer(changes, std::move(done));
                             },
                         .keep = [this](const std::string& sequence) { kept.push_back(sequence); },
                         .give_up =
                             [this](const GivenUp& batch) {
                               given_up.push_back(fmt::format("{} {}: {}", batch.condition,
                                                              batch.calls, ids_of(batch.changes)));
                             },
                         .counts = [] { return nullptr; }},
        std::move(settings), std::move(after));
    poller->start();
    machine.loop.run_until_idle();
  }
  /// Until nothing more happens by itself within a day.
  void let_time_pass(seconds time = seconds(600)) { machine.loop.advance(time); }

 private:
  runtime::Runtime runtime_ = machine.runtime();

  bool answer(const Changes& changes, std::move_only_function<void(Result)> done) {
    if (!is_callable) return false;
    calls.push_back(ids_of(changes));
    Result result;
    std::string failures;
    for (const services::Change& change : changes) {
      if (failing.contains(change.event_id)) result.function_error = "Unhandled";
      if (reported.contains(change.event_id))
        failures += fmt::format(R"({}{{"itemIdentifier":"{}"}})", failures.empty() ? "" : ",",
                                change.sequence);
    }
    result.payload = fmt::format(R"({{"batchItemFailures":[{}]}})", failures);
    machine.loop.post([done = std::move(done), result]() mutable { done(result); });
    return true;
  }
  runtime::Task<services::ChangePage> read(services::ChangeReader, std::string after,
                                           int most) override {
    if (!is_readable) throw protocol::ServiceError("ResourceNotFoundException", 400, "gone");
    services::ChangePage page;
    for (const services::Change& change : stream)
      if (change.sequence > after && static_cast<int>(page.changes.size()) < most)
        page.changes.push_back(change);
    co_return page;
  }
  std::shared_ptr<void> watch(const std::string&, runtime::Callback wake) override {
    auto held = std::make_shared<runtime::Callback>(std::move(wake));
    waiting = held;
    return held;
  }
  std::optional<std::string> find_last_change(const std::string&) const override { return ""; }
};

TEST_F(ChangePollerTest, batches_come_in_order_and_are_kept_one_by_one) {
  append({"a", "b", "c", "d"});
  start();
  EXPECT_THAT(calls, ElementsAre("a b c", "d"));
  append({"e"});
  machine.loop.run_until_idle();
  EXPECT_THAT(calls, ElementsAre("a b c", "d", "e"));
  EXPECT_EQ(kept.back(), number_of(5));
  EXPECT_EQ(kept.front(), number_of(3));
}

TEST_F(ChangePollerTest, it_begins_after_what_was_done_before) {
  append({"a", "b", "c", "d"});
  start(number_of(2));
  EXPECT_THAT(calls, ElementsAre("c d"));
}

TEST_F(ChangePollerTest, a_batch_that_fails_comes_again_and_holds_up_the_rest) {
  append({"a", "b", "c", "d"});
  failing = {"b"};
  start();
  let_time_pass(seconds(4));  // after 1 second, and 2 more
  EXPECT_THAT(calls, ElementsAre("a b c", "a b c", "a b c"));
  EXPECT_TRUE(kept.empty());
  failing.clear();
  let_time_pass();
  EXPECT_THAT(calls, ElementsAre("a b c", "a b c", "a b c", "a b c", "d"));
}

TEST_F(ChangePollerTest, after_its_retries_a_batch_is_given_up) {
  append({"a", "b", "c", "d"});
  failing = {"b"};
  settings.most_retries = 2;
  start();
  let_time_pass();
  EXPECT_THAT(calls, ElementsAre("a b c", "a b c", "a b c", "d"));
  EXPECT_THAT(given_up, ElementsAre("RetryAttemptsExhausted 3: a b c"));
  EXPECT_EQ(kept.back(), number_of(4));
}

TEST_F(ChangePollerTest, splitting_finds_the_bad_one_without_counting_as_a_retry) {
  append({"a", "b", "c", "d"});
  failing = {"c"};
  settings.batch_size = 4;
  settings.bisects = true;
  settings.most_retries = 1;
  start();
  let_time_pass();
  EXPECT_THAT(calls, ElementsAre("a b c d", "a b", "c d", "c", "c", "d"));
  EXPECT_THAT(given_up, ElementsAre("RetryAttemptsExhausted 2: c"));
}

TEST_F(ChangePollerTest, what_is_reported_begins_a_batch_of_its_own) {
  append({"a", "b", "c"});
  reported = {"b"};
  settings.reports_failures = true;
  settings.most_retries = 1;
  start();
  let_time_pass();
  EXPECT_THAT(calls, ElementsAre("a b c", "b c", "b c"));
  EXPECT_THAT(given_up, ElementsAre("RetryAttemptsExhausted 2: b c"));
}

TEST_F(ChangePollerTest, what_is_too_old_is_given_up_alone) {
  append({"old"});
  machine.loop.advance(seconds(100));
  append({"young"});
  settings.oldest = seconds(60);
  start();
  EXPECT_THAT(calls, ElementsAre("young"));
  EXPECT_THAT(given_up, ElementsAre("RecordAgeExceeded 1: old"));
}

TEST_F(ChangePollerTest, a_function_that_always_fails_is_let_off_after_a_day) {
  append({"bad"});
  failing = {"bad"};
  start();
  let_time_pass(std::chrono::hours(25));
  ASSERT_EQ(given_up.size(), 1U);
  EXPECT_TRUE(given_up[0].starts_with("RecordAgeExceeded")) << given_up[0];
  EXPECT_GT(calls.size(), 1000U);
  EXPECT_LT(calls.size(), 1500U);  // about one a minute
}

TEST_F(ChangePollerTest, a_window_gathers_until_it_ends_or_the_batch_is_full) {
  settings.window = seconds(10);
  start();
  append({"a"});
  let_time_pass(seconds(5));
  EXPECT_TRUE(calls.empty());
  append({"b"});
  let_time_pass(seconds(6));
  EXPECT_THAT(calls, ElementsAre("a b"));
  append({"c", "d", "e"});
  machine.loop.run_until_idle();
  EXPECT_THAT(calls, ElementsAre("a b", "c d e"));
}

TEST_F(ChangePollerTest, lanes_keep_the_order_of_each_item) {
  settings.lanes = 4;
  settings.batch_size = 2;
  append({"a", "b", "a", "c", "a", "b", "d", "a"});
  start();
  std::map<std::string, int> seen;
  std::string of_a;
  for (const std::string& batch : calls)
    for (const char each : batch)
      if (each != ' ') ++seen[std::string(1, each)];
  EXPECT_EQ(seen, (std::map<std::string, int>{{"a", 4}, {"b", 2}, {"c", 1}, {"d", 1}}));
  EXPECT_THAT(kept, ElementsAre(number_of(8)));
}

TEST_F(ChangePollerTest, nothing_is_lost_while_the_function_cannot_be_called) {
  append({"a"});
  is_callable = false;
  start();
  let_time_pass(seconds(300));
  EXPECT_TRUE(kept.empty());
  is_callable = true;
  let_time_pass(seconds(61));
  EXPECT_THAT(calls, ElementsAre("a"));
}

TEST_F(ChangePollerTest, a_stream_that_cannot_be_read_is_tried_again) {
  append({"a"});
  is_readable = false;
  start();
  let_time_pass(seconds(10));
  is_readable = true;
  let_time_pass(seconds(61));
  EXPECT_THAT(calls, ElementsAre("a"));
}

TEST_F(ChangePollerTest, one_that_ends_keeps_nothing_of_what_was_under_way) {
  append({"a"});
  failing = {"a"};
  start();
  poller.reset();
  failing.clear();
  let_time_pass();
  EXPECT_THAT(calls, ElementsAre("a"));
  EXPECT_TRUE(kept.empty());
}

TEST(FirstFailure, is_the_lowest_that_is_reported) {
  const Changes batch = {{.sequence = "1"}, {.sequence = "2"}, {.sequence = "3"}};
  const auto of = [&](const std::string& answer) { return first_failure(answer, batch); };
  EXPECT_EQ(of(R"({"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]})"), 1U);
  for (const char* success :
       {"", "null", "[]", "{}", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})"})
    EXPECT_EQ(of(success), 3U) << success;
  for (const char* failure : {"no JSON", R"({"batchItemFailures":[{"itemIdentifier":"4"}]})",
                              R"({"batchItemFailures":[{"itemIdentifier":""}]})",
                              R"({"batchItemFailures":[{"itemIdentifier":null}]})",
                              R"({"batchItemFailures":[{"foo":"1"}]})"})
    EXPECT_EQ(of(failure), 0U) << failure;
}

}  // namespace
}  // namespace matinee::lambda

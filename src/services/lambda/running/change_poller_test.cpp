// How batches of a stream are called, repeated, split and given up, with a stream and a function
// that are made up. On real ones: tests/clients/test_function_streams.py.
#include "services/lambda/running/change_poller.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>

#include "protocol/timestamps.h"
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
  std::string shard = "shard";
  runtime::Time window_zero{};
  std::vector<std::string> calls;     // the ids of each batch: "1 2 3"
  std::vector<std::string> windows;   // of calls in tumbling windows: "0-10 {state} ids flags"
  std::set<std::string> failing;      // ids with which a batch fails
  std::set<std::string> reported;     // ids that an answer reports as failed
  std::vector<std::string> given_up;  // "condition calls: ids"
  std::vector<std::string> kept;
  std::optional<ChangeProgress> progress;  // that was kept last
  std::set<std::string> failing_ends;      // of windows: "10"
  std::string answered_state;              // what answers have; empty: the ids so far
  bool answers_state = true;
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
                        .shard = shard,
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
    start(ChangeProgress{.after = std::move(after), .window = std::nullopt});
  }
  void start(ChangeProgress begin) {
    poller = std::make_unique<ChangePoller>(
        ChangePollerHost{.runtime = runtime_,
                         .source = *this,
                         .watches = *this,
                         .call =
                             [this](const std::string& event, const Changes& changes,
                                    std::move_only_function<void(Result)> done) {
                               return answer(event, changes, std::move(done));
                             },
                         .keep =
                             [this](const ChangeProgress& reached) {
                               kept.push_back(reached.after);
                               progress = reached;
                             },
                         .give_up =
                             [this](const GivenUp& batch) {
                               given_up.push_back(fmt::format("{} {}: {}", batch.condition,
                                                              batch.calls, ids_of(batch.changes)));
                             },
                         .tell_unwanted = [](const Changes&) {},
                         .counts = [] { return nullptr; }},
        std::move(settings), std::move(begin));
    poller->start();
    machine.loop.run_until_idle();
  }
  /// Until nothing more happens by itself within a day.
  void let_time_pass(seconds time = seconds(600)) { machine.loop.advance(time); }

 private:
  runtime::Runtime runtime_ = machine.runtime();

  /// Tells `windows` of a call in a window, and gives the state that it answers.
  std::string window_answer(const std::string& text, const Changes& changes, Result& result) {
    simdjson::dom::parser parser;
    const simdjson::dom::element event = parser.parse(text);
    const auto seconds_of = [&](const char* name) {
      std::string_view written = event["window"][name];
      return runtime::to_seconds(*protocol::parse_iso8601(written)) -
             runtime::to_seconds(window_zero);
    };
    std::string state = simdjson::to_string(event["state"]);
    const std::int64_t end = seconds_of("end");
    std::string line = fmt::format("{}-{} {} {}", seconds_of("start"), end, state, ids_of(changes));
    if (bool(event["isFinalInvokeForWindow"])) line += "end";
    if (bool(event["isWindowTerminatedEarly"])) line += "cut short";
    windows.push_back(line);
    if (changes.empty() && failing_ends.contains(std::to_string(end)))
      result.function_error = "Unhandled";
    if (!answered_state.empty()) return answered_state;
    std::string seen = state == "{}" ? "" : std::string(std::string_view(event["state"]["ids"]));
    for (const services::Change& change : changes) seen += change.event_id;
    return fmt::format(R"({{"ids":"{}"}})", seen);
  }
  bool answer(const std::string& event, const Changes& changes,
              std::move_only_function<void(Result)> done) {
    if (!is_callable) return false;
    Result result;
    std::string state;
    if (event.contains("isFinalInvokeForWindow"))
      state = window_answer(event, changes, result);
    else
      calls.push_back(ids_of(changes));
    std::string failures;
    for (const services::Change& change : changes) {
      if (failing.contains(change.event_id)) result.function_error = "Unhandled";
      if (reported.contains(change.event_id))
        failures += fmt::format(R"({}{{"itemIdentifier":"{}"}})", failures.empty() ? "" : ",",
                                change.sequence);
    }
    if (answers_state && !state.empty())
      state = "\"state\": " + state + " ,";
    else
      state.clear();
    result.payload = fmt::format(R"({{{}"batchItemFailures":[{}]}})", state, failures);
    machine.loop.post([done = std::move(done), result]() mutable { done(result); });
    return true;
  }
  runtime::Task<services::ChangePage> read(services::ChangeReader, std::string after,
                                           services::ChangeLimits limits) override {
    if (!is_readable) throw protocol::ServiceError("ResourceNotFoundException", 400, "gone");
    services::ChangePage page;
    for (const services::Change& change : stream)
      if (change.sequence > after && page.changes.size() < limits.most)
        page.changes.push_back(change);
    co_return page;
  }
  std::shared_ptr<void> watch(const std::string&, runtime::Callback wake) override {
    auto held = std::make_shared<runtime::Callback>(std::move(wake));
    waiting = held;
    return held;
  }
  std::optional<std::string> find_last_change(const std::string&) const override { return ""; }
  bool is_encrypted(const std::string&) const override { return false; }
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

class TumblingTest : public ChangePollerTest {
 protected:
  TumblingTest() {
    settings.tumbling = seconds(10);
    // Times are told from the beginning of a window.
    const std::int64_t now = runtime::to_seconds(machine.loop.now());
    window_zero = runtime::Time(seconds(now + 10 - now % 10));
    machine.loop.advance(window_zero - machine.loop.now());
  }
};

TEST_F(TumblingTest, what_a_call_answers_is_handed_to_the_next_one_of_its_window) {
  append({"a", "b", "c", "d"});
  start();
  EXPECT_THAT(windows, ElementsAre("0-10 {} a b c", R"(0-10 {"ids":"abc"} d)"));
  let_time_pass(seconds(9));
  append({"e"});
  machine.loop.run_until_idle();
  EXPECT_EQ(windows.back(), R"(0-10 {"ids":"abcd"} e)");
  let_time_pass(seconds(1));
  EXPECT_EQ(windows.back(), R"(0-10 {"ids":"abcde"} end)");
  EXPECT_FALSE(progress->window);
  append({"f"});
  machine.loop.run_until_idle();
  EXPECT_EQ(windows.back(), "10-20 {} f");
}

TEST_F(TumblingTest, a_window_without_changes_is_not_told) {
  start();
  let_time_pass(seconds(100));
  EXPECT_TRUE(windows.empty());
}

TEST_F(TumblingTest, changes_that_come_late_are_told_in_the_windows_that_they_were_made_in) {
  append({"a"});
  machine.loop.advance(seconds(25));
  append({"b", "c"});
  start();
  EXPECT_THAT(windows, ElementsAre("0-10 {} a", R"(0-10 {"ids":"a"} end)", "20-30 {} b c"));
}

TEST_F(TumblingTest, what_no_filter_wants_opens_no_window) {
  settings.filters.push_back(
      *patterns::Pattern::compile(patterns::Dialect::event_source, R"({"id": ["wanted"]})"));
  append({"a"});
  start();
  let_time_pass(seconds(60));
  EXPECT_TRUE(windows.empty());
  EXPECT_EQ(kept.back(), number_of(1));
}

TEST_F(TumblingTest, a_call_that_fails_comes_again_with_the_state_that_it_had) {
  append({"a"});
  start();
  failing = {"b"};
  append({"b"});
  machine.loop.run_until_idle();
  failing.clear();
  let_time_pass(seconds(1));
  EXPECT_THAT(windows, ElementsAre("0-10 {} a", R"(0-10 {"ids":"a"} b)", R"(0-10 {"ids":"a"} b)"));
}

TEST_F(TumblingTest, an_answer_without_a_state_has_failed) {
  answers_state = false;
  settings.most_retries = 1;
  append({"a"});
  start();
  let_time_pass(seconds(5));
  EXPECT_THAT(windows, ElementsAre("0-10 {} a", "0-10 {} a"));
  EXPECT_THAT(given_up, ElementsAre("RetryAttemptsExhausted 2: a"));
}

TEST_F(TumblingTest, the_end_of_a_window_holds_up_the_next_one_until_it_succeeds) {
  append({"a"});
  start();
  failing_ends = {"10"};
  let_time_pass(seconds(10));
  append({"b"});
  let_time_pass(seconds(3));  // tried again after 1 second, and 2 more
  EXPECT_THAT(windows, ElementsAre("0-10 {} a", R"(0-10 {"ids":"a"} end)",
                                   R"(0-10 {"ids":"a"} end)", R"(0-10 {"ids":"a"} end)"));
  failing_ends.clear();
  let_time_pass(seconds(4));
  EXPECT_EQ(windows.back(), "10-20 {} b");
}

TEST_F(TumblingTest, the_end_of_a_window_is_given_up_after_its_retries) {
  settings.most_retries = 1;
  append({"a"});
  start();
  failing_ends = {"10"};
  let_time_pass(seconds(12));
  EXPECT_THAT(given_up, ElementsAre("RetryAttemptsExhausted 2: "));
  append({"b"});
  machine.loop.run_until_idle();
  EXPECT_EQ(windows.back(), "10-20 {} b");
}

TEST_F(TumblingTest, a_restart_goes_on_with_the_state_of_what_was_done) {
  append({"a", "b"});
  start();
  failing = {"c"};
  append({"c"});
  machine.loop.run_until_idle();
  const ChangeProgress reached = *progress;
  EXPECT_EQ(reached.after, number_of(2));
  failing.clear();
  windows.clear();
  settings.batch_size = 3;
  settings.tumbling = seconds(10);
  start(reached);
  EXPECT_THAT(windows, ElementsAre(R"(0-10 {"ids":"ab"} c)"));
  let_time_pass(seconds(10));
  EXPECT_EQ(windows.back(), R"(0-10 {"ids":"abc"} end)");
}

TEST_F(TumblingTest, a_window_ends_with_its_shard) {
  append({"a"});
  shard = "child";
  append({"b"});
  start();
  EXPECT_THAT(windows, ElementsAre("0-10 {} a", R"(0-10 {"ids":"a"} end)", "0-10 {} b"));
}

TEST_F(TumblingTest, a_window_of_another_length_ends_at_once) {
  append({"a"});
  start();
  const ChangeProgress reached = *progress;
  settings.tumbling = seconds(60);
  start(reached);
  EXPECT_EQ(windows.back(), R"(0-10 {"ids":"a"} end)");
}

TEST_F(TumblingTest, a_state_that_is_too_large_cuts_its_window_short) {
  answered_state = fmt::format(R"({{"ids":"{}"}})", std::string(most_state_bytes, 'x'));
  append({"a"});
  start();
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_TRUE(windows[1].ends_with("xxx\"} cut short")) << windows[1].size();
  answered_state.clear();
  append({"b"});
  machine.loop.run_until_idle();
  EXPECT_EQ(windows.back(), "0-10 {} b");
  let_time_pass(seconds(10));
  EXPECT_EQ(windows.back(), R"(0-10 {"ids":"b"} end)");
}

TEST_F(TumblingTest, reported_failures_keep_the_state_of_what_was_done) {
  settings.reports_failures = true;
  settings.most_retries = 0;
  reported = {"b"};
  answered_state = R"({"done":"a"})";
  append({"a", "b", "c"});
  start();
  EXPECT_THAT(windows, ElementsAre("0-10 {} a b c", R"(0-10 {"done":"a"} b c)"));
  EXPECT_THAT(given_up, ElementsAre("RetryAttemptsExhausted 1: b c"));
}

TEST_F(ChangePollerTest, a_window_ends_early_once_the_batch_is_full) {
  settings.window = seconds(300);
  start();
  for (const char* id : {"a", "b", "c"}) {
    append({id});
    let_time_pass(seconds(1));
  }
  EXPECT_THAT(calls, ElementsAre("a b c"));
}

}  // namespace
}  // namespace matinee::lambda

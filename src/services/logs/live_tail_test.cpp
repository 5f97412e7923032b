// What a client of StartLiveTail sees, second by second.
#include <algorithm>

#include "protocol/live_source.h"
#include "services/logs/service_fixture.h"

namespace matinee::logs {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

namespace {

std::string arn(const std::string& group) {
  return "arn:aws:logs:us-east-1:000000000000:log-group:" + group;
}

/// All messages of the stream that are there, each with its headers.
std::vector<std::string> take_all(const protocol::Body& body) {
  std::vector<std::string> out;
  const auto source = protocol::find_live_source(body);
  while (auto piece = source->take()) out.push_back(std::move(*piece));
  return out;
}

}  // namespace

class LiveTailTest : public LogsTest {
 protected:
  protocol::Body tail(StartLiveTailRequest request = {}) {
    if (request.log_group_identifiers.empty()) request.log_group_identifiers = {arn("g")};
    return call(&Service::start_live_tail, request).response_stream;
  }
  void say(const std::string& text, const std::string& stream = "s") {
    put("g", stream, {{.timestamp = now(), .message = text}});
  }
  std::string refusal(const StartLiveTailRequest& request) {
    return error_of([&] { tail(request); });
  }
};

TEST_F(LiveTailTest, begins_with_what_was_asked_and_tells_each_second_what_has_come) {
  fill({"before"});
  const protocol::Body body = tail({.log_stream_names = std::vector<std::string>{"s"}});
  EXPECT_THAT(take_all(body),
              ElementsAre(HasSubstr("initial-response"),
                          AllOf(HasSubstr("sessionStart"), HasSubstr("\"sessionId\":"),
                                HasSubstr("\"logStreamNames\":[\"s\"]"), HasSubstr(arn("g")))));
  say("hello");
  EXPECT_THAT(take_all(body), IsEmpty());
  advance(seconds(1));
  EXPECT_THAT(take_all(body),
              ElementsAre(AllOf(HasSubstr("sessionUpdate"), HasSubstr("\"sampled\":false"),
                                HasSubstr("\"message\":\"hello\""), Not(HasSubstr("before")),
                                HasSubstr("\"logGroupIdentifier\":\"000000000000:g\""))));
  advance(seconds(1));
  EXPECT_THAT(take_all(body), ElementsAre(HasSubstr("\"sessionResults\":[]")));
}

TEST_F(LiveTailTest, sees_only_what_its_pattern_and_its_streams_say) {
  fill({"x"});
  create_stream("g", "web-1");
  const protocol::Body body = tail({.log_stream_name_prefixes = std::vector<std::string>{"web-"},
                                    .log_event_filter_pattern = "error"});
  say("error elsewhere");
  say("fine", "web-1");
  say("an error here", "web-1");
  advance(seconds(1));
  EXPECT_THAT(take_all(body).back(), AllOf(HasSubstr("an error here"), Not(HasSubstr("elsewhere")),
                                           Not(HasSubstr("fine"))));
}

TEST_F(LiveTailTest, gives_a_sample_of_500_where_more_has_come_in_a_second) {
  fill({"x"});
  const protocol::Body body = tail();
  std::vector<InputLogEvent> events;
  for (int i = 0; i < 800; ++i) events.push_back({.timestamp = now(), .message = "event"});
  put("g", "s", events);
  advance(seconds(1));
  const std::string update = take_all(body).back();
  EXPECT_THAT(update, HasSubstr("\"sampled\":true"));
  std::size_t count = 0;
  for (std::size_t at = 0; (at = update.find("\"event\"", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 500U);
}

TEST_F(LiveTailTest, ends_after_three_hours) {
  fill({"x"});
  const protocol::Body body = tail();
  advance(hours(3) - milliseconds(1));
  EXPECT_FALSE(protocol::find_live_source(body)->has_ended());
  take_all(body);
  advance(milliseconds(1));
  EXPECT_THAT(take_all(body),
              ElementsAre(HasSubstr("sessionUpdate"), AllOf(HasSubstr("SessionTimeoutException"),
                                                            HasSubstr(":exception-type"))));
  EXPECT_TRUE(protocol::find_live_source(body)->has_ended());
}

TEST_F(LiveTailTest, drops_the_oldest_updates_of_a_client_that_does_not_read) {
  fill({"x"});
  const protocol::Body body = tail();
  say("early");
  advance(seconds(30));
  say("late");
  advance(seconds(1));
  const std::vector<std::string> kept = take_all(body);
  EXPECT_THAT(kept, SizeIs(10));
  EXPECT_THAT(kept.front(), Not(HasSubstr("early")));
  EXPECT_THAT(kept.back(), HasSubstr("late"));
}

TEST_F(LiveTailTest, fifteen_sessions_may_be_open_and_one_that_is_closed_makes_room) {
  fill({"x"});
  std::vector<protocol::Body> bodies;
  for (int i = 0; i < 15; ++i) bodies.push_back(tail());
  const StartLiveTailRequest request{.log_group_identifiers = {arn("g")}};
  EXPECT_EQ(refusal(request), "LimitExceededException: Rate exceeded");
  bodies.pop_back();
  machine.loop.run_until_idle();
  EXPECT_EQ(refusal(request), "no error");
}

TEST_F(LiveTailTest, a_reset_ends_the_sessions) {
  fill({"x"});
  const protocol::Body body = tail();
  {
    storage::Transaction transaction(*store);
    service->reset({});
    transaction.commit();
  }
  take_all(body);
  EXPECT_TRUE(protocol::find_live_source(body)->has_ended());
}

TEST_F(LiveTailTest, refuses_what_is_not_there_or_does_not_go_together) {
  fill({"x"});
  create_group("h");
  using Names = std::vector<std::string>;
  EXPECT_EQ(refusal({.log_group_identifiers = {arn("none")}}),
            "ResourceNotFoundException: The specified log group does not exist.");
  EXPECT_THAT(refusal({.log_group_identifiers = {"g"}}), HasSubstr("InvalidParameterException"));
  EXPECT_THAT(refusal({.log_group_identifiers = {arn("g:*")}}),
              HasSubstr("InvalidParameterException"));
  EXPECT_THAT(
      refusal({.log_group_identifiers = {arn("g"), arn("h")}, .log_stream_names = Names{"s"}}),
      HasSubstr("InvalidParameterException"));
  EXPECT_THAT(refusal({.log_group_identifiers = {arn("g")},
                       .log_stream_names = Names{"s"},
                       .log_stream_name_prefixes = Names{"s"}}),
              HasSubstr("InvalidParameterException"));
  EXPECT_THAT(refusal({.log_event_filter_pattern = "{ broken"}),
              HasSubstr("InvalidParameterException"));
}

}  // namespace matinee::logs

#include "services/events/service_fixture.h"

namespace matinee::events {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(EventsTest, an_event_reaches_the_targets_of_rules_that_match) {
  put_rule("orders", R"({"source":["shop"],"detail":{"n":[1]}})");
  put_target("orders", {.id = "q", .arn = queue});
  const PutEventsResponse sent = send(R"({"n": 1, "x": 1.50})");
  send(R"({"n": 2})");
  const std::string id = *sent.entries->front().event_id;
  ASSERT_THAT(outbox.list, SizeIs(1));
  EXPECT_EQ(outbox.list[0].body,
            R"({"version":"0","id":")" + id +
                R"(","detail-type":"Order","source":"shop","account":"111122223333","time":")" +
                to_text(machine.loop.now()) +
                R"(","region":"us-east-1","resources":[],"detail":{"n":1,"x":1.50}})");
  EXPECT_EQ(outbox.list[0].source_arn, "arn:aws:events:us-east-1:111122223333:rule/orders");
}

TEST_F(EventsTest, a_changed_rule_counts_for_the_next_event) {
  put_rule("orders", R"({"source":["shop"]})");
  put_target("orders", {.id = "q", .arn = queue});
  send("{}");
  call(&Service::disable_rule, DisableRuleRequest{.name = "orders"});
  send("{}");
  EXPECT_THAT(outbox.list, SizeIs(1));
  call(&Service::enable_rule, EnableRuleRequest{.name = "orders"});
  put_target("orders", {.id = "again", .arn = queue});
  send("{}");
  EXPECT_THAT(outbox.list, SizeIs(3));
}

TEST_F(EventsTest, entries_that_are_wrong_are_told_and_others_go_on) {
  const PutEventsResponse response = call(
      &Service::put_events,
      PutEventsRequest{
          .entries = {
              {.source = "a", .detail_type = "b", .detail = "[]"},
              {.detail_type = "b", .detail = "{}"},
              {.source = "aws.s3", .detail_type = "b", .detail = "{}"},
              {.source = "a", .detail_type = "b", .detail = "{}", .event_bus_name = "nowhere"}}});
  EXPECT_EQ(response.failed_entry_count, 3);
  EXPECT_EQ(response.entries->at(0).error_code, "MalformedDetail");
  EXPECT_EQ(response.entries->at(1).error_message,
            "Parameter Source is not valid. Reason: Source is a required argument.");
  EXPECT_EQ(response.entries->at(2).error_code, "NotAuthorizedForSourceException");
  EXPECT_TRUE(response.entries->at(3).event_id.has_value());
}

TEST_F(EventsTest, a_bus_sends_to_another_and_the_event_keeps_its_id) {
  call(&Service::create_event_bus, CreateEventBusRequest{.name = "second"});
  put_rule("over", R"({"source":["shop"]})");
  put_target("over", {.id = "b", .arn = "arn:aws:events:us-east-1:111122223333:event-bus/second"});
  put_rule("there", R"({"source":["shop"]})", "second");
  put_target("there", {.id = "q", .arn = queue}, "second");
  const PutEventsResponse sent = send("{}");
  ASSERT_THAT(outbox.bodies_for(queue), SizeIs(1));
  EXPECT_THAT(outbox.bodies_for(queue)[0], HasSubstr(*sent.entries->front().event_id));
}

TEST_F(EventsTest, a_bus_of_another_account_has_to_let_events_in) {
  context.account = "444455556666";
  call(&Service::create_event_bus, CreateEventBusRequest{.name = "theirs"});
  context.account = "111122223333";
  const std::string theirs = "arn:aws:events:us-east-1:444455556666:event-bus/theirs";
  put_rule("over", R"({"source":["shop"]})");
  put_target("over",
             {.id = "b", .arn = theirs, .role_arn = "arn:aws:iam::111122223333:role/events"});
  send("{}");
  EXPECT_THAT(outbox.refused, ElementsAre("NO_PERMISSIONS"));
  context.account = "444455556666";
  call(&Service::put_permission, PutPermissionRequest{.event_bus_name = "theirs",
                                                      .action = "events:PutEvents",
                                                      .principal = "111122223333",
                                                      .statement_id = "let"});
  context.account = "111122223333";
  send("{}");
  EXPECT_THAT(outbox.refused, SizeIs(1));
}

TEST_F(EventsTest, an_event_goes_to_a_bus_only_once) {
  for (const char* bus : {"first", "second"})
    call(&Service::create_event_bus, CreateEventBusRequest{.name = bus});
  const std::string buses = "arn:aws:events:us-east-1:111122223333:event-bus/";
  put_rule("on", R"({"source":["shop"]})");
  put_target("on", {.id = "b", .arn = buses + "first"});
  put_rule("on", R"({"source":["shop"]})", "first");
  put_target("on", {.id = "b", .arn = buses + "second"}, "first");
  put_rule("in", R"({"source":["shop"]})", "second");
  put_target("in", {.id = "q", .arn = queue}, "second");
  send("{}");
  EXPECT_THAT(outbox.refused, ElementsAre("THIRD_ACCOUNT_HOP_DETECTED"));
  send("{}", "first");
  EXPECT_THAT(outbox.bodies_for(queue), SizeIs(1));
}

TEST_F(EventsTest, a_replay_leaves_out_what_its_archive_keeps_no_longer) {
  const std::string bus = "arn:aws:events:us-east-1:111122223333:event-bus/default";
  call(&Service::create_archive,
       CreateArchiveRequest{.archive_name = "all", .event_source_arn = bus, .retention_days = 1});
  send("{}");
  advance(std::chrono::hours(23));
  send("{}");
  advance(std::chrono::hours(2));
  put_rule("late", R"({"source":["shop"]})");
  put_target("late", {.id = "q", .arn = queue});
  call(&Service::start_replay,
       StartReplayRequest{.replay_name = "r",
                          .event_source_arn = "arn:aws:events:us-east-1:111122223333:archive/all",
                          .event_start_time = machine.loop.now() - std::chrono::hours(100),
                          .event_end_time = machine.loop.now(),
                          .destination = {.arn = bus}});
  advance(std::chrono::seconds(5));
  EXPECT_THAT(outbox.list, SizeIs(1));
}

TEST_F(EventsTest, a_daily_rule_fires_at_its_time_and_after_a_restart) {
  call(&Service::put_rule, PutRuleRequest{.name = "daily", .schedule_expression = "rate(1 day)"});
  put_target("daily", {.id = "q", .arn = queue});
  advance(std::chrono::hours(23));
  EXPECT_THAT(outbox.list, IsEmpty());
  advance(std::chrono::hours(1));
  ASSERT_THAT(outbox.list, SizeIs(1));
  EXPECT_THAT(outbox.list[0].body, HasSubstr(R"("detail-type":"Scheduled Event")"));
  kill_and_restart();
  advance(std::chrono::hours(48));
  EXPECT_THAT(outbox.list, SizeIs(3));
}

TEST_F(EventsTest, rules_survive_being_killed) {
  put_rule("orders", R"({"source":["shop"]})");
  put_target("orders", {.id = "q", .arn = queue});
  kill_and_restart();
  send("{}");
  EXPECT_THAT(outbox.list, SizeIs(1));
}

TEST_F(EventsTest, an_archive_is_replayed_to_the_rules_that_were_asked_for) {
  const std::string bus = "arn:aws:events:us-east-1:111122223333:event-bus/default";
  call(&Service::create_archive,
       CreateArchiveRequest{.archive_name = "all", .event_source_arn = bus});
  for (int count = 0; count < 3; ++count) send("{}");
  put_rule("late", R"({"source":["shop"]})");
  put_target("late", {.id = "q", .arn = queue});
  put_rule("other", R"({"source":["shop"]})");
  put_target("other", {.id = "q", .arn = queue});
  call(&Service::start_replay,
       StartReplayRequest{.replay_name = "r",
                          .event_source_arn = "arn:aws:events:us-east-1:111122223333:archive/all",
                          .event_start_time = machine.loop.now() - std::chrono::hours(1),
                          .event_end_time = machine.loop.now() + std::chrono::hours(1),
                          .destination = {.arn = bus,
                                          .filter_arns = std::vector<std::string>{
                                              "arn:aws:events:us-east-1:111122223333:rule/late"}}});
  advance(std::chrono::seconds(5));
  ASSERT_THAT(outbox.list, SizeIs(3));
  EXPECT_THAT(outbox.list[0].body, HasSubstr(R"("replay-name":"r","resources")"));
  const auto replay = call(&Service::describe_replay, DescribeReplayRequest{.replay_name = "r"});
  EXPECT_EQ(replay.state, "COMPLETED");
  const auto archive =
      call(&Service::describe_archive, DescribeArchiveRequest{.archive_name = "all"});
  EXPECT_EQ(archive.event_count, 3);
}

TEST_F(EventsTest, retention_takes_events_away) {
  const std::string bus = "arn:aws:events:us-east-1:111122223333:event-bus/default";
  call(&Service::create_archive,
       CreateArchiveRequest{.archive_name = "all", .event_source_arn = bus, .retention_days = 1});
  send("{}");
  advance(std::chrono::hours(25));
  EXPECT_EQ(
      call(&Service::describe_archive, DescribeArchiveRequest{.archive_name = "all"}).event_count,
      0);
}

TEST_F(EventsTest, errors_have_the_words_of_aws) {
  EXPECT_EQ(error_of([&] { put_rule("x", R"({"a":["b"]})", "none"); }),
            "ResourceNotFoundException: Event bus none does not exist.");
  EXPECT_EQ(error_of([&] { call(&Service::describe_rule, DescribeRuleRequest{.name = "x"}); }),
            "ResourceNotFoundException: Rule x does not exist on EventBus default.");
  EXPECT_EQ(error_of([&] {
              call(&Service::put_rule,
                   PutRuleRequest{.name = "x", .schedule_expression = "rate(1 days)"});
            }),
            "ValidationException: Parameter ScheduleExpression is not valid.");
  EXPECT_EQ(error_of([&] {
              call(&Service::remove_permission, RemovePermissionRequest{.statement_id = "x"});
            }),
            "ResourceNotFoundException: Statement with the provided id does not exist.");
}

TEST_F(EventsTest, a_reset_account_has_no_rules) {
  put_rule("orders", R"({"source":["shop"]})");
  {
    storage::Transaction transaction(*store);
    service->reset({.account = context.account});
    transaction.commit();
  }
  EXPECT_THAT(*call(&Service::list_rules, ListRulesRequest{}).rules, IsEmpty());
}

TEST_F(EventsTest, a_bus_has_a_quota_of_300_rules_where_quotas_are_kept) {
  const auto put = [&](int number) {
    return error_of([&] { put_rule(fmt::format("rule{}", number), R"({"source":["shop"]})"); });
  };
  for (int i = 0; i < 301; ++i) ASSERT_EQ(put(i), "no error");
  options.rule_quota = true;
  kill_and_restart();
  EXPECT_EQ(put(0), "no error");
  EXPECT_EQ(put(301),
            "LimitExceededException: The requested resource exceeds the maximum number allowed.");
}

}  // namespace matinee::events

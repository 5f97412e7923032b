// When schedules fire, on the virtual clock, which begins at 2024-01-01 00:00 UTC.
#include "services/scheduler/service_fixture.h"

namespace matinee::scheduler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(SchedulerTest, a_daily_time_in_berlin_follows_its_clocks_over_both_changes) {
  CreateScheduleRequest request = schedule("daily", "cron(30 2 * * ? *)");
  request.schedule_expression_timezone = "Europe/Berlin";
  request.start_date = time_of("2024-03-30T00:00:00Z");
  request.end_date = time_of("2024-04-01T12:00:00Z");
  create(request);
  request = schedule("autumn", "cron(30 2 * * ? *)");
  request.schedule_expression_timezone = "Europe/Berlin";
  request.start_date = time_of("2024-10-26T00:00:00Z");
  request.end_date = time_of("2024-10-28T12:00:00Z");
  create(request);
  advance(days(366));
  // 2:30 does not exist on the 31st of March, and comes twice on the 27th of October.
  EXPECT_THAT(times(),
              ElementsAre("2024-03-30T01:30:00Z", "2024-04-01T00:30:00Z", "2024-10-26T00:30:00Z",
                          "2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"));
}

TEST_F(SchedulerTest, what_falls_once_falls_once_and_may_delete_itself) {
  create(schedule("stays", "at(2024-01-02T12:00:30)"));
  CreateScheduleRequest request = schedule("goes", "at(2024-01-02T12:00:30)");
  request.schedule_expression_timezone = "Europe/Berlin";
  request.action_after_completion = "DELETE";
  create(request);
  advance_to("2024-01-02T11:00:29Z");
  EXPECT_TRUE(is_there("goes"));
  advance(days(9));
  EXPECT_THAT(times(), ElementsAre("2024-01-02T11:00:30Z", "2024-01-02T12:00:30Z"));
  EXPECT_TRUE(is_there("stays"));
  EXPECT_FALSE(is_there("goes"));
}

TEST_F(SchedulerTest, a_rate_begins_at_once_or_at_its_start_and_ends_at_its_end) {
  CreateScheduleRequest request = schedule("now", "rate(2 hours)");
  request.end_date = time_of("2024-01-01T04:00:00Z");
  request.action_after_completion = "DELETE";
  create(request);
  request = schedule("later", "rate(1 day)");
  request.start_date = time_of("2024-01-02T00:00:07Z");
  request.end_date = time_of("2024-01-04T00:00:00Z");
  create(request);
  advance(days(9));
  EXPECT_THAT(times(),
              ElementsAre("2024-01-01T00:00:00Z", "2024-01-01T02:00:00Z", "2024-01-01T04:00:00Z",
                          "2024-01-02T00:00:07Z", "2024-01-03T00:00:07Z"));
  EXPECT_FALSE(is_there("now"));
  EXPECT_TRUE(is_there("later"));
}

TEST_F(SchedulerTest, a_flexible_window_fires_within_it_and_tells_the_scheduled_time) {
  std::set<std::string> different;
  for (int i = 0; i < 20; ++i) {
    CreateScheduleRequest request =
        schedule(fmt::format("flexible{}", i), "at(2024-01-02T00:00:00)");
    request.flexible_time_window = {.mode = "FLEXIBLE", .maximum_window_in_minutes = 15};
    request.target.input = "<aws.scheduler.scheduled-time>";
    create(request);
  }
  advance(days(2));
  ASSERT_EQ(fired.size(), 20U);
  for (const Fired& one : fired) {
    EXPECT_GE(one.time, "2024-01-02T00:00:00Z");
    EXPECT_LT(one.time, "2024-01-02T00:15:00Z");
    EXPECT_EQ(one.delivery.body, "2024-01-02T00:00:00Z");
    different.insert(one.time);
  }
  EXPECT_GT(different.size(), 10U);
}

TEST_F(SchedulerTest, a_disabled_schedule_rests_until_it_is_enabled) {
  CreateScheduleRequest request = schedule("resting", "cron(0 12 * * ? *)");
  request.state = "DISABLED";
  create(request);
  advance(days(3));
  EXPECT_TRUE(fired.empty());
  call(&Service::update_schedule,
       UpdateScheduleRequest{.name = "resting",
                             .schedule_expression = request.schedule_expression,
                             .target = request.target,
                             .flexible_time_window = request.flexible_time_window});
  advance(days(1));
  EXPECT_THAT(times(), ElementsAre("2024-01-04T12:00:00Z"));
}

TEST_F(SchedulerTest, an_update_of_something_else_does_not_begin_a_rate_again) {
  CreateScheduleRequest request = schedule("hourly", "rate(1 hour)");
  create(request);
  advance(minutes(30));
  call(&Service::update_schedule,
       UpdateScheduleRequest{.name = "hourly",
                             .schedule_expression = "rate(1 hour)",
                             .description = "every hour",
                             .target = request.target,
                             .flexible_time_window = request.flexible_time_window});
  advance(minutes(90));
  EXPECT_THAT(times(),
              ElementsAre("2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z"));
}

TEST_F(SchedulerTest, deleted_before_its_time_it_never_fires) {
  create(schedule("gone", "at(2024-01-02T00:00:00)"));
  call(&Service::delete_schedule, DeleteScheduleRequest{.name = "gone"});
  advance(days(3));
  EXPECT_TRUE(fired.empty());
}

TEST_F(SchedulerTest, what_was_missed_while_the_program_did_not_run_fires_once_and_late) {
  create(schedule("once", "at(2024-01-02T00:00:00)"));
  CreateScheduleRequest request = schedule("often", "cron(0/5 8 * * ? *)");
  request.target.input = "<aws.scheduler.scheduled-time>";
  create(request);
  machine.loop.run_until_idle();
  machine.crash(runtime::SimulatedDisk::Crash::process);
  service.reset();
  store.reset();
  advance_to("2024-06-01T12:00:00Z");
  machine.restart();
  start();
  machine.loop.run_until_idle();
  ASSERT_EQ(fired.size(), 2U);
  // In the order in which they were due.
  EXPECT_EQ(fired[0].delivery.body, "2024-06-01T08:55:00Z");
  advance(days(1));
  EXPECT_EQ(fired.size(), 14U);
  EXPECT_EQ(fired[2].time, "2024-06-02T08:00:00Z");
}

TEST_F(SchedulerTest, a_delivery_says_who_sends_it_what_and_what_becomes_of_dead_ones) {
  CreateScheduleRequest request = schedule("full", "at(2024-01-02T00:00:00)");
  request.target.input = "<aws.scheduler.schedule-arn> <aws.scheduler.execution-id>";
  request.target.retry_policy = {.maximum_event_age_in_seconds = 60, .maximum_retry_attempts = 2};
  request.target.dead_letter_config = {.arn = "arn:aws:sqs:us-east-1:111122223333:dead"};
  create(request);
  advance(days(2));
  ASSERT_EQ(fired.size(), 1U);
  const services::Delivery& delivery = fired[0].delivery;
  EXPECT_EQ(delivery.target, queue);
  EXPECT_EQ(delivery.body,
            "arn:aws:scheduler:us-east-1:111122223333:schedule/default/full " + delivery.id);
  EXPECT_EQ(delivery.id.size(), 16U);
  EXPECT_EQ(delivery.role, "arn:aws:iam::111122223333:role/scheduler");
  EXPECT_EQ(delivery.service_principal, "scheduler.amazonaws.com");
  EXPECT_EQ(delivery.source_arn, "arn:aws:scheduler:us-east-1:111122223333:schedule-group/default");
  EXPECT_EQ(delivery.retries.most_retries, 2U);
  EXPECT_EQ(delivery.retries.oldest, seconds(60));
  std::map<std::string, std::string> told;
  for (const auto& attribute : delivery.dead_letter.attributes)
    told[attribute.name] = attribute.value;
  EXPECT_EQ(told["SCHEDULED_TIME"], "2024-01-02T00:00:00Z");
  EXPECT_EQ(told["TARGET_ARN"], queue);
  EXPECT_EQ(told["EXECUTION_ID"], delivery.id);
  // Made anew for the tries that follow.
  EXPECT_EQ(delivery.told_of_tries,
            "arn:aws:scheduler:us-east-1:111122223333:schedule/default/full "
            "<aws.scheduler.execution-id>");
}

TEST_F(SchedulerTest, an_event_bus_gets_an_event_and_no_input_a_notification) {
  CreateScheduleRequest request = schedule("event", "at(2024-01-02T00:00:00)");
  request.target.arn = "arn:aws:events:us-east-1:111122223333:event-bus/orders";
  EXPECT_THAT(error_of([&] { create(request); }), HasSubstr("EventBridgeParameters"));
  request.target.event_bridge_parameters = {.detail_type = "Closing", .source = "shop"};
  request.target.input = R"({"shop":1})";
  create(request);
  create(schedule("plain", "at(2024-01-02T00:00:01)"));
  advance(days(2));
  ASSERT_EQ(fired.size(), 2U);
  EXPECT_EQ(fired[0].delivery.target, "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents");
  EXPECT_THAT(fired[0].delivery.body, HasSubstr(R"("Detail":"{\"shop\":1}")"));
  EXPECT_THAT(fired[1].delivery.body, HasSubstr(R"("detail-type":"Scheduled Event")"));
}

TEST_F(SchedulerTest, many_at_the_same_moment_all_fire_and_none_twice) {
  constexpr std::size_t count = 3500;
  for (std::size_t i = 0; i < count; ++i) {
    CreateScheduleRequest request =
        schedule(fmt::format("s{}", i), i % 2 == 0 ? "at(2024-01-02T00:00:00)" : "rate(1 day)");
    if (i % 2 == 1) request.start_date = time_of("2024-01-02T00:00:00Z");
    call(&Service::create_schedule, request);
  }
  advance(days(1));
  EXPECT_EQ(fired.size(), count);
  advance(days(1));
  EXPECT_EQ(fired.size(), count + count / 2);
}

}  // namespace
}  // namespace matinee::scheduler

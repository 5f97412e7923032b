// Schedules and groups as clients make, see and list them.
#include "services/scheduler/service_fixture.h"

namespace matinee::scheduler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(SchedulerTest, a_schedule_is_told_with_what_aws_takes_where_nothing_was_said) {
  create(schedule("nightly", "cron(0 2 * * ? *)"));
  const GetScheduleResponse told = get("nightly");
  EXPECT_EQ(told.arn, "arn:aws:scheduler:us-east-1:111122223333:schedule/default/nightly");
  EXPECT_EQ(told.group_name, "default");
  EXPECT_EQ(told.schedule_expression_timezone, "UTC");
  EXPECT_EQ(told.state, "ENABLED");
  EXPECT_EQ(told.action_after_completion, "NONE");
  EXPECT_EQ(told.flexible_time_window->mode, "OFF");
  EXPECT_EQ(told.target->retry_policy->maximum_retry_attempts, 185);
  EXPECT_EQ(told.target->retry_policy->maximum_event_age_in_seconds, 86'400);
  EXPECT_FALSE(told.start_date || told.end_date || told.description || told.kms_key_arn);
  EXPECT_EQ(told.creation_date, machine.loop.now());
}

TEST_F(SchedulerTest, an_update_takes_back_what_it_does_not_say) {
  CreateScheduleRequest request = schedule("nightly", "cron(0 2 * * ? *)");
  request.description = "Cleans up.";
  request.state = "DISABLED";
  create(request);
  advance(hours(1));
  call(&Service::update_schedule, UpdateScheduleRequest{.name = "nightly",
                                                        .schedule_expression = "rate(1 hours)",
                                                        .target = request.target,
                                                        .flexible_time_window = {.mode = "OFF"}});
  const GetScheduleResponse told = get("nightly");
  EXPECT_FALSE(told.description);
  EXPECT_EQ(told.state, "ENABLED");
  EXPECT_EQ(told.schedule_expression, "rate(1 hours)");
  EXPECT_EQ(*told.last_modification_date - *told.creation_date, hours(1));
}

TEST_F(SchedulerTest, a_repeated_call_with_its_token_is_one_call) {
  CreateScheduleRequest request = schedule("once", "at(2024-02-01T00:00:00)");
  request.client_token = "token";
  create(request);
  create(request);
  request.description = "another";
  EXPECT_EQ(error_of([&] { create(request); }), "ConflictException: Schedule once already exists.");
  request.client_token = "other";
  EXPECT_EQ(error_of([&] { create(request); }), "ConflictException: Schedule once already exists.");
}

TEST_F(SchedulerTest, a_repeated_update_changes_nothing) {
  CreateScheduleRequest request = schedule("hourly", "rate(1 hour)");
  create(request);
  const auto update = [&](const std::string& expression, const std::string& token) {
    call(&Service::update_schedule, UpdateScheduleRequest{.name = "hourly",
                                                          .schedule_expression = expression,
                                                          .target = request.target,
                                                          .flexible_time_window = {.mode = "OFF"},
                                                          .client_token = token});
  };
  update("rate(2 hours)", "token");
  const auto modified = get("hourly").last_modification_date;
  advance(minutes(30));
  update("rate(2 hours)", "token");
  EXPECT_EQ(get("hourly").last_modification_date, modified);
  EXPECT_EQ(error_of([&] { update("rate(3 hours)", "token"); }),
            "ConflictException: Schedule hourly was updated with this token and other parameters.");
  update("rate(2 hours)", "another");
  EXPECT_NE(get("hourly").last_modification_date, modified);
}

TEST_F(SchedulerTest, a_repeated_deletion_is_known_for_an_hour_also_over_a_crash) {
  const auto remove = [&](const std::string& name, const std::string& token) {
    call(&Service::delete_schedule, DeleteScheduleRequest{.name = name, .client_token = token});
  };
  for (const char* name : {"one", "two"}) create(schedule(name, "rate(1 day)"));
  remove("one", "token");
  machine.loop.run_until_idle();
  machine.crash(runtime::SimulatedDisk::Crash::process);
  service.reset();
  store.reset();
  machine.restart();
  start();
  remove("one", "token");
  create(schedule("one", "rate(1 day)"));
  remove("one", "token");
  EXPECT_TRUE(is_there("one"));
  advance(minutes(61));
  remove("one", "token");
  EXPECT_FALSE(is_there("one"));
  EXPECT_THAT(error_of([&] { remove("two", "token"), remove("two", "other"); }),
              HasSubstr("does not exist"));
}

TEST_F(SchedulerTest, what_is_not_there_is_told_by_its_name) {
  EXPECT_EQ(error_of([&] { get("none"); }),
            "ResourceNotFoundException: Schedule none does not exist.");
  EXPECT_EQ(error_of([&] {
              call(&Service::get_schedule_group, GetScheduleGroupRequest{.name = "none"});
            }),
            "ResourceNotFoundException: Schedule group none does not exist.");
  CreateScheduleRequest request = schedule("nightly", "rate(1 day)");
  request.group_name = "none";
  EXPECT_EQ(error_of([&] { create(request); }),
            "ResourceNotFoundException: Schedule group none does not exist.");
}

TEST_F(SchedulerTest, refuses_what_cannot_be_scheduled) {
  const auto refusal = [&](auto change) {
    CreateScheduleRequest request = schedule("bad", "rate(5 minutes)");
    change(request);
    return error_of([&] { create(request); });
  };
  EXPECT_EQ(refusal([](auto& request) { request.schedule_expression = "every day"; }),
            "ValidationException: Invalid Schedule Expression every day.");
  EXPECT_THAT(refusal([](auto& request) { request.schedule_expression_timezone = "Mars/Base"; }),
              HasSubstr("Mars/Base"));
  EXPECT_EQ(refusal([&](auto& request) { request.start_date = machine.loop.now() - hours(1); }),
            "ValidationException: The StartDate you specify cannot be earlier than 5 minutes ago.");
  EXPECT_THAT(refusal([](auto& request) { request.flexible_time_window.mode = "FLEXIBLE"; }),
              HasSubstr("MaximumWindowInMinutes"));
  EXPECT_EQ(refusal([](auto& request) { request.target.arn = "queue"; }),
            "ValidationException: Provided Arn is not in correct format.");
  EXPECT_THAT(refusal([](auto& request) { request.target.arn += ".fifo"; }),
              HasSubstr("MessageGroupId"));
  EXPECT_THAT(refusal([](auto& request) {
                request.target.arn = "arn:aws:lambda:us-east-1:111122223333:function:f";
              }),
              HasSubstr("does not serve targets of AWS Lambda"));
  EXPECT_THAT(refusal([](auto& request) {
                request.target.arn = "arn:aws:scheduler:::aws-sdk:sqs:receiveMessage";
              }),
              HasSubstr("only reads"));
  EXPECT_THAT(refusal([](auto& request) {
                request.target.arn = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage";
                request.target.input = "[]";
              }),
              HasSubstr("Invalid RequestJson provided"));
  EXPECT_THAT(refusal([](auto& request) { request.target.kinesis_parameters.emplace(); }),
              HasSubstr("KinesisParameters cannot be given"));
}

TEST_F(SchedulerTest, lists_go_by_pages_prefixes_states_and_groups) {
  call(&Service::create_schedule_group, CreateScheduleGroupRequest{.name = "another"});
  for (const char* name : {"a1", "a2", "b1", "b2"})
    for (const char* group : {"another", "default"}) {
      CreateScheduleRequest request = schedule(name, "rate(1 day)");
      request.group_name = group;
      if (name == std::string("b2")) request.state = "DISABLED";
      create(request);
    }
  const auto list = [&](ListSchedulesRequest request) {
    std::vector<std::string> names;
    request.max_results = 1;
    do {
      const auto page = call(&Service::list_schedules, request);
      for (const ScheduleSummary& one : page.schedules)
        names.push_back(*one.group_name + "/" + *one.name);
      request.next_token = page.next_token;
    } while (request.next_token);
    return names;
  };
  EXPECT_EQ(list({}).size(), 8U);
  EXPECT_THAT(list({.name_prefix = "a"}),
              ElementsAre("another/a1", "another/a2", "default/a1", "default/a2"));
  EXPECT_THAT(list({.group_name = "default", .name_prefix = "b"}),
              ElementsAre("default/b1", "default/b2"));
  EXPECT_THAT(list({.state = "DISABLED"}), ElementsAre("another/b2", "default/b2"));
  EXPECT_EQ(error_of([&] { list({.next_token = "nonsense"}); }),
            "ValidationException: Invalid NextToken.");
}

TEST_F(SchedulerTest, a_deleted_group_takes_its_schedules_along_even_over_a_crash) {
  call(&Service::create_schedule_group, CreateScheduleGroupRequest{.name = "group"});
  for (int i = 0; i < 500; ++i) {
    CreateScheduleRequest request = schedule(fmt::format("s{}", i), "at(2024-02-01T00:00:00)");
    request.group_name = "group";
    call(&Service::create_schedule, request);
  }
  call(&Service::delete_schedule_group, DeleteScheduleGroupRequest{.name = "group"});
  const GetScheduleGroupRequest wanted{.name = "group"};
  EXPECT_EQ(call(&Service::get_schedule_group, wanted).state, "DELETING");
  machine.crash(runtime::SimulatedDisk::Crash::process);
  service.reset();
  store.reset();
  machine.restart();
  start();
  EXPECT_EQ(call(&Service::get_schedule_group, wanted).state, "DELETING");
  machine.loop.run_until_idle();
  EXPECT_THAT(error_of([&] { call(&Service::get_schedule_group, wanted); }),
              HasSubstr("does not exist"));
  advance(days(60));
  EXPECT_TRUE(fired.empty());
  EXPECT_THAT(error_of([&] {
                call(&Service::delete_schedule_group,
                     DeleteScheduleGroupRequest{.name = "default"});
              }),
              HasSubstr("ValidationException"));
}

TEST_F(SchedulerTest, groups_have_tags_and_pages) {
  const Tag tag{.key = "team", .value = "night"};
  const std::string arn =
      call(&Service::create_schedule_group,
           CreateScheduleGroupRequest{.name = "group", .tags = std::vector{tag}})
          .schedule_group_arn;
  EXPECT_EQ(arn, "arn:aws:scheduler:us-east-1:111122223333:schedule-group/group");
  call(&Service::tag_resource,
       TagResourceRequest{.resource_arn = arn, .tags = {{.key = "cost", .value = "1"}}});
  call(&Service::untag_resource, UntagResourceRequest{.resource_arn = arn, .tag_keys = {"team"}});
  const auto tags =
      call(&Service::list_tags_for_resource, ListTagsForResourceRequest{.resource_arn = arn});
  ASSERT_EQ(tags.tags->size(), 1U);
  EXPECT_EQ(tags.tags->front().key, "cost");
  auto page = call(&Service::list_schedule_groups, ListScheduleGroupsRequest{.max_results = 1});
  EXPECT_EQ(*page.schedule_groups.front().name, "default");
  page = call(&Service::list_schedule_groups,
              ListScheduleGroupsRequest{.next_token = page.next_token});
  ASSERT_EQ(page.schedule_groups.size(), 1U);
  EXPECT_EQ(*page.schedule_groups.front().name, "group");
  EXPECT_FALSE(page.next_token);
}

TEST_F(SchedulerTest, an_input_with_a_key_is_encrypted_and_shown_plain) {
  CreateScheduleRequest request = schedule("secret", "at(2024-02-01T00:00:00)");
  request.kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/k";
  request.target.input = "top secret";
  create(request);
  EXPECT_EQ(keys.last.context.at("aws:scheduler:schedule:arn"),
            "arn:aws:scheduler:us-east-1:111122223333:schedule/default/secret");
  EXPECT_EQ(get("secret").target->input, "top secret");
  advance(days(40));
  ASSERT_EQ(fired.size(), 1U);
  EXPECT_EQ(fired[0].delivery.body, "top secret");
}

TEST_F(SchedulerTest, a_reset_of_an_account_leaves_the_others) {
  create(schedule("mine", "at(2024-02-01T00:00:00)"));
  context.account = "444455556666";
  create(schedule("theirs", "at(2024-02-01T00:00:00)"));
  {
    storage::Transaction transaction(*store);
    service->reset({.account = "111122223333"});
    transaction.commit();
  }
  advance(days(40));
  ASSERT_EQ(fired.size(), 1U);
  EXPECT_EQ(fired[0].delivery.source_account, "444455556666");
}

}  // namespace
}  // namespace matinee::scheduler

#include "logs/operations.h"
#include "services/logs/service_fixture.h"

namespace matinee::logs {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

std::vector<std::string> names(const DescribeLogGroupsResponse& response) {
  std::vector<std::string> out;
  for (const LogGroup& group : *response.log_groups) out.push_back(*group.log_group_name);
  return out;
}

std::vector<std::string> names(const DescribeLogStreamsResponse& response) {
  std::vector<std::string> out;
  for (const LogStream& stream : *response.log_streams) out.push_back(*stream.log_stream_name);
  return out;
}

}  // namespace

class LogGroupsTest : public LogsTest {
 protected:
  DescribeLogGroupsResponse describe(const DescribeLogGroupsRequest& request) {
    return call(&Service::describe_log_groups, request);
  }
  DescribeLogStreamsResponse describe_streams(DescribeLogStreamsRequest request) {
    request.log_group_name = "g";
    return call(&Service::describe_log_streams, request);
  }
};

TEST_F(LogGroupsTest, a_group_is_described) {
  create_group("/app/web");
  const LogGroup group = describe({}).log_groups->front();
  EXPECT_EQ(group.arn, "arn:aws:logs:us-east-1:000000000000:log-group:/app/web:*");
  EXPECT_EQ(group.log_group_arn, "arn:aws:logs:us-east-1:000000000000:log-group:/app/web");
  EXPECT_EQ(group.log_group_class, "STANDARD");
  EXPECT_EQ(group.deletion_protection_enabled, false);
  EXPECT_EQ(group.metric_filter_count, 0);
  EXPECT_EQ(group.stored_bytes, 0);
  EXPECT_EQ(group.retention_in_days, std::nullopt);
  const LogGroup in_short = describe({.log_group_name_pattern = "web"}).log_groups->front();
  EXPECT_EQ(in_short.stored_bytes, std::nullopt);
  EXPECT_EQ(in_short.deletion_protection_enabled, std::nullopt);
  EXPECT_EQ(in_short.metric_filter_count, 0);
}

TEST_F(LogGroupsTest, names_are_taken_once_and_some_are_reserved) {
  create_group("g");
  EXPECT_EQ(error_of([&] { create_group("g"); }),
            "ResourceAlreadyExistsException: The specified log group already exists");
  EXPECT_THAT(error_of([&] { create_group("aws/x"); }),
              testing::StartsWith("InvalidParameterException: Log groups starting with AWS/"));
  create_stream("g", "s");
  EXPECT_EQ(error_of([&] { create_stream("g", "s"); }),
            "ResourceAlreadyExistsException: The specified log stream already exists");
}

TEST_F(LogGroupsTest, groups_are_listed_by_prefix_part_and_page) {
  for (const char* name : {"b", "a1", "a2", "a3"}) create_group(name);
  EXPECT_THAT(names(describe({})), ElementsAre("a1", "a2", "a3", "b"));
  EXPECT_THAT(names(describe({.log_group_name_prefix = "a"})), ElementsAre("a1", "a2", "a3"));
  EXPECT_THAT(names(describe({.log_group_name_pattern = "2"})), ElementsAre("a2"));
  DescribeLogGroupsResponse page = describe({.limit = 2});
  EXPECT_THAT(names(page), ElementsAre("a1", "a2"));
  page = describe({.next_token = page.next_token, .limit = 2});
  EXPECT_THAT(names(page), ElementsAre("a3", "b"));
  EXPECT_EQ(page.next_token, std::nullopt);
  EXPECT_EQ(
      error_of([&] { describe({.log_group_name_prefix = "a", .log_group_name_pattern = "a"}); }),
      "InvalidParameterException: LogGroup name prefix and LogGroup name pattern are "
      "mutually exclusive parameters.");
  EXPECT_EQ(error_of([&] { describe({.next_token = "bad"}); }),
            "InvalidParameterException: The specified nextToken is invalid.");
}

TEST_F(LogGroupsTest, names_are_looked_for_by_several_parts) {
  for (const char* name : {"/aws/lambda/x", "discovery", "my/aws/lambda"}) create_group(name);
  const auto list = [&](const std::string& pattern) {
    std::vector<std::string> out;
    const auto response =
        call(&Service::list_log_groups, ListLogGroupsRequest{.log_group_name_pattern = pattern});
    for (const LogGroupSummary& group : *response.log_groups) out.push_back(*group.log_group_name);
    return out;
  };
  EXPECT_THAT(list("^/aws/lambda|discovery"), ElementsAre("/aws/lambda/x", "discovery"));
  EXPECT_THAT(list("lambda"), ElementsAre("/aws/lambda/x", "my/aws/lambda"));
  EXPECT_THAT(list("nothing"), IsEmpty());
}

TEST_F(LogGroupsTest, retention_takes_the_days_of_aws) {
  create_group("g");
  const auto set = [&](std::int32_t days) {
    return error_of([&] {
      call(&Service::put_retention_policy,
           PutRetentionPolicyRequest{.log_group_name = "g", .retention_in_days = days});
    });
  };
  EXPECT_EQ(set(7), "no error");
  EXPECT_EQ(describe({}).log_groups->front().retention_in_days, 7);
  EXPECT_THAT(set(2), testing::StartsWith("InvalidParameterException: 1 validation error detected: "
                                          "Value '2' at 'retentionInDays'"));
  call(&Service::delete_retention_policy, DeleteRetentionPolicyRequest{.log_group_name = "g"});
  EXPECT_EQ(describe({}).log_groups->front().retention_in_days, std::nullopt);
}

TEST_F(LogGroupsTest, a_protected_group_is_not_deleted) {
  create_group("g");
  const auto protect = [&](bool enabled) {
    call(&Service::put_log_group_deletion_protection,
         PutLogGroupDeletionProtectionRequest{.log_group_identifier = "g",
                                              .deletion_protection_enabled = enabled});
  };
  const auto remove = [&] {
    return error_of(
        [&] { call(&Service::delete_log_group, DeleteLogGroupRequest{.log_group_name = "g"}); });
  };
  protect(true);
  EXPECT_THAT(remove(), testing::StartsWith("ValidationException"));
  protect(false);
  EXPECT_EQ(remove(), "no error");
}

TEST_F(LogGroupsTest, both_kinds_of_tags_are_the_same) {
  create_group("g");
  const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
  call(&Service::tag_log_group, TagLogGroupRequest{.log_group_name = "g", .tags = {{"a", "1"}}});
  call(&Service::tag_resource, TagResourceRequest{.resource_arn = arn, .tags = {{"b", "2"}}});
  const auto tags = [&] {
    return *call(&Service::list_tags_for_resource, ListTagsForResourceRequest{.resource_arn = arn})
                .tags;
  };
  EXPECT_THAT(tags(), SizeIs(2));
  call(&Service::untag_log_group, UntagLogGroupRequest{.log_group_name = "g", .tags = {"b"}});
  EXPECT_THAT(tags(), ElementsAre(testing::Pair("a", "1")));
  call(&Service::untag_resource, UntagResourceRequest{.resource_arn = arn, .tag_keys = {"a"}});
  EXPECT_THAT(
      *call(&Service::list_tags_log_group, ListTagsLogGroupRequest{.log_group_name = "g"}).tags,
      IsEmpty());
  std::map<std::string, std::string> many;
  for (int i = 0; i < 51; ++i) many[std::to_string(i)] = "";
  EXPECT_THAT(error_of([&] {
                call(&Service::tag_resource, TagResourceRequest{.resource_arn = arn, .tags = many});
              }),
              testing::StartsWith("TooManyTagsException"));
}

TEST_F(LogGroupsTest, pages_of_streams_by_time_follow_what_is_written) {
  create_group("g");
  for (int i = 0; i < 12; ++i) {
    create_stream("g", "s" + std::to_string(i));
    // Three in a second each, in an order that is not that of their names.
    if (i < 9)
      put("g", "s" + std::to_string(i),
          {{.timestamp = now() - 10'000 + (i / 3) * 1000 + (7 * i) % 10, .message = "m"}});
  }
  const auto all = [&](bool descending, std::int32_t limit) {
    std::vector<std::string> out;
    DescribeLogStreamsRequest request{
        .order_by = "LastEventTime", .descending = descending, .limit = limit};
    do {
      const DescribeLogStreamsResponse page = describe_streams(request);
      EXPECT_LE(page.log_streams->size(), static_cast<std::size_t>(limit));
      for (std::string& name : names(page)) out.push_back(std::move(name));
      request.next_token = page.next_token;
    } while (request.next_token);
    return out;
  };
  const std::vector<std::string> order = {"s10", "s11", "s9", "s0", "s2", "s1",
                                          "s3",  "s5",  "s4", "s6", "s8", "s7"};
  const std::vector<std::string> reverse(order.rbegin(), order.rend());
  for (const std::int32_t limit : {1, 2, 5, 12, 50}) {
    EXPECT_EQ(all(false, limit), order) << limit;
    EXPECT_EQ(all(true, limit), reverse) << limit;
  }
  put("g", "s0", {{.timestamp = now(), .message = "m"}});
  call(&Service::delete_log_stream,
       DeleteLogStreamRequest{.log_group_name = "g", .log_stream_name = "s7"});
  EXPECT_THAT(
      names(describe_streams({.order_by = "LastEventTime", .descending = true, .limit = 3})),
      ElementsAre("s0", "s8", "s6"));
  kill_and_restart();
  EXPECT_THAT(
      names(describe_streams({.order_by = "LastEventTime", .descending = true, .limit = 3})),
      ElementsAre("s0", "s8", "s6"));
}

TEST_F(LogGroupsTest, groups_of_an_older_program_get_their_order_when_it_is_asked_for) {
  create_group("g");
  for (int i = 0; i < 250; ++i) create_stream("g", "s" + std::to_string(100 + i));
  put("g", "s200", {{.timestamp = now() - 5000, .message = "m"}});
  {
    // As it was written before there was an order.
    Catalog catalog(*store);
    storage::Transaction transaction(*store);
    catalog.streams_by_time.erase_range(catalog.streams_by_time.all());
    Group group = *catalog.find_group({context.account, context.region, "g"});
    group.record.orders_streams = false;
    catalog.change(group);
    transaction.commit();
  }
  kill_and_restart();
  put("g", "s300", {{.timestamp = now(), .message = "m"}});
  const DescribeLogStreamsRequest newest{
      .order_by = "LastEventTime", .descending = true, .limit = 3};
  EXPECT_THAT(names(describe_streams(newest)), ElementsAre("s300", "s200", "s349"));
  put("g", "s200", {{.timestamp = now() + 1000, .message = "m"}});
  kill_and_restart();
  EXPECT_THAT(names(describe_streams(newest)), ElementsAre("s200", "s300", "s349"));
  Catalog catalog(*store);
  EXPECT_TRUE(catalog.find_group({context.account, context.region, "g"})->record.orders_streams);
}

TEST_F(LogGroupsTest, streams_by_name_go_back_within_a_prefix) {
  create_group("g");
  for (const char* name : {"a", "b1", "b2", "b3", "c"}) create_stream("g", name);
  DescribeLogStreamsRequest request{.log_stream_name_prefix = "b", .descending = true, .limit = 2};
  const DescribeLogStreamsResponse page = describe_streams(request);
  EXPECT_THAT(names(page), ElementsAre("b3", "b2"));
  request.next_token = page.next_token;
  EXPECT_THAT(names(describe_streams(request)), ElementsAre("b1"));
  EXPECT_FALSE(describe_streams(request).next_token.has_value());
}

TEST_F(LogGroupsTest, streams_are_listed_by_name_and_by_their_last_event) {
  create_group("g");
  for (const char* name : {"a", "b", "c", "d"}) create_stream("g", name);
  put("g", "c", {{now() - 10, "x"}});
  put("g", "a", {{now() - 5, "x"}});
  put("g", "b", {{now() - 20, "x"}});
  EXPECT_THAT(names(describe_streams({})), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(names(describe_streams({.descending = true})), ElementsAre("d", "c", "b", "a"));
  EXPECT_THAT(names(describe_streams({.log_stream_name_prefix = "b"})), ElementsAre("b"));
  DescribeLogStreamsRequest by_time{.order_by = "LastEventTime", .descending = true, .limit = 3};
  DescribeLogStreamsResponse page = describe_streams(by_time);
  EXPECT_THAT(names(page), ElementsAre("a", "c", "b"));
  by_time.next_token = page.next_token;
  EXPECT_THAT(names(describe_streams(by_time)), ElementsAre("d"));
  page = describe_streams({.limit = 3});
  EXPECT_THAT(names(describe_streams({.next_token = page.next_token, .limit = 3})),
              ElementsAre("d"));
  const LogStream stream = describe_streams({.log_stream_name_prefix = "a"}).log_streams->front();
  EXPECT_EQ(stream.arn, "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:a");
  EXPECT_EQ(stream.last_event_timestamp, now() - 5);
  EXPECT_EQ(stream.first_event_timestamp, now() - 5);
  EXPECT_EQ(stream.last_ingestion_time, now());
  EXPECT_EQ(stream.stored_bytes, 0);
  EXPECT_TRUE(stream.upload_sequence_token.has_value());
  EXPECT_EQ(
      describe_streams({.log_stream_name_prefix = "d"}).log_streams->front().upload_sequence_token,
      std::nullopt);
}

TEST_F(LogGroupsTest, all_is_there_after_a_kill) {
  for (int i = 0; i < 60; ++i) create_group("g" + std::to_string(i));
  kill_and_restart();
  DescribeLogGroupsResponse page = describe({});
  EXPECT_THAT(*page.log_groups, SizeIs(50));
  EXPECT_THAT(*describe({.next_token = page.next_token}).log_groups, SizeIs(10));
}

}  // namespace matinee::logs

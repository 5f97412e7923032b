#include "services/logs/service_fixture.h"

namespace matinee::logs {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

namespace {

constexpr Milliseconds an_hour = 3'600'000;
constexpr Milliseconds a_day = 24 * an_hour;

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back("event " + std::to_string(i));
  return out;
}

}  // namespace

TEST_F(LogsTest, the_latest_events_come_in_order_of_their_times) {
  fill({"a", "b", "c", "d"});
  EXPECT_THAT(texts(get({.limit = 2})), ElementsAre("c", "d"));
  EXPECT_THAT(texts(get({.limit = 2, .start_from_head = true})), ElementsAre("a", "b"));
  EXPECT_THAT(texts(get({})), ElementsAre("a", "b", "c", "d"));
}

TEST_F(LogsTest, tokens_lead_forward_until_the_same_one_comes_back) {
  fill(numbered(5));
  GetLogEventsResponse page = get({.limit = 2, .start_from_head = true});
  EXPECT_THAT(*page.next_forward_token, MatchesRegex("f/[0-9]{56}/s"));
  EXPECT_THAT(*page.next_backward_token, MatchesRegex("b/[0-9]{56}/s"));
  page = get({.next_token = page.next_forward_token, .limit = 2, .start_from_head = true});
  EXPECT_THAT(texts(page), ElementsAre("event 2", "event 3"));
  page = get({.next_token = page.next_forward_token, .limit = 2});
  EXPECT_THAT(texts(page), ElementsAre("event 4"));
  const std::optional<std::string> last = page.next_forward_token;
  page = get({.next_token = last});
  EXPECT_THAT(texts(page), IsEmpty());
  EXPECT_EQ(page.next_forward_token, last);

  put("g", "s", {{.timestamp = now() + 5, .message = "later"}});
  EXPECT_THAT(texts(get({.next_token = last})), ElementsAre("later"));
}

TEST_F(LogsTest, tokens_lead_backward_to_the_first_event) {
  fill(numbered(5));
  GetLogEventsResponse page = get({.limit = 2});
  EXPECT_THAT(texts(page), ElementsAre("event 3", "event 4"));
  page = get({.next_token = page.next_backward_token, .limit = 2});
  EXPECT_THAT(texts(page), ElementsAre("event 1", "event 2"));
  page = get({.next_token = page.next_backward_token, .limit = 2});
  EXPECT_THAT(texts(page), ElementsAre("event 0"));
  const std::optional<std::string> first = page.next_backward_token;
  page = get({.next_token = first, .limit = 2});
  EXPECT_THAT(texts(page), IsEmpty());
  EXPECT_EQ(page.next_backward_token, first);
  page = get({.next_token = page.next_forward_token, .limit = 2});
  EXPECT_THAT(texts(page), ElementsAre("event 0", "event 1"));
}

TEST_F(LogsTest, an_empty_stream_has_tokens_that_later_find_what_came) {
  create_group("g");
  create_stream("g", "s");
  const GetLogEventsResponse empty = get({.start_from_head = true});
  EXPECT_THAT(texts(empty), IsEmpty());
  put("g", "s", {{.timestamp = now() - 1000, .message = "x"}});
  EXPECT_THAT(texts(get({.next_token = empty.next_forward_token})), ElementsAre("x"));
}

TEST_F(LogsTest, tokens_that_nobody_gave_are_refused) {
  fill({"a"});
  create_group("other");
  create_stream("other", "s");
  const std::string refused = "InvalidParameterException: The specified nextToken is invalid.";
  const std::string good = *get({}).next_forward_token;
  std::string changed = good;
  changed[10] = changed[10] == '1' ? '2' : '1';
  for (const std::string& token : {std::string("x"), std::string("f/1/s"), changed})
    EXPECT_EQ(error_of([&] { get({.next_token = token}); }), refused) << token;
  EXPECT_EQ(error_of([&] { get({.log_group_identifier = "other", .next_token = good}); }), refused);
  EXPECT_EQ(error_of([&] { filter({.next_token = "foo"}); }), refused);
}

TEST_F(LogsTest, the_end_is_exclusive_for_one_operation_and_inclusive_for_the_other) {
  fill({"a", "b", "c"});
  const Milliseconds middle = now() - 1;
  EXPECT_THAT(texts(get({.start_time = middle})), ElementsAre("b", "c"));
  EXPECT_THAT(texts(get({.end_time = middle})), ElementsAre("a"));
  EXPECT_THAT(texts(filter({.end_time = middle})), ElementsAre("a", "b"));
  EXPECT_THAT(texts(filter({.start_time = middle})), ElementsAre("b", "c"));
}

TEST_F(LogsTest, batches_that_overlap_are_one_sequence) {
  create_group("g");
  create_stream("g", "s");
  const Milliseconds start = now() - 10'000;
  put("g", "s", {{start, "0"}, {start + 2000, "2"}, {start + 4000, "4"}});
  put("g", "s", {{start + 1000, "1"}, {start + 3000, "3"}, {start + 4000, "4, later"}});
  EXPECT_THAT(texts(get({})), ElementsAre("0", "1", "2", "3", "4", "4, later"));
  std::vector<std::string> all;
  FilterLogEventsRequest request{.limit = 1};
  EXPECT_THAT(filter_all({.limit = 1}), ElementsAre("0", "1", "2", "3", "4", "4, later"));
  EXPECT_THAT(filter_all({.limit = 2, .start_from_head = false}),
              ElementsAre("4, later", "4", "3", "2", "1", "0"));
  GetLogEventsResponse page = get({.limit = 2});
  EXPECT_THAT(texts(page), ElementsAre("4", "4, later"));
  page = get({.next_token = page.next_backward_token, .limit = 3});
  EXPECT_THAT(texts(page), ElementsAre("1", "2", "3"));
}

TEST_F(LogsTest, random_batches_are_read_in_order_whatever_the_page) {
  create_group("g");
  const Milliseconds base = now() - 2 * an_hour;
  std::vector<std::pair<Milliseconds, std::string>> expected;
  for (int batch = 0; batch < 30; ++batch) {
    const std::string stream = "s" + std::to_string(batch % 4);
    if (batch < 4) create_stream("g", stream);
    std::vector<Milliseconds> times;
    for (int i = 0; i < 20; ++i)
      times.push_back(base + static_cast<Milliseconds>(machine.random.below(7'000'000)));
    std::ranges::sort(times);
    std::vector<InputLogEvent> events;
    for (int i = 0; i < 20; ++i) {
      const std::string text = std::to_string(batch) + "." + std::to_string(i);
      events.push_back({.timestamp = times[static_cast<std::size_t>(i)], .message = text});
      expected.emplace_back(times[static_cast<std::size_t>(i)], text);
    }
    put("g", stream, std::move(events));
  }
  std::ranges::sort(expected, {}, &std::pair<Milliseconds, std::string>::first);
  std::vector<std::string> order;
  for (const auto& [time, text] : expected) order.push_back(text);
  for (const int limit : {1, 7, 100, 10'000})
    EXPECT_EQ(filter_all({.limit = limit}), order) << limit;
  std::ranges::reverse(order);
  EXPECT_EQ(filter_all({.limit = 9, .start_from_head = false}), order);
}

TEST_F(LogsTest, a_page_holds_a_megabyte) {
  create_group("g");
  create_stream("g", "s");
  for (int i = 0; i < 3; ++i)
    put("g", "s", {{now() + i, std::string(600'000, static_cast<char>('a' + i))}});
  GetLogEventsResponse page = get({.start_from_head = true});
  EXPECT_THAT(*page.events, SizeIs(1));
  page = get({.next_token = page.next_forward_token});
  EXPECT_EQ(page.events->front().message->front(), 'b');
  EXPECT_THAT(filter_all({}), SizeIs(3));
}

TEST_F(LogsTest, batches_have_limits) {
  create_group("g");
  create_stream("g", "s");
  const auto refusal = [&](std::vector<InputLogEvent> events) {
    return error_of([&] { put("g", "s", std::move(events)); });
  };
  EXPECT_EQ(refusal({{now(), std::string(1'048'576 - 25, 'x')}}),
            "InvalidParameterException: Upload too large: 1048577 bytes exceeds limit of 1048576");
  EXPECT_EQ(refusal({{now(), std::string(1'048'576 - 26, 'x')}}), "no error");
  EXPECT_EQ(refusal({{now(), "a"}, {now() - 1, "b"}}),
            "InvalidParameterException: Log events in a single PutLogEvents request must be in "
            "chronological order.");
  EXPECT_EQ(refusal({{now() - a_day - 1, "a"}, {now(), "b"}}),
            "InvalidParameterException: The batch of log events in a single PutLogEvents request "
            "cannot span more than 24 hours.");
  EXPECT_EQ(refusal({{now() - a_day, "a"}, {now(), "b"}}), "no error");
}

TEST_F(LogsTest, events_that_are_too_old_or_too_new_are_left_out) {
  create_group("g");
  create_stream("g", "s");
  const auto response = put("g", "s",
                            {{now() - 30 * a_day, "old"},
                             {now() - 15 * a_day, "old"},
                             {now(), "good"},
                             {now() + 3 * an_hour, "new"}});
  ASSERT_TRUE(response.rejected_log_events_info.has_value());
  EXPECT_EQ(response.rejected_log_events_info->too_old_log_event_end_index, 2);
  EXPECT_EQ(response.rejected_log_events_info->too_new_log_event_start_index, 3);
  EXPECT_EQ(response.rejected_log_events_info->expired_log_event_end_index, std::nullopt);
  EXPECT_THAT(texts(get({})), ElementsAre("good"));
  EXPECT_FALSE(put("g", "s", {{now(), "x"}}).rejected_log_events_info.has_value());
}

TEST_F(LogsTest, retention_rejects_hides_and_removes) {
  create_group("g");
  create_stream("g", "s");
  put("g", "s", {{now() - 2 * a_day, "old"}});
  put("g", "s", {{now(), "young"}});
  call(&Service::put_retention_policy,
       PutRetentionPolicyRequest{.log_group_name = "g", .retention_in_days = 1});
  EXPECT_THAT(texts(get({})), ElementsAre("young"));
  EXPECT_THAT(texts(filter({})), ElementsAre("young"));
  const auto response = put("g", "s", {{now() - 2 * a_day, "expired"}, {now(), "kept"}});
  EXPECT_EQ(response.rejected_log_events_info->expired_log_event_end_index, 1);

  advance(hours(25));
  EXPECT_THAT(texts(get({})), IsEmpty());
  advance(hours(2));
  call(&Service::delete_retention_policy, DeleteRetentionPolicyRequest{.log_group_name = "g"});
  EXPECT_THAT(texts(get({})), IsEmpty());
  const auto groups = call(&Service::describe_log_groups, DescribeLogGroupsRequest{});
  EXPECT_EQ(groups.log_groups->front().stored_bytes, 0);
}

TEST_F(LogsTest, streams_are_chosen_by_name_and_by_prefix) {
  create_group("g");
  for (const char* name : {"a1", "a2", "b1"}) {
    create_stream("g", name);
    put("g", name, {{now(), std::string("of ") + name}});
  }
  EXPECT_THAT(texts(filter({.log_stream_names = {{"a1", "b1"}}})), ElementsAre("of a1", "of b1"));
  EXPECT_THAT(texts(filter({.log_stream_name_prefix = "a"})), ElementsAre("of a1", "of a2"));
  EXPECT_THAT(texts(filter({.log_stream_name_prefix = "c"})), IsEmpty());
  EXPECT_EQ(error_of([&] { filter({.log_stream_names = {{"none"}}}); }),
            "ResourceNotFoundException: The specified log stream does not exist.");
  EXPECT_THAT(
      error_of([&] { filter({.log_stream_names = {{"a1"}}, .log_stream_name_prefix = "a"}); }),
      testing::StartsWith("InvalidParameterException"));
}

TEST_F(LogsTest, a_prefix_of_very_many_streams_looks_through_the_group) {
  create_group("g");
  for (int i = 0; i < 120; ++i) {
    create_stream("g", "many" + std::to_string(i));
    put("g", "many" + std::to_string(i), {{now() + i, std::to_string(i)}});
  }
  create_stream("g", "other");
  put("g", "other", {{now(), "other"}});
  EXPECT_THAT(filter_all({.log_stream_name_prefix = "many", .limit = 50}), SizeIs(120));
}

TEST_F(LogsTest, filtered_events_have_ids_and_their_streams) {
  fill({"ERROR one", "fine", "ERROR two"});
  const FilterLogEventsResponse response = filter({.filter_pattern = "ERROR"});
  EXPECT_THAT(texts(response), ElementsAre("ERROR one", "ERROR two"));
  EXPECT_THAT(*response.searched_log_streams, IsEmpty());
  EXPECT_EQ(response.next_token, std::nullopt);
  EXPECT_THAT(*response.events->front().event_id, MatchesRegex("[0-9]{56}"));
  EXPECT_EQ(response.events->front().log_stream_name, "s");
  EXPECT_EQ(error_of([&] { filter({.filter_pattern = "{ $.a"}); }),
            "InvalidParameterException: If a filter pattern starts with '{' it must end with '}'");
}

TEST_F(LogsTest, an_event_id_leads_to_the_record) {
  fill({R"({"level": "info", "user": {"id": 7}, "tags": ["x", "y"]})"});
  const std::string id = *filter({}).events->front().event_id;
  const auto record =
      *call(&Service::get_log_record, GetLogRecordRequest{.log_record_pointer = id}).log_record;
  EXPECT_EQ(record.at("user.id"), "7");
  EXPECT_EQ(record.at("tags.1"), "y");
  EXPECT_EQ(record.at("@logStream"), "s");
  EXPECT_EQ(record.at("@timestamp"), std::to_string(now()));
  EXPECT_EQ(record.at("@log"), context.account + ":g");
}

TEST_F(LogsTest, fields_are_found_with_how_often_they_occur) {
  fill({R"({"a": 1})", R"({"a": 1, "b": 2})"});
  const auto fields =
      *call(&Service::get_log_group_fields, GetLogGroupFieldsRequest{.log_group_name = "g"})
           .log_group_fields;
  EXPECT_EQ(fields.size(), 7U);
  EXPECT_EQ(fields.back().name, "b");
  EXPECT_EQ(fields.back().percent, 50);
}

TEST_F(LogsTest, events_and_tokens_survive_a_kill) {
  fill(numbered(4));
  const GetLogEventsResponse page = get({.limit = 2, .start_from_head = true});
  const FilterLogEventsResponse filtered = filter({.limit = 1});
  kill_and_restart();
  EXPECT_THAT(texts(get({.next_token = page.next_forward_token})),
              ElementsAre("event 2", "event 3"));
  EXPECT_THAT(filter_all({.next_token = filtered.next_token}), SizeIs(3));
  put("g", "s", {{now(), "after"}});
  EXPECT_THAT(texts(get({})), SizeIs(5));
}

TEST_F(LogsTest, a_deleted_stream_is_gone_at_once_and_its_name_begins_anew) {
  create_group("g");
  create_stream("g", "s");
  for (int i = 0; i < 1200; ++i) put("g", "s", {{now(), "old"}});
  call(&Service::delete_log_stream,
       DeleteLogStreamRequest{.log_group_name = "g", .log_stream_name = "s"});
  EXPECT_THAT(texts(filter({})), IsEmpty());
  create_stream("g", "s");
  EXPECT_THAT(texts(get({})), IsEmpty());
  put("g", "s", {{now(), "new"}});
  EXPECT_THAT(texts(get({})), ElementsAre("new"));
  const auto groups = call(&Service::describe_log_groups, DescribeLogGroupsRequest{});
  EXPECT_EQ(groups.log_groups->front().stored_bytes, 29);
}

TEST_F(LogsTest, a_deleted_group_takes_all_with_it) {
  fill({"a"});
  call(&Service::delete_log_group, DeleteLogGroupRequest{.log_group_name = "g"});
  const std::string gone = "ResourceNotFoundException: The specified log group does not exist.";
  EXPECT_EQ(error_of([&] { filter({}); }), gone);
  create_group("g");
  EXPECT_THAT(texts(filter({})), IsEmpty());
  EXPECT_EQ(error_of([&] { get({}); }),
            "ResourceNotFoundException: The specified log stream does not exist.");
}

TEST_F(LogsTest, a_reset_takes_one_account) {
  fill({"a"});
  Context other{.account = "111111111111"};
  std::swap(context, other);
  fill({"b"});
  std::swap(context, other);
  {
    storage::Transaction transaction(*store);
    service->reset({.account = "111111111111"});
    transaction.commit();
  }
  EXPECT_THAT(texts(get({})), ElementsAre("a"));
  std::swap(context, other);
  EXPECT_THAT(error_of([&] { get({}); }), testing::HasSubstr("log group"));
  create_group("g");
  EXPECT_THAT(texts(filter({})), IsEmpty());
}

TEST_F(LogsTest, other_services_write_lines) {
  {
    storage::Transaction transaction(*store);
    const runtime::Time time = machine.loop.now();
    const std::vector<services::LogLine> lines = {{.time = time, .text = "b"},
                                                  {.time = time - milliseconds(5), .text = "a"},
                                                  {.time = time, .text = ""},
                                                  {.time = time + hours(5), .text = "too new"}};
    service->put(
        {.account = context.account, .region = context.region, .group = "g", .stream = "s"}, lines);
    transaction.commit();
  }
  EXPECT_THAT(texts(get({})), ElementsAre("a", "b"));
}

}  // namespace matinee::logs

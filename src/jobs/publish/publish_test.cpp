// Options, messages and keys: small pure functions of the publisher.
#include <gtest/gtest.h>

#include "jobs/publish/lister.h"
#include "jobs/publish/message.h"
#include "jobs/publish/summary.h"

namespace matinee::jobs::publish {
namespace {

Entry entry(const std::string& key, const std::string& etag = "e", std::uint32_t edition = 1) {
  return {
      .key = key, .etag = etag, .edition = edition, .doubt = Doubt{.first_sent = {}, .groups = 4}};
}

TEST(Message, a_body_names_bucket_and_key_as_json) {
  MessageMaker maker("b");
  EXPECT_EQ(maker.make(entry("a/b c.txt")).body, R"({"bucket":"b","key":"a/b c.txt"})");
  EXPECT_EQ(maker.make(entry("\"\\ä")).body, R"({"bucket":"b","key":"\"\\ä"})");
}

TEST(Message, characters_that_sqs_refuses_are_escaped) {
  MessageMaker maker("b");
  EXPECT_EQ(maker.make(entry("\x01\t\n")).body, R"({"bucket":"b","key":"\u0001\u0009\u000a"})");
  EXPECT_EQ(maker.make(entry("x\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd")).body,
            "{\"bucket\":\"b\",\"key\":\"x\\ufffe\\uffff\xef\xbf\xbd\"}");
}

TEST(Message, the_deduplication_id_differs_by_bucket_key_etag_and_edition) {
  std::set<std::string> ids;
  for (const std::string bucket : {"b", "c"}) {
    MessageMaker maker(bucket);
    for (const Entry& each : {entry("k"), entry("l"), entry("k", "f"), entry("k", "e", 2)})
      ids.insert(maker.make(each).deduplication_id);
  }
  EXPECT_EQ(ids.size(), 8U);
  EXPECT_EQ(ids.begin()->size(), 64U);
  EXPECT_EQ(MessageMaker("b").make(entry("k")).deduplication_id,
            MessageMaker("b").make(entry("k")).deduplication_id);
}

TEST(Message, keys_spread_over_all_groups) {
  MessageMaker maker("b");
  std::map<std::string, int> groups;
  for (int i = 0; i < 4000; ++i) ++groups[maker.make(entry(std::to_string(i))).group];
  EXPECT_EQ(groups.size(), 4U);
  for (const auto& [group, messages] : groups) EXPECT_NEAR(messages, 1000, 200) << group;
}

TEST(Lister, keys_are_taken_out_of_percent_encoding) {
  EXPECT_EQ(decode_key("a%2Fb+c%2B%C3%A4"), "a/b c+ä");
  EXPECT_EQ(decode_key("100%"), "100%");
  EXPECT_EQ(decode_key("%zz%4"), "%zz%4");
}

TEST(PublishOptions, a_time_is_a_date_or_how_long_ago) {
  const runtime::Time now = runtime::Time(std::chrono::sys_days(std::chrono::year(2024) / 3 / 1));
  EXPECT_EQ(find_time("1d", now), find_time("2024-02-29", now));
  EXPECT_EQ(find_time("2024-02-29T12:30:05Z", now),
            now - std::chrono::hours(12) + std::chrono::minutes(30) + std::chrono::seconds(5));
  EXPECT_EQ(find_time("90m", now), now - std::chrono::minutes(90));
  EXPECT_EQ(find_time("2w", now), now - std::chrono::days(14));
  for (const char* wrong : {"", "d", "5", "2024-02-30", "2024-2-3", "2024-02-29T25:00", "-5d", "5y",
                            "2024-02-29T12:00:00+01:00", "99999999w"})
    EXPECT_FALSE(find_time(wrong, now)) << wrong;
}

TEST(PublishOptions, what_cannot_be_a_bucket_or_a_queue_is_refused) {
  PublishOptions options{.bucket = "b", .queue = "q"};
  EXPECT_EQ(find_option_fault(options), "");
  options.queue = "http://localhost:4566/000000000000/q.fifo";
  EXPECT_EQ(find_option_fault(options), "");
  EXPECT_EQ(options.queue_name(), "q.fifo");
  options.queue = "arn:aws:sqs:us-east-1:000000000000:q";
  EXPECT_TRUE(find_option_fault(options).starts_with("QUEUE_URL must be"));
  options.queue = "http://localhost:4566/";
  EXPECT_TRUE(find_option_fault(options).starts_with("QUEUE_URL must be"));
  options = {.bucket = "s3://b", .queue = "q"};
  EXPECT_TRUE(find_option_fault(options).starts_with("BUCKET must be"));
}

PublishSummary sample() {
  PublishSummary summary;
  summary.bucket = "b";
  summary.queue_url = "http://q";
  summary.run_id = "R";
  summary.pages = 12;
  summary.seen = 12'345;
  summary.published = 12'000;
  summary.skipped = 343;
  summary.failed = 2;
  summary.failures = {"k: InternalError: no"};
  summary.seconds = 2;
  return summary;
}

TEST(PublishSummary, for_people_it_names_every_figure) {
  const std::string text = to_text(sample());
  for (const char* line :
       {"Published b to http://q", "pages listed         12", "objects seen         12,345",
        "published            12,000", "published before     343", "failed               2",
        "seconds              2.00", "objects a second     6,172", "FAILED: k: InternalError: no",
        "... and 1 more."})
    EXPECT_TRUE(text.contains(line)) << line << " in\n" << text;
}

TEST(PublishSummary, for_programs_it_is_one_object) {
  const std::string json = to_json(sample());
  EXPECT_TRUE(json.contains(R"("pages_listed":12,"objects_seen":12345,)")) << json;
  EXPECT_TRUE(
      json.contains(R"("published":12000,"published_before":343,"in_doubt":0,"failed":2,)"));
  EXPECT_TRUE(json.contains(R"("complete":false)"));
  EXPECT_TRUE(json.ends_with("}\n"));
}

TEST(PublishSummary, what_is_in_doubt_is_explained) {
  PublishSummary summary = sample();
  summary.in_doubt = 7;
  EXPECT_TRUE(to_text(summary).contains("their messages may be there twice"));
  summary.in_doubt_are = InDoubt::skip;
  EXPECT_TRUE(to_text(summary).contains("--in-doubt send sends them"));
}

}  // namespace
}  // namespace matinee::jobs::publish

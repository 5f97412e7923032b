// What happened to messages, as a person reads it.
#include "cli/story_text.h"

#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

using insight::Hop;

constexpr const char* topic = "arn:aws:sns:us-east-1:111122223333:orders";
constexpr const char* queue = "arn:aws:sqs:us-east-1:111122223333:billing";

Hop hop(const std::string& kind, const std::string& resource, const std::string& id) {
  static std::int64_t second = 0;
  const runtime::Time day(std::chrono::sys_days(std::chrono::year(2026) / 12 / 1));
  return {.time = day + std::chrono::seconds(++second % 10),
          .kind = kind,
          .resource = resource,
          .messages = {{{.id = id, .bytes = 5}}}};
}

TEST(StoryText, names_resources_as_people_do) {
  EXPECT_EQ(resource_text(queue), "queue billing");
  EXPECT_EQ(resource_text(topic), "topic orders");
  EXPECT_EQ(resource_text(std::string(topic) + ":17"), "subscription 17 of topic orders");
  EXPECT_EQ(resource_text("arn:aws:events:us-east-1:111122223333:rule/daily"), "rule daily");
  EXPECT_EQ(resource_text("arn:aws:events:us-east-1:111122223333:event-bus/b"), "event bus b");
  EXPECT_EQ(resource_text("arn:aws:s3:::films"), "bucket films");
  EXPECT_EQ(resource_text("https://example.com/a"), "https://example.com/a");
}

TEST(StoryText, shows_below_a_message_what_it_has_caused) {
  std::vector<Hop> hops{hop("sent", topic, "t"),
                        hop("not matched", std::string(topic) + ":17", "t"),
                        hop("delivered", queue, "q"), hop("received", queue, "q")};
  for (Hop& each : hops) each.time = runtime::Time(std::chrono::hours(12));
  hops[0].caller = "arn:aws:iam::111122223333:user/mia";
  hops[1].peer = "arn:aws:sqs:us-east-1:111122223333:eu";
  hops[1].reason = "region is \"us\"";
  hops[2].messages->front().cause = "t";
  hops[2].peer = topic;
  EXPECT_EQ(story_text(hops),
            "message t in topic orders, 5 bytes\n"
            "  12:00:00.000  sent by mia\n"
            "  12:00:00.000  not matched subscription 17 of topic orders to queue eu: region is "
            "\"us\"\n"
            "    └ message q in queue billing, 5 bytes\n"
            "      12:00:00.000  delivered from topic orders\n"
            "      12:00:00.000  received\n");
}

TEST(StoryText, says_what_became_of_a_delivery_that_failed) {
  std::vector<Hop> hops{hop("sent", topic, "t"), hop("put off", queue, "t"),
                        hop("dead-lettered", queue, "t")};
  for (Hop& each : hops) each.time = runtime::Time(std::chrono::hours(12));
  hops[1].peer = topic;
  hops[1].reason = "it is slow";
  hops[1].caller = "sns.amazonaws.com";
  hops[2].peer = "arn:aws:sqs:us-east-1:111122223333:dead";
  EXPECT_EQ(story_text(hops),
            "message t in topic orders, 5 bytes\n"
            "  12:00:00.000  sent\n"
            "  12:00:00.000  not delivered to queue billing, will be tried again: it is slow\n"
            "  12:00:00.000  not delivered to queue billing, went to queue dead\n");
}

TEST(StoryText, calls_of_functions_stand_below_the_messages_that_they_were_made_with) {
  const std::string function = "arn:aws:lambda:us-east-1:111122223333:function:work";
  std::vector<Hop> hops{hop("sent", queue, "q"),           hop("sent", queue, "p"),
                        hop("not matched", function, "p"), hop("invoked", function, "c"),
                        hop("put off", function, "d"),     hop("dropped", function, "d")};
  for (Hop& each : hops) each.time = runtime::Time(std::chrono::hours(12));
  hops[2].peer = queue;
  hops[2].reason = "no filter wants it";
  hops[3].peer = queue;
  hops[3].messages->front().cause = "q";
  hops[3].reason = "it failed: no";
  EXPECT_EQ(story_text(hops),
            "message q in queue billing, 5 bytes\n"
            "  12:00:00.000  sent\n"
            "    └ call c of function work, 5 bytes\n"
            "      12:00:00.000  invoked from queue billing: it failed: no\n"
            "\n"
            "message p in queue billing, 5 bytes\n"
            "  12:00:00.000  sent\n"
            "  12:00:00.000  not wanted by function work: no filter wants it\n"
            "\n"
            "call d of function work, 5 bytes\n"
            "  12:00:00.000  will be made again\n"
            "  12:00:00.000  given up\n");
}

TEST(StoryText, shows_what_was_written_within_a_trace_below_the_message_that_was_received) {
  const std::string table = "arn:aws:dynamodb:us-east-1:111122223333:table/films";
  const std::string bucket = "arn:aws:s3:::posters";
  std::vector<Hop> hops{hop("sent", queue, "q"), hop("received", queue, "q"),
                        hop("wrote", table, "Metropolis"), hop("wrote", bucket, "a"),
                        hop("deleted", bucket, "b")};
  for (Hop& each : hops) each.time = runtime::Time(std::chrono::hours(12));
  for (const std::size_t place : {0, 2, 3, 4}) hops[place].trace = "Root=1-a;Sampled=1";
  hops[2].caller = "arn:aws:iam::111122223333:user/mia";
  hops[3].messages->push_back({.id = "c", .bytes = 7});
  hops[4].messages->front().bytes = 0;
  EXPECT_EQ(story_text(hops),
            "message q in queue billing, 5 bytes\n"
            "  12:00:00.000  sent\n"
            "  12:00:00.000  received\n"
            "  12:00:00.000  wrote item Metropolis in table films, 5 bytes by mia\n"
            "  12:00:00.000  wrote 2 objects in bucket posters, 12 bytes\n"
            "  12:00:00.000  deleted object b in bucket posters\n");
  for (Hop& each : hops) each.trace.reset();
  hops[2].trace = "Root=1-b";
  hops.resize(3);
  EXPECT_EQ(story_text(hops),
            "message q in queue billing, 5 bytes\n"
            "  12:00:00.000  sent\n"
            "  12:00:00.000  received\n"
            "1970-01-01 12:00:00.000  wrote         table films  Metropolis by mia\n");
}

TEST(StoryText, a_line_of_a_list_has_date_and_time) {
  Hop one = hop("sent", queue, "q");
  one.time = runtime::Time(std::chrono::hours(36) + std::chrono::milliseconds(7));
  EXPECT_EQ(hop_line(one), "1970-01-02 12:00:00.007  sent          queue billing  q\n");
  one.messages->push_back({.id = "r"});
  EXPECT_EQ(hop_line(one), "1970-01-02 12:00:00.007  sent          queue billing  2 messages\n");
  one.messages.reset();
  one.kind = "fired";
  EXPECT_EQ(hop_line(one), "1970-01-02 12:00:00.007  fired         queue billing\n");
}

}  // namespace
}  // namespace matinee::cli

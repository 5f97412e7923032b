// The summary, the redrive policy and the hiding of foreign messages: small pure functions.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "jobs/movies/redrive.h"
#include "jobs/movies/strangers.h"
#include "jobs/movies/summary.h"

namespace matinee::jobs::movies {
namespace {

MovieSummary sample() {
  MovieSummary summary{.job_id = "J", .count = 12345, .sent = 12345, .received = 12350};
  summary.duplicates = 5;
  summary.stored = 12345;
  summary.parts = 7;
  summary.object_bytes = 1'500'000;
  summary.object_sha256 = "abc";
  summary.seconds = 2.0;
  return summary;
}

TEST(MovieSummary, for_people_it_names_every_figure) {
  const std::string text = to_text(sample());
  for (const char* line :
       {"Movie job J", "sent                 12,345", "duplicates dropped   5",
        "stored               12,345 of 12,345", "object               1.4 MiB (1,500,000 bytes)",
        "SHA-256", "movies a second      6,172", "Verified:"})
    EXPECT_TRUE(text.contains(line)) << line << " in\n" << text;
}

TEST(MovieSummary, numbers_are_grouped_by_thousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(MovieSummary, a_producer_says_how_to_go_on_and_claims_nothing_more) {
  MovieSummary summary = sample();
  summary.role = Role::produce;
  const std::string text = to_text(summary);
  EXPECT_FALSE(text.contains("Verified"));
  EXPECT_FALSE(text.contains("stored  "));
  EXPECT_TRUE(text.contains("--only consume --job-id J")) << text;
}

TEST(MovieSummary, what_has_to_be_done_before_looking_is_said) {
  MovieSummary summary = sample();
  summary.look_first = ", once it serves";
  summary.where_to_look.push_back("aws s3 ls");
  EXPECT_TRUE(to_text(summary).contains("\nLook at it, once it serves:\n  aws s3 ls\n"));
}

TEST(MovieSummary, no_line_is_wider_than_a_screen_of_80) {
  MovieSummary summary = sample();
  summary.object_sha256 = std::string(64, 'f');
  const std::string command =
      "aws dynamodb query --table-name movie-job-information --key-condition-expression 'job_id = "
      ":j' --expression-attribute-values '{\":j\":{\"S\":\"first\"}}' --max-items 1 --region "
      "us-east-1 --endpoint-url http://127.0.0.1:4566";
  summary.where_to_look = {command};
  std::string text = to_text(summary);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    EXPECT_LE(end - begin, 80U) << text.substr(begin, end - begin);
    begin = end + 1;
  }
  // As a shell joins them.
  std::string joined = text.substr(text.find("  aws") + 2);
  for (std::size_t place = 0; (place = joined.find(" \\\n     ")) != std::string::npos;)
    joined.erase(place, std::string_view(" \\\n     ").size());
  EXPECT_EQ(joined, command + "\n");
}

TEST(MovieSummary, a_few_movies_make_no_rate) {
  MovieSummary summary = sample();
  summary.count = 13;
  EXPECT_FALSE(to_text(summary).contains("a second"));
}

TEST(MovieSummary, a_difference_takes_the_place_of_the_verification) {
  MovieSummary summary = sample();
  summary.differences.push_back("The table holds 3 of 4 movies.");
  const std::string text = to_text(summary);
  EXPECT_FALSE(text.contains("Verified"));
  EXPECT_TRUE(text.contains("DIFFERS: The table holds 3 of 4 movies."));
}

TEST(MovieSummary, for_programs_it_is_one_json_object) {
  MovieSummary summary = sample();
  summary.differences.push_back("a \"quoted\"\nline");
  simdjson::dom::parser parser;
  const simdjson::padded_string text(to_json(summary));
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(text).get(root), simdjson::SUCCESS);
  EXPECT_EQ(std::uint64_t(root["duplicates_dropped"]), 5U);
  EXPECT_EQ(std::string_view(root["differences"].at(0)), "a \"quoted\"\nline");
  EXPECT_FALSE(bool(root["verified"]));
}

TEST(RedrivePolicy, it_is_read_in_both_forms_that_services_write) {
  const auto policy = read_redrive_policy(
      R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead.fifo",)"
      R"("maxReceiveCount":5})");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->queue_name(), "dead.fifo");
  EXPECT_EQ(policy->account(), "123456789012");
  EXPECT_EQ(policy->max_receive_count, 5);
  const auto quoted =
      read_redrive_policy(R"({"maxReceiveCount":"7","deadLetterTargetArn":"arn:aws:sqs:r:1:q"})");
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->max_receive_count, 7);
  EXPECT_EQ(read_redrive_policy("{}"), std::nullopt);
  EXPECT_EQ(read_redrive_policy("nothing"), std::nullopt);
}

TEST(RedrivePolicy, what_is_written_is_read_back) {
  const auto policy = read_redrive_policy(to_attribute_text({"arn:aws:sqs:r:1:q", 10}));
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->dead_letter_arn, "arn:aws:sqs:r:1:q");
  EXPECT_EQ(policy->max_receive_count, 10);
}

TEST(Strangers, a_foreign_message_is_hidden_longer_each_time_it_comes) {
  using std::chrono::seconds;
  EXPECT_EQ(hiding_time(1, 0), seconds(2));
  EXPECT_EQ(hiding_time(2, 0), seconds(4));
  EXPECT_EQ(hiding_time(30, 0), seconds(256));
}

TEST(Strangers, a_foreign_message_is_never_received_into_the_dead_letters) {
  using std::chrono::hours;
  EXPECT_LT(hiding_time(3, 5), hours(1));
  EXPECT_GT(hiding_time(4, 5), hours(10));
  EXPECT_GT(hiding_time(1, 1), hours(10));
}

}  // namespace
}  // namespace matinee::jobs::movies

#include "identity/suggestion.h"

#include <gtest/gtest.h>

#include "policy/document.h"

namespace matinee::identity {
namespace {

ActionUse use(const std::string& action, const std::string& resource) {
  return {.action = action, .resource = resource};
}

/// "ACTIONS on RESOURCES" of each statement.
std::vector<std::string> statements(const std::vector<ActionUse>& uses) {
  const auto document = policy::parse(suggest_policy(uses), policy::Kind::identity);
  std::vector<std::string> told;
  if (!document) return {document.error().message};
  const auto joined = [](const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
    return all;
  };
  for (const policy::Statement& statement : document->statements)
    told.push_back(joined(statement.actions.patterns) + " on " +
                   joined(statement.resources->patterns));
  return told;
}

using Told = std::vector<std::string>;

TEST(Suggestion, actions_on_the_same_resources_are_one_statement) {
  EXPECT_EQ(statements({use("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:a"),
                        use("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:000000000000:a"),
                        use("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:b"),
                        use("s3:ListAllMyBuckets", "")}),
            (Told{"s3:ListAllMyBuckets on *",
                  "sqs:ReceiveMessage on arn:aws:sqs:us-east-1:000000000000:a",
                  "sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:a "
                  "arn:aws:sqs:us-east-1:000000000000:b"}));
}

TEST(Suggestion, a_few_objects_are_named_and_many_are_their_folder) {
  std::vector<ActionUse> uses;
  for (const char* key : {"a/1", "a/2", "a/3"})
    uses.push_back(use("s3:GetObject", std::string("arn:aws:s3:::films/") + key));
  EXPECT_EQ(statements(uses), (Told{"s3:GetObject on arn:aws:s3:::films/a/1 "
                                    "arn:aws:s3:::films/a/2 arn:aws:s3:::films/a/3"}));
  uses.push_back(use("s3:GetObject", "arn:aws:s3:::films/a/4"));
  uses.push_back(use("s3:GetObject", "arn:aws:s3:::films/b"));
  EXPECT_EQ(statements(uses), Told{"s3:GetObject on arn:aws:s3:::films/a/* arn:aws:s3:::films/b"});
}

TEST(Suggestion, what_a_pattern_covers_is_not_told_beside_it) {
  EXPECT_EQ(statements({use("s3:GetObject", "arn:aws:s3:::films/*"),
                        use("s3:GetObject", "arn:aws:s3:::films/a/b")}),
            Told{"s3:GetObject on arn:aws:s3:::films/*"});
}

TEST(Suggestion, who_did_nothing_needs_nothing) {
  EXPECT_EQ(suggest_policy({}), "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": []\n}");
}

TEST(Suggestion, patterns_widen_step_by_step) {
  EXPECT_EQ(wider_pattern("arn:aws:s3:::films/a/b/c"), "arn:aws:s3:::films/a/b/*");
  EXPECT_EQ(wider_pattern("arn:aws:s3:::films/a/b/*"), "arn:aws:s3:::films/a/*");
  EXPECT_EQ(wider_pattern("arn:aws:s3:::films/*"), "arn:aws:s3:::*");
  EXPECT_EQ(wider_pattern("arn:aws:s3:::*"), "");
  EXPECT_EQ(wider_pattern("arn:aws:sqs:us-east-1:000000000000:q"),
            "arn:aws:sqs:us-east-1:000000000000:*");
  EXPECT_EQ(wider_pattern(""), "");
}

TEST(Suggestion, nobody_names_streams_or_the_letters_of_a_secret) {
  EXPECT_EQ(noted_resource("arn:aws:logs:us-east-1:000000000000:log-group:/a:log-stream:b"),
            "arn:aws:logs:us-east-1:000000000000:log-group:/a:*");
  EXPECT_EQ(noted_resource("arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf"),
            "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-??????");
}

}  // namespace
}  // namespace matinee::identity

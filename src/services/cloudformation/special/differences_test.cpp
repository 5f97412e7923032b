#include "services/cloudformation/special/differences.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> differences(std::string_view type, std::string_view expected,
                                     std::string_view actual) {
  std::vector<std::string> told;
  for (const DifferenceRecord& difference :
       find_differences(*resources::find_schema(type), templates::read_value(expected),
                        templates::read_value(actual)))
    told.push_back(fmt::format("{} {} {} {}", difference.type, difference.path, difference.expected,
                               difference.actual));
  return told;
}

TEST(Differences, only_what_the_template_sets_is_compared) {
  EXPECT_THAT(differences("AWS::SQS::Queue", R"({"DelaySeconds": "5", "QueueName": "q"})",
                          R"({"DelaySeconds": 5, "QueueName": "q", "VisibilityTimeout": 30})"),
              IsEmpty());
  EXPECT_THAT(differences("AWS::SQS::Queue", R"({"DelaySeconds": 5})", R"({"DelaySeconds": 6})"),
              ElementsAre("NOT_EQUAL /DelaySeconds 5 6"));
  EXPECT_THAT(differences("AWS::SQS::Queue", R"({"Tags": []})", "{}"), IsEmpty());
  EXPECT_THAT(differences("AWS::SQS::Queue", R"({"DelaySeconds": 5})", "{}"),
              ElementsAre("REMOVE /DelaySeconds 5 null"));
}

TEST(Differences, in_maps_of_the_user_what_was_added_counts) {
  EXPECT_THAT(
      differences("AWS::Lambda::Function", R"({"Environment": {"Variables": {"A": "1"}}})",
                  R"({"Environment": {"Variables": {"A": "2", "B": "3"}}})"),
      ElementsAre("NOT_EQUAL /Environment/Variables/A 1 2", "ADD /Environment/Variables/B null 3"));
  EXPECT_THAT(differences("AWS::S3::Bucket", R"({"VersioningConfiguration": {}})",
                          R"({"VersioningConfiguration": {"Status": "Enabled"}})"),
              IsEmpty());
}

TEST(Differences, tags_have_no_order_and_those_of_aws_do_not_count) {
  EXPECT_THAT(differences("AWS::SQS::Queue",
                          R"({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]})",
                          R"({"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "s"},
                               {"Key": "b", "Value": "3"}, {"Key": "a", "Value": "1"}]})"),
              ElementsAre("NOT_EQUAL /Tags/1/Value 2 3"));
}

TEST(Differences, sets_have_no_order_and_lists_have_one) {
  EXPECT_THAT(
      differences("AWS::S3::Bucket",
                  R"({"MetricsConfigurations": [{"Id": "b"}, {"Id": "a", "Prefix": "p"}]})",
                  R"({"MetricsConfigurations": [{"Id": "a", "Prefix": "p"}, {"Id": "b"}]})"),
      IsEmpty());
  EXPECT_THAT(
      differences("AWS::S3::Bucket", R"({"MetricsConfigurations": [{"Id": "b"}, {"Id": "a"}]})",
                  R"({"MetricsConfigurations": [{"Id": "a"}, {"Id": "c"}]})"),
      ElementsAre("NOT_EQUAL /MetricsConfigurations/0/Id b c"));
  EXPECT_THAT(
      differences("AWS::S3::Bucket", R"({"MetricsConfigurations": [{"Id": "b"}, {"Id": "a"}]})",
                  R"({"MetricsConfigurations": [{"Id": "a"}]})"),
      ElementsAre(R"(REMOVE /MetricsConfigurations/0 {"Id":"b"} null)"));
  EXPECT_THAT(differences("AWS::Lambda::Function", R"({"Layers": ["one", "two"]})",
                          R"({"Layers": ["two", "one"]})"),
              ElementsAre("NOT_EQUAL /Layers/0 one two", "NOT_EQUAL /Layers/1 two one"));
}

TEST(Differences, documents_are_the_same_as_texts_and_as_objects) {
  EXPECT_THAT(differences("AWS::SQS::Queue", R"({"RedrivePolicy": {"maxReceiveCount": 3}})",
                          R"({"RedrivePolicy": "{\"maxReceiveCount\":3}"})"),
              IsEmpty());
}

TEST(Differences, properties_that_cannot_be_read_are_passed_over) {
  EXPECT_THAT(differences("AWS::Lambda::Function", R"({"Code": {"ZipFile": "x"}})", "{}"),
              IsEmpty());
}

}  // namespace
}  // namespace matinee::cloudformation

// Tags, time to live and backups of tables.
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class TableSettings : public DynamoDbTest {
 protected:
  TableSettings() { create_table("films", false); }

  const std::string arn = "arn:aws:dynamodb:us-east-1:000000000000:table/films";

  std::string on(std::string_view operation, std::string_view resource,
                 std::string_view more = "") {
    return call(operation, fmt::format(R"({{"ResourceArn":"{}"{}}})", resource, more));
  }
  std::string tag(std::string_view key, std::string_view value) {
    return on("TagResource", arn,
              fmt::format(R"(,"Tags":[{{"Key":"{}","Value":"{}"}}])", key, value));
  }
  std::string time_to_live(std::string_view enabled, std::string_view attribute) {
    return call("UpdateTimeToLive",
                fmt::format(R"({{"TableName":"films","TimeToLiveSpecification":{{"Enabled":{},)"
                            R"("AttributeName":"{}"}}}})",
                            enabled, attribute));
  }
};

TEST_F(TableSettings, tags_are_kept_changed_and_listed) {
  on("TagResource", arn, R"(,"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}])");
  on("UntagResource", arn, R"(,"TagKeys":["a"])");
  EXPECT_EQ(on("ListTagsOfResource", arn), R"({"Tags":[{"Key":"b","Value":"2"}]})");
}

TEST_F(TableSettings, tags_hold_letters_digits_spaces_and_a_few_signs) {
  EXPECT_EQ(tag("a + - = . _ : / @ Ä 7", "日本 1"), "");
  EXPECT_EQ(tag("a!", "1"), "ValidationException: The Tag Key provided is invalid, Key: a!");
  EXPECT_EQ(tag("a", "b%"), "ValidationException: The Tag Value provided is invalid, Value: b%");
  EXPECT_EQ(tag("aws:a", "1"),
            "ValidationException: Tag Key cannot be prefixed with aws:, Key: aws:a");
  EXPECT_EQ(on("TagResource", arn, R"(,"Tags":[{"Key":"b","Value":"1"},{"Key":"b","Value":"2"}])"),
            "ValidationException: Duplicate Tag Keys provided as input: Duplicate Tag Key found b");
  EXPECT_EQ(on("TagResource", arn, R"(,"Tags":[])"),
            "ValidationException: Atleast one Tag needs to be provided as Input.");
  EXPECT_EQ(on("UntagResource", arn, R"(,"TagKeys":[])"),
            "ValidationException: Atleast one Tag Key needs to be provided as Input.");
}

TEST_F(TableSettings, a_table_has_fifty_tags_at_most_from_its_creation_on) {
  const auto create = [this](std::string_view name, int count) {
    std::string tags;
    for (int i = 0; i < count; ++i)
      tags += fmt::format(R"({}{{"Key":"{}","Value":""}})", i == 0 ? "" : ",", i);
    return call(
        "CreateTable",
        fmt::format(R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST",)"
                    R"("AttributeDefinitions":[{{"AttributeName":"p","AttributeType":"S"}}],)"
                    R"("KeySchema":[{{"AttributeName":"p","KeyType":"HASH"}}],"Tags":[{}]}})",
                    name, tags));
  };
  EXPECT_TRUE(create("many", 51).starts_with("ValidationException"));
  EXPECT_NE(create("enough", 50).find("CREATING"), std::string::npos);
}

TEST_F(TableSettings, tags_of_what_is_not_the_callers_are_denied) {
  context.caller_arn = "arn:aws:iam::000000000000:root";
  const std::string other = "arn:aws:dynamodb:us-east-1:111111111111:table/films";
  for (const std::string& resource : {std::string("abc"), other}) {
    const std::string denied =
        "AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized to perform: "
        "dynamodb:{} on resource: " +
        resource;
    EXPECT_EQ(on("ListTagsOfResource", resource),
              fmt::format(fmt::runtime(denied), "ListTagsOfResource"));
    EXPECT_EQ(on("TagResource", resource, R"(,"Tags":[{"Key":"a","Value":"1"}])"),
              fmt::format(fmt::runtime(denied), "TagResource"));
    EXPECT_EQ(on("UntagResource", resource, R"(,"TagKeys":["a"])"),
              fmt::format(fmt::runtime(denied), "UntagResource"));
  }
}

TEST_F(TableSettings, arns_of_missing_tables_and_of_what_is_no_table_are_told_apart) {
  const std::string none = "arn:aws:dynamodb:us-east-1:000000000000:table/none";
  const std::string missing =
      "ResourceNotFoundException: Requested resource not found: ResourcArn: " + none + " not found";
  EXPECT_EQ(on("ListTagsOfResource", none), missing);
  EXPECT_EQ(on("TagResource", none, R"(,"Tags":[{"Key":"a","Value":"1"}])"), missing);
  EXPECT_EQ(on("UntagResource", none, R"(,"TagKeys":["a"])"),
            "ResourceNotFoundException: Requested resource not found");
  for (const std::string& resource :
       {arn + "/index/gix", std::string("arn:aws:dynamodb:us-east-1:000000000000:films")})
    EXPECT_EQ(
        on("ListTagsOfResource", resource),
        "ValidationException: Invalid TableArn: Invalid ResourceArn provided as input " + resource);
}

TEST_F(TableSettings, streams_have_tags_of_their_own) {
  const auto stream = [this] { return describe("films").latest_stream_arn.value_or(""); };
  const auto switch_stream = [this](std::string_view specification) {
    call("UpdateTable",
         fmt::format(R"({{"TableName":"films","StreamSpecification":{}}})", specification));
  };
  const auto tags_of = [this](const std::string& resource) {
    return on("ListTagsOfResource", resource);
  };
  switch_stream(R"({"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"})");
  const std::string first = stream();
  on("TagResource", arn, R"(,"Tags":[{"Key":"of","Value":"table"}])");
  EXPECT_EQ(tags_of(first), R"({"Tags":[]})");
  on("TagResource", first, R"(,"Tags":[{"Key":"of","Value":"stream"},{"Key":"a","Value":"1"}])");
  on("UntagResource", first, R"(,"TagKeys":["a"])");
  kill_and_restart();
  EXPECT_EQ(tags_of(first), R"({"Tags":[{"Key":"of","Value":"stream"}]})");
  EXPECT_EQ(tags_of(arn), R"({"Tags":[{"Key":"of","Value":"table"}]})");

  const auto tag_for_decisions = [&](const std::string& resource) {
    const auto found = service->find_key({.context = context,
                                          .operation = operations::TagResource,
                                          .request = nullptr,
                                          .action = "dynamodb:TagResource",
                                          .resource = resource},
                                         "aws:resourcetag/of");
    return found ? found->front() : "";
  };
  EXPECT_EQ(tag_for_decisions(first), "stream");
  EXPECT_EQ(tag_for_decisions(arn), "table");
  // The next one begins without any, and the one that has ended keeps its own.
  switch_stream(R"({"StreamEnabled":false})");
  switch_stream(R"({"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"})");
  EXPECT_NE(stream(), first);
  EXPECT_EQ(tags_of(stream()), R"({"Tags":[]})");
  EXPECT_EQ(tag_for_decisions(stream()), "");
  EXPECT_EQ(tags_of(first), R"({"Tags":[{"Key":"of","Value":"stream"}]})");
  const std::string none = arn + "/stream/2024-01-01T00:00:00.999";
  EXPECT_EQ(tags_of(none), "ResourceNotFoundException: Requested resource not found: ResourcArn: " +
                               none + " not found");
  EXPECT_EQ(on("TagResource", first, R"(,"Tags":[{"Key":"a!","Value":"1"}])"),
            "ValidationException: The Tag Key provided is invalid, Key: a!");
}

TEST_F(TableSettings, time_to_live_is_switched_on_and_off_and_described) {
  EXPECT_EQ(call("DescribeTimeToLive", R"({"TableName":"films"})"),
            R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})");
  EXPECT_EQ(time_to_live("false", "ends"), "ValidationException: TimeToLive is already disabled");
  EXPECT_EQ(time_to_live("true", "ends"),
            R"({"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ends"}})");
  EXPECT_EQ(time_to_live("true", "ends"), "ValidationException: TimeToLive is already enabled");
  kill_and_restart();
  EXPECT_EQ(call("DescribeTimeToLive", R"({"TableName":"films"})"),
            R"({"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"ends"}})");
  EXPECT_TRUE(
      time_to_live("false", "other").starts_with("ValidationException: TimeToLive is active"));
  EXPECT_EQ(time_to_live("false", "ends"),
            R"({"TimeToLiveSpecification":{"Enabled":false,"AttributeName":"ends"}})");
  EXPECT_EQ(call("DescribeTimeToLive", R"({"TableName":"films"})"),
            R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})");
  EXPECT_TRUE(call("DescribeTimeToLive", R"({"TableName":"none"})")
                  .starts_with("ResourceNotFoundException"));
}

TEST_F(TableSettings, backups_are_there_and_recovery_to_a_point_in_time_is_off) {
  const std::string_view off =
      R"({"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
      R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}})";
  EXPECT_EQ(call("DescribeContinuousBackups", R"({"TableName":"films"})"), off);
  const auto update = [this](std::string_view table, std::string_view enabled) {
    return call("UpdateContinuousBackups",
                fmt::format(R"({{"TableName":"{}","PointInTimeRecoverySpecification":)"
                            R"({{"PointInTimeRecoveryEnabled":{}}}}})",
                            table, enabled));
  };
  EXPECT_EQ(update("films", "false"), off);
  EXPECT_EQ(update("none", "false"), "TableNotFoundException: Table not found: none");
  EXPECT_EQ(call("DescribeContinuousBackups", R"({"TableName":"none"})"),
            "TableNotFoundException: Table not found: none");
}

}  // namespace
}  // namespace matinee::dynamodb

// What watches tables: Contributor Insights, which are kept, and Kinesis streams, which there are
// not.
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class TableObservers : public DynamoDbTest {};

TEST_F(TableObservers, insights_are_kept_described_and_listed) {
  create_table("films", false);
  create_table("seats", false);
  EXPECT_EQ(call("DescribeContributorInsights", R"({"TableName":"films"})"),
            R"({"TableName":"films","ContributorInsightsStatus":"DISABLED"})");
  EXPECT_EQ(call("UpdateContributorInsights",
                 R"({"TableName":"films","ContributorInsightsAction":"ENABLE"})"),
            R"({"TableName":"films","ContributorInsightsStatus":"ENABLING",)"
            R"("ContributorInsightsMode":"ACCESSED_AND_THROTTLED_KEYS"})");
  call("UpdateContributorInsights", R"({"TableName":"seats","ContributorInsightsAction":"ENABLE",)"
                                    R"("ContributorInsightsMode":"THROTTLED_KEYS"})");
  kill_and_restart();
  EXPECT_NE(call("DescribeContributorInsights", R"({"TableName":"films"})")
                .find(R"("ContributorInsightsStatus":"ENABLED")"),
            std::string::npos);
  EXPECT_EQ(call("ListContributorInsights", R"({"MaxResults":1})"),
            R"({"ContributorInsightsSummaries":[{"TableName":"films",)"
            R"("ContributorInsightsStatus":"ENABLED",)"
            R"("ContributorInsightsMode":"ACCESSED_AND_THROTTLED_KEYS"}],"NextToken":"films/"})");
  EXPECT_EQ(call("ListContributorInsights", R"({"MaxResults":1,"NextToken":"films/"})"),
            R"({"ContributorInsightsSummaries":[{"TableName":"seats",)"
            R"("ContributorInsightsStatus":"ENABLED",)"
            R"("ContributorInsightsMode":"THROTTLED_KEYS"}]})");
  EXPECT_TRUE(call("UpdateContributorInsights", R"({"TableName":"films","IndexName":"none",)"
                                                R"("ContributorInsightsAction":"ENABLE"})")
                  .starts_with("ResourceNotFoundException"));
}

TEST_F(TableObservers, a_table_has_no_kinesis_destination_and_gets_none) {
  create_table("films", false);
  EXPECT_EQ(call("DescribeKinesisStreamingDestination", R"({"TableName":"films"})"),
            R"({"TableName":"films","KinesisDataStreamDestinations":[]})");
  EXPECT_EQ(call("DescribeKinesisStreamingDestination", R"({"TableName":"none"})"),
            "ResourceNotFoundException: Requested resource not found: Table: none not found");
  for (std::string_view what : {"Enable", "Disable", "Update"}) {
    const std::string reply = call(std::string(what) + "KinesisStreamingDestination",
                                   R"({"TableName":"films","StreamArn":)"
                                   R"("arn:aws:kinesis:us-east-1:000000000000:stream/changes"})");
    EXPECT_TRUE(
        reply.starts_with("ResourceNotFoundException: Requested resource not found: "
                          "Kinesis data stream arn:aws:kinesis"))
        << reply;
  }
}

}  // namespace
}  // namespace matinee::dynamodb

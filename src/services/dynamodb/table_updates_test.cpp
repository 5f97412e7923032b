#include <gmock/gmock.h>

#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class TableUpdates : public DynamoDbTest {
 protected:
  TableUpdates() {
    call("CreateTable", R"({"TableName":"films","AttributeDefinitions":[{"AttributeName":"p",
      "AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
      "ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},
      "GlobalSecondaryIndexes":[{"IndexName":"idx","KeySchema":[{"AttributeName":"p",
        "KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},
        "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}]})");
  }
  std::string update(std::string_view changes) {
    return call("UpdateTable", R"({"TableName":"films",)" + std::string(changes) + "}");
  }
  std::string describe() { return call("DescribeTable", R"({"TableName":"films"})"); }
};

TEST_F(TableUpdates, tell_that_they_go_on_and_have_ended_by_the_next_look) {
  EXPECT_THAT(update(R"("DeletionProtectionEnabled":true)"),
              HasSubstr(R"("TableStatus":"UPDATING")"));
  EXPECT_THAT(describe(), HasSubstr(R"("TableStatus":"ACTIVE")"));
  EXPECT_THAT(describe(), HasSubstr(R"("DeletionProtectionEnabled":true)"));
  kill_and_restart();
  EXPECT_THAT(describe(), HasSubstr(R"("DeletionProtectionEnabled":true)"));
}

TEST_F(TableUpdates, change_capacities_unless_they_are_the_same) {
  update(R"("ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":6},
    "GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"idx","ProvisionedThroughput":
      {"ReadCapacityUnits":3,"WriteCapacityUnits":4}}}])");
  EXPECT_THAT(describe(), HasSubstr(R"("ReadCapacityUnits":7,"WriteCapacityUnits":6)"));
  EXPECT_THAT(describe(), HasSubstr(R"("ReadCapacityUnits":3,"WriteCapacityUnits":4)"));
  EXPECT_THAT(update(R"("ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":6})"),
              StartsWith("ValidationException: The provisioned throughput for the table will not "
                         "change. The requested value equals the current value. Current "
                         "ReadCapacityUnits provisioned for the table: 7."));
  EXPECT_THAT(update(R"("GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"none",
    "ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}}}])"),
              StartsWith("ResourceNotFoundException: "));
}

TEST_F(TableUpdates, change_how_a_table_is_paid_for) {
  update(R"("BillingMode":"PAY_PER_REQUEST","OnDemandThroughput":{"MaxReadRequestUnits":9})");
  EXPECT_THAT(describe(), HasSubstr(R"("BillingMode":"PAY_PER_REQUEST")"));
  EXPECT_THAT(describe(), HasSubstr(R"("MaxReadRequestUnits":9)"));
  EXPECT_THAT(update(R"("BillingMode":"PROVISIONED")"),
              HasSubstr("ProvisionedThroughput must be specified"));
  EXPECT_THAT(update(R"("BillingMode":"PROVISIONED",
        "ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":2})"),
              HasSubstr("ProvisionedThroughput must be specified for index: idx"));
  update(R"("BillingMode":"PROVISIONED",
    "ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":2},
    "GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"idx","ProvisionedThroughput":
      {"ReadCapacityUnits":3,"WriteCapacityUnits":4}}}])");
  EXPECT_THAT(describe(), Not(HasSubstr("PAY_PER_REQUEST")));
  EXPECT_THAT(describe(), HasSubstr(R"("ReadCapacityUnits":2,"WriteCapacityUnits":2)"));
  EXPECT_THAT(update(R"("BillingMode":"PAY_PER_REQUEST",
    "ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":2})"),
              HasSubstr("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified"));
}

TEST_F(TableUpdates, switch_streams_classes_and_encryption) {
  update(R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},
    "TableClass":"STANDARD_INFREQUENT_ACCESS","SSESpecification":{"Enabled":true})");
  EXPECT_THAT(describe(), HasSubstr(R"("StreamViewType":"NEW_IMAGE")"));
  EXPECT_THAT(describe(), HasSubstr(R"("TableClass":"STANDARD_INFREQUENT_ACCESS")"));
  EXPECT_THAT(describe(), HasSubstr(R"("SSEType":"KMS")"));
  EXPECT_THAT(
      update(R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"OLD_IMAGE"})"),
      HasSubstr("Table already has an enabled stream"));
  update(R"("StreamSpecification":{"StreamEnabled":false},"SSESpecification":{"Enabled":false})");
  EXPECT_THAT(describe(), Not(HasSubstr("StreamViewType")));
  EXPECT_THAT(describe(), Not(HasSubstr("SSEType")));
}

TEST_F(TableUpdates, that_are_not_served_or_say_nothing_are_refused) {
  EXPECT_THAT(call("UpdateTable", R"({"TableName":"films"})"),
              StartsWith("ValidationException: At least one of ProvisionedThroughput, "));
  EXPECT_THAT(update(R"("GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"none"}}])"),
              StartsWith("ResourceNotFoundException: "));
  EXPECT_THAT(update(R"("ReplicaUpdates":[{"Delete":{"RegionName":"eu-west-1"}}])"),
              HasSubstr("ReplicaUpdates"));
  EXPECT_THAT(call("UpdateTable", R"({"TableName":"other","DeletionProtectionEnabled":true})"),
              StartsWith("ResourceNotFoundException: "));
}

}  // namespace
}  // namespace matinee::dynamodb

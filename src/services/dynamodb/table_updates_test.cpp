#include <gmock/gmock.h>

#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string invalid = "ValidationException: One or more parameter values were invalid: ";

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
  EXPECT_THAT(update(R"("TableClass":"STANDARD_INFREQUENT_ACCESS")"),
              HasSubstr(R"("TableStatus":"UPDATING")"));
  EXPECT_THAT(update(R"("DeletionProtectionEnabled":true)"),
              HasSubstr(R"("TableStatus":"ACTIVE")"));  // which AWS does at once
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
  update(R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"})");
  EXPECT_THAT(describe(), HasSubstr(R"("StreamViewType":"NEW_IMAGE")"));
  EXPECT_EQ(update(R"("StreamSpecification":{"StreamEnabled":true})"),
            invalid + "If stream is being enabled then UpdateViewType is required");
  EXPECT_EQ(update(R"("StreamSpecification":{"StreamEnabled":false,"StreamViewType":"NEW_IMAGE"})"),
            invalid + "If stream is being disabled, then UpdateViewType must not be specified");
  EXPECT_THAT(
      update(R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"OLD_IMAGE"})"),
      HasSubstr("Table already has an enabled stream"));
  update(R"("StreamSpecification":{"StreamEnabled":false})");
  EXPECT_THAT(describe(), Not(HasSubstr("StreamViewType")));

  update(R"("TableClass":"STANDARD")");
  EXPECT_THAT(describe(), Not(HasSubstr("TableClassSummary")));
  update(R"("TableClass":"STANDARD_INFREQUENT_ACCESS")");
  EXPECT_THAT(describe(), HasSubstr(R"("TableClassSummary":{"TableClass":)"
                                    R"("STANDARD_INFREQUENT_ACCESS","LastUpdateDateTime":)"));
}

TEST_F(TableUpdates, encrypt_with_another_key_or_by_default_once) {
  EXPECT_EQ(update(R"("SSESpecification":{"Enabled":false})"),
            invalid + "Table is already encrypted by default");
  EXPECT_EQ(update(R"("SSESpecification":{"Enabled":false,"SSEType":"KMS"})"),
            invalid + "SSEType can not be specified if Enabled is false");
  EXPECT_EQ(update(R"("SSESpecification":{"Enabled":true,"SSEType":"AES256"})"),
            invalid + "SSEType AES256 is not supported");
  update(R"("SSESpecification":{"SSEType":"KMS"})");
  EXPECT_THAT(describe(), HasSubstr(R"("SSEDescription":{"Status":"ENABLED","SSEType":"KMS")"));
  constexpr std::string_view key =
      R"("SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"arn:aws:kms:k"})";
  update(key);
  EXPECT_THAT(update(key), StartsWith(invalid + "Table is already encrypted with given "));
  update(R"("SSESpecification":{"Enabled":false})");
  EXPECT_THAT(describe(), Not(HasSubstr("SSEType")));
}

TEST_F(TableUpdates, are_of_one_kind_at_a_time) {
  constexpr std::string_view encryption = R"("SSESpecification":{"Enabled":true})";
  constexpr std::string_view other_class = R"("TableClass":"STANDARD_INFREQUENT_ACCESS")";
  constexpr std::string_view protection = R"("DeletionProtectionEnabled":true)";
  constexpr std::string_view warmth = R"("WarmThroughput":{"ReadUnitsPerSecond":9})";
  constexpr std::string_view limits = R"("OnDemandThroughput":{"MaxReadRequestUnits":9})";
  constexpr std::string_view by_use = R"("BillingMode":"PAY_PER_REQUEST")";
  constexpr std::string_view stream =
      R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"})";
  constexpr std::string_view capacity =
      R"("ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":2})";
  constexpr std::string_view removal =
      R"("GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"idx"}}])";
  const auto both = [this](std::string_view one, std::string_view other) {
    return update(fmt::format("{},{}", one, other));
  };
  const auto alone = [](std::string_view what) {
    return fmt::format("{}{} must be the only operation in the request", invalid, what);
  };
  EXPECT_EQ(both(encryption, other_class), alone("Server-Side Encryption modification"));
  EXPECT_EQ(both(other_class, protection), alone("TableClass modification"));
  EXPECT_EQ(both(protection, warmth), alone("DeletionProtection modification"));
  EXPECT_EQ(both(warmth, capacity), alone("WarmThroughput"));
  EXPECT_EQ(both(limits, stream),
            invalid +
                "OnDemandThroughput can only be combined with BillingMode in an UpdateTable "
                "request");
  EXPECT_EQ(both(stream, capacity),
            invalid + "You cannot modify stream status while updating table IOPS");
  EXPECT_EQ(both(removal, capacity),
            invalid + "You cannot create or delete index while updating table IOPS");
  EXPECT_EQ(both(removal, stream),
            invalid + "You cannot create or delete index while changing stream status");
  EXPECT_THAT(describe(), Not(HasSubstr("StreamSpecification")));
  EXPECT_THAT(both(by_use, stream), HasSubstr(R"("StreamViewType":"NEW_IMAGE")"));
  // A structure without members is nothing.
  EXPECT_THAT(both(protection, R"("WarmThroughput":{})"), HasSubstr(R"("TableStatus":"ACTIVE")"));
  EXPECT_THAT(update(R"("WarmThroughput":{},"OnDemandThroughput":{})"),
              StartsWith("ValidationException: At least one of ProvisionedThroughput, "));
}

TEST_F(TableUpdates, of_limits_go_member_by_member) {
  constexpr std::string_view limit = R"("OnDemandThroughput":{"MaxReadRequestUnits":9})";
  EXPECT_EQ(update(limit), invalid +
                               "MaxReadRequestUnits for OnDemandThroughput cannot be "
                               "specified when the table BillingMode is PROVISIONED");
  update(fmt::format(R"("BillingMode":"PAY_PER_REQUEST",{})", limit));
  update(R"("OnDemandThroughput":{"MaxWriteRequestUnits":8})");
  EXPECT_THAT(describe(), HasSubstr(R"("OnDemandThroughput":{"MaxReadRequestUnits":9,)"
                                    R"("MaxWriteRequestUnits":8})"));
  EXPECT_EQ(update(R"("OnDemandThroughput":{"MaxReadRequestUnits":0})"),
            invalid +
                "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside "
                "of valid range");
  update(R"("OnDemandThroughput":{"MaxReadRequestUnits":-1})");
  EXPECT_THAT(describe(), HasSubstr(R"("OnDemandThroughput":{"MaxWriteRequestUnits":8})"));
  update(R"("OnDemandThroughput":{"MaxWriteRequestUnits":-1})");
  EXPECT_THAT(describe(), Not(HasSubstr("OnDemandThroughput")));
}

TEST_F(TableUpdates, never_take_warmth_away) {
  EXPECT_EQ(update(R"("WarmThroughput":{"ReadUnitsPerSecond":4})"),
            invalid +
                "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than "
                "current WarmThroughput, decreasing WarmThroughput is not supported");
  EXPECT_THAT(update(R"("WarmThroughput":{"WriteUnitsPerSecond":50})"),
              HasSubstr(R"("WarmThroughput":{"ReadUnitsPerSecond":5,"WriteUnitsPerSecond":50,)"
                        R"("Status":"UPDATING"})"));
  update(R"("ProvisionedThroughput":{"ReadCapacityUnits":9,"WriteCapacityUnits":9})");
  update(R"("ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1})");
  EXPECT_THAT(describe(), HasSubstr(R"("WarmThroughput":{"ReadUnitsPerSecond":9,)"
                                    R"("WriteUnitsPerSecond":50,"Status":"ACTIVE"})"));
  update(R"("BillingMode":"PAY_PER_REQUEST")");
  update(R"("BillingMode":"PROVISIONED",
    "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},
    "GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"idx","ProvisionedThroughput":
      {"ReadCapacityUnits":1,"WriteCapacityUnits":1}}}])");
  EXPECT_THAT(describe(), HasSubstr(R"("WarmThroughput":{"ReadUnitsPerSecond":12000,)"
                                    R"("WriteUnitsPerSecond":4000,"Status":"ACTIVE"})"));
}

TEST_F(TableUpdates, are_told_with_their_times) {
  machine.loop.advance(std::chrono::hours(1));
  update(R"("ProvisionedThroughput":{"ReadCapacityUnits":9,"WriteCapacityUnits":6})");
  EXPECT_THAT(describe(), HasSubstr(R"("ProvisionedThroughput":{"LastIncreaseDateTime":)"));
  EXPECT_THAT(describe(), Not(HasSubstr("LastDecreaseDateTime")));
  update(R"("ProvisionedThroughput":{"ReadCapacityUnits":8,"WriteCapacityUnits":6})");
  update(R"("ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":6})");
  EXPECT_THAT(describe(), HasSubstr(R"("NumberOfDecreasesToday":2,"ReadCapacityUnits":7)"));
  machine.loop.advance(std::chrono::hours(24));
  EXPECT_THAT(describe(), HasSubstr(R"("NumberOfDecreasesToday":0,"ReadCapacityUnits":7)"));
  EXPECT_THAT(describe(), HasSubstr("LastDecreaseDateTime"));
  EXPECT_THAT(describe(), Not(HasSubstr("BillingModeSummary")));
  update(R"("BillingMode":"PAY_PER_REQUEST")");
  const auto since = TableUpdates::DynamoDbTest::describe("films")
                         .billing_mode_summary->last_update_to_pay_per_request_date_time;
  EXPECT_EQ(since, machine.runtime().clock.now());
  machine.loop.advance(std::chrono::hours(1));
  update(R"("BillingMode":"PROVISIONED",
    "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},
    "GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"idx","ProvisionedThroughput":
      {"ReadCapacityUnits":1,"WriteCapacityUnits":1}}}])");
  const BillingModeSummary summary =
      *TableUpdates::DynamoDbTest::describe("films").billing_mode_summary;
  EXPECT_EQ(summary.billing_mode, "PROVISIONED");
  EXPECT_EQ(summary.last_update_to_pay_per_request_date_time, since);
}

TEST_F(TableUpdates, of_indexes_say_one_thing_of_each) {
  const auto change = [this](std::string_view updates) {
    return update(fmt::format(R"("GlobalSecondaryIndexUpdates":[{}])", updates));
  };
  EXPECT_THAT(change(""), StartsWith("ValidationException: At least one of "));
  EXPECT_EQ(change("{}"),
            invalid +
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create,"
                " GlobalSecondaryIndexUpdate.Delete must not be null");
  EXPECT_EQ(change(R"({"Update":{"IndexName":"idx"},"Delete":{"IndexName":"idx"}})"),
            invalid +
                "Only one global secondary index action is allowed per "
                "GlobalSecondaryIndexUpdate object");
  EXPECT_EQ(change(R"({"Delete":{"IndexName":"idx"}},{"Delete":{"IndexName":"idx"}})"),
            invalid +
                "Only one global secondary index update per index is allowed "
                "simultaneously. Index: idx");
  EXPECT_EQ(change(R"({"Update":{"IndexName":"idx"}})"),
            invalid +
                "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: "
                "idx");
  EXPECT_EQ(change(R"({"Update":{"IndexName":"idx","WarmThroughput":{}}})"),
            invalid +
                "WarmThroughput must have at least one of ReadUnitsPerSecond or "
                "WriteUnitsPerSecond specified for index: idx");
  EXPECT_EQ(change(R"({"Delete":{"IndexName":"none"}})"),
            "ResourceNotFoundException: Requested resource not found: Index none for table films");
  EXPECT_EQ(change(R"({"Create":{"IndexName":"idx","KeySchema":[{"AttributeName":"p",
              "KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}})"),
            "ValidationException: Attempting to create an index which already exists");
  EXPECT_EQ(change(R"({"Create":{"IndexName":"new","KeySchema":[{"AttributeName":"q",
              "KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}})"),
            invalid + "AttributeDefinitions is not specified for index: new");
  update(R"("BillingMode":"PAY_PER_REQUEST")");
  EXPECT_EQ(change(R"({"Update":{"IndexName":"idx","OnDemandThroughput":{}}})"),
            invalid +
                "The only Updates for index: idx when TableThroughputMode is "
                "PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput");
  EXPECT_EQ(change(R"({"Update":{"IndexName":"idx","WarmThroughput":{"ReadUnitsPerSecond":1}}})"),
            invalid +
                "Requested ReadUnitsPerSecond for WarmThroughput for index idx is lower than "
                "current WarmThroughput, decreasing WarmThroughput is not supported");
  EXPECT_THAT(change(R"({"Update":{"IndexName":"idx","OnDemandThroughput":)"
                     R"({"MaxWriteRequestUnits":3}}})"),
              HasSubstr(R"("IndexStatus":"UPDATING")"));
  EXPECT_THAT(describe(), HasSubstr(R"("OnDemandThroughput":{"MaxWriteRequestUnits":3})"));
}

TEST_F(TableUpdates, take_of_the_definitions_what_a_new_index_needs) {
  EXPECT_THAT(update(R"("AttributeDefinitions":[{"AttributeName":"q","AttributeType":"N"},
      {"AttributeName":"p","AttributeType":"N"},{"AttributeName":"r","AttributeType":"S"}],
    "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"new","KeySchema":[{"AttributeName":"q",
      "KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":
      {"ReadCapacityUnits":1,"WriteCapacityUnits":1}}}])"),
              HasSubstr(R"("IndexStatus":"CREATING")"));
  EXPECT_THAT(describe(), HasSubstr(R"("AttributeDefinitions":[{"AttributeName":"p",)"
                                    R"("AttributeType":"S"},{"AttributeName":"q",)"
                                    R"("AttributeType":"N"}])"));
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

#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

const std::string invalid = "ValidationException: One or more parameter values were invalid: ";

class TableRules : public DynamoDbTest {
 protected:
  static constexpr std::string_view on_demand = R"("BillingMode":"PAY_PER_REQUEST")";
  static constexpr std::string_view provisioned =
      R"("ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":10})";

  std::string create(std::string_view more) {
    return call("CreateTable",
                fmt::format(R"({{"TableName":"films","AttributeDefinitions":[{{"AttributeName":)"
                            R"("p","AttributeType":"S"}}],"KeySchema":[{{"AttributeName":"p",)"
                            R"("KeyType":"HASH"}}],{}}})",
                            more));
  }
  std::string create(std::string_view billing, std::string_view more) {
    return create(fmt::format("{},{}", billing, more));
  }
  std::string create_with_index(std::string_view billing, std::string_view of_index) {
    return create(billing, fmt::format(R"("GlobalSecondaryIndexes":[{{"IndexName":"idx",)"
                                       R"("KeySchema":[{{"AttributeName":"p","KeyType":"HASH"}}],)"
                                       R"("Projection":{{"ProjectionType":"ALL"}}{}}}])",
                                       of_index));
  }
  std::string created(const std::string& reply) {
    EXPECT_NE(reply.find("CREATING"), std::string::npos) << reply;
    call("DeleteTable", R"({"TableName":"films"})");
    return reply;
  }
};

TEST_F(TableRules, limits_on_demand_are_of_tables_on_demand_and_at_least_one) {
  const auto outside = [](std::string_view member, std::string_view of) {
    return fmt::format("{}Requested {} for OnDemandThroughput for {} is outside of valid range",
                       invalid, member, of);
  };
  EXPECT_EQ(create(on_demand, R"("OnDemandThroughput":{"MaxReadRequestUnits":0})"),
            outside("MaxReadRequestUnits", "table"));
  EXPECT_EQ(create(on_demand, R"("OnDemandThroughput":{"MaxWriteRequestUnits":-1})"),
            outside("MaxWriteRequestUnits", "table"));
  EXPECT_EQ(create_with_index(on_demand, R"(,"OnDemandThroughput":{"MaxReadRequestUnits":-2})"),
            outside("MaxReadRequestUnits", "index : idx"));
  EXPECT_EQ(create(provisioned, R"("OnDemandThroughput":{"MaxWriteRequestUnits":5})"),
            invalid +
                "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when table "
                "BillingMode is PROVISIONED.");
  EXPECT_EQ(created(create(on_demand, R"("OnDemandThroughput":{})")).find("OnDemand"),
            std::string::npos);
  EXPECT_NE(created(create(on_demand, R"("OnDemandThroughput":{"MaxReadRequestUnits":1})"))
                .find(R"("OnDemandThroughput":{"MaxReadRequestUnits":1})"),
            std::string::npos);
}

TEST_F(TableRules, warmth_is_no_less_than_what_a_table_can_do_anyway) {
  const auto lower = [](std::string_view member, std::string_view of, std::string_view than) {
    return fmt::format("{}Requested {} for WarmThroughput for {} is lower than {}", invalid, member,
                       of, than);
  };
  constexpr std::string_view initial =
      "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/"
      "developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial";
  EXPECT_EQ(create(on_demand, R"("WarmThroughput":{"ReadUnitsPerSecond":11999})"),
            lower("ReadUnitsPerSecond", "table", initial));
  EXPECT_EQ(create_with_index(on_demand, R"(,"WarmThroughput":{"WriteUnitsPerSecond":3999})"),
            lower("WriteUnitsPerSecond", "index idx", initial));
  EXPECT_EQ(create(provisioned, R"("WarmThroughput":{"WriteUnitsPerSecond":9})"),
            lower("WriteUnitsPerSecond", "table", "WriteCapacityUnits of ProvisionedThroughput"));
  EXPECT_NE(created(create(provisioned, R"("WarmThroughput":{"WriteUnitsPerSecond":10})"))
                .find(R"("ReadUnitsPerSecond":10,"WriteUnitsPerSecond":10,"Status":"UPDATING")"),
            std::string::npos);
}

TEST_F(TableRules, streams_and_encryption_are_on_with_their_options_and_off_without) {
  EXPECT_EQ(create(on_demand, R"("StreamSpecification":{"StreamEnabled":true})"),
            invalid + "Table is being created with a stream enabled, UpdateViewType is required");
  EXPECT_EQ(create(on_demand, R"("StreamSpecification":{"StreamEnabled":false,)"
                              R"("StreamViewType":"NEW_IMAGE"})"),
            invalid +
                "Table is being created with a stream disabled, UpdateViewType should not be "
                "specified");
  EXPECT_EQ(create(on_demand, R"("SSESpecification":{"Enabled":false,"SSEType":"KMS"})"),
            invalid + "SSEType can not be specified if Enabled is false");
  EXPECT_EQ(create(on_demand, R"("SSESpecification":{"KMSMasterKeyId":"k"})"),
            invalid + "KMSMasterKeyId can not be specified if Enabled is false");
  EXPECT_EQ(create(on_demand, R"("SSESpecification":{"Enabled":true,"SSEType":"AES256"})"),
            invalid + "SSEType AES256 is not supported");
  EXPECT_EQ(created(create(on_demand, R"("SSESpecification":{})")).find("SSE"), std::string::npos);
  EXPECT_NE(created(create(on_demand, R"("SSESpecification":{"SSEType":"KMS"})")).find("ENABLED"),
            std::string::npos);
}

TEST_F(TableRules, what_is_of_several_regions_is_refused_by_name) {
  const std::string reply = create(on_demand, R"("GlobalTableSettingsReplicationMode":"ENABLED")");
  EXPECT_EQ(reply,
            "NotImplemented: Matinee does not serve the parameter "
            "GlobalTableSettingsReplicationMode of CreateTable.");
}

TEST_F(TableRules, attributes_are_defined_once) {
  EXPECT_EQ(call("CreateTable", R"({"TableName":"films","BillingMode":"PAY_PER_REQUEST",)"
                                R"("AttributeDefinitions":[{"AttributeName":"p","AttributeType":)"
                                R"("S"},{"AttributeName":"p","AttributeType":"N"}],"KeySchema":)"
                                R"([{"AttributeName":"p","KeyType":"HASH"}]})"),
            "ValidationException: Attribute Name is duplicated: p");
}

TEST_F(TableRules, indexes_have_the_capacity_of_their_tables) {
  EXPECT_EQ(create_with_index(provisioned, ""),
            invalid + "ProvisionedThroughput is not specified for index: idx");
  EXPECT_EQ(create_with_index(on_demand, fmt::format(",{}", provisioned)),
            invalid +
                "ProvisionedThroughput should not be specified for index: idx when "
                "BillingMode is PAY_PER_REQUEST");
}

TEST_F(TableRules, a_table_has_twenty_global_indexes_at_most) {
  std::string indexes;
  for (int i = 0; i < 20; ++i)
    indexes += fmt::format(R"({}{{"IndexName":"idx{}","KeySchema":[{{"AttributeName":"p",)"
                           R"("KeyType":"HASH"}}],"Projection":{{"ProjectionType":"ALL"}}}})",
                           i == 0 ? "" : ",", i);
  EXPECT_NE(
      create(on_demand, fmt::format(R"("GlobalSecondaryIndexes":[{}])", indexes)).find("CREATING"),
      std::string::npos);
  EXPECT_EQ(call("UpdateTable",
                 R"({"TableName":"films","GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":)"
                 R"("more","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"Projection":)"
                 R"({"ProjectionType":"ALL"}}}]})"),
            "LimitExceededException: Subscriber limit exceeded: Number of global secondary indexes "
            "exceeds per-table limit of 20");
}

}  // namespace
}  // namespace matinee::dynamodb

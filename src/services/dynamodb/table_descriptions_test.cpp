// What CreateTable, DescribeTable and DeleteTable tell of a table, and what a new table must be.
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

constexpr std::string_view on_demand = R"("BillingMode":"PAY_PER_REQUEST")";
constexpr std::string_view provisioned =
    R"("ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6})";

class TableDescriptions : public DynamoDbTest {
 protected:
  // CreateTable with a string key "p", a string attribute "q" for indexes, and whatever else.
  std::string create(std::string_view more, std::string_view name = "films") {
    const bool indexed = more.find("SecondaryIndexes") != std::string_view::npos;
    return call(
        "CreateTable",
        fmt::format(R"({{"TableName":"{}","AttributeDefinitions":[{{"AttributeName":"p",)"
                    R"("AttributeType":"S"}}{}],"KeySchema":[{{"AttributeName":"p",)"
                    R"("KeyType":"HASH"}}],{}}})",
                    name, indexed ? R"(,{"AttributeName":"q","AttributeType":"S"})" : "", more));
  }
  static std::string global_index(std::string_view more) {
    return fmt::format(R"("GlobalSecondaryIndexes":[{{"IndexName":"gix","KeySchema":[)"
                       R"({{"AttributeName":"q","KeyType":"HASH"}}],{}}}])",
                       more);
  }
  static bool has(std::string_view reply, std::string_view part) {
    return reply.find(part) != std::string_view::npos;
  }
  std::string described() { return call("DescribeTable", R"({"TableName":"films"})"); }
};

TEST_F(TableDescriptions, an_active_table_tells_how_much_it_takes_at_once) {
  EXPECT_FALSE(has(create(std::string(on_demand) + "," +
                          global_index(R"("Projection":{"ProjectionType":"ALL"})")),
                   "WarmThroughput"));
  const std::string reply = described();
  const std::string_view warm =
      R"("WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,)"
      R"("Status":"ACTIVE"})";
  EXPECT_TRUE(has(reply, warm)) << reply;
  EXPECT_EQ(describe("films").global_secondary_indexes->front().warm_throughput->status, "ACTIVE");
  EXPECT_EQ(
      describe("films").global_secondary_indexes->front().warm_throughput->read_units_per_second,
      12000);
  create(provisioned, "seats");
  EXPECT_EQ(describe("seats").warm_throughput->read_units_per_second, 5);
  EXPECT_EQ(describe("seats").warm_throughput->write_units_per_second, 6);
}

TEST_F(TableDescriptions, a_throughput_that_was_asked_for_is_updating_and_then_there) {
  const std::string reply =
      create(std::string(on_demand) +
             R"(,"WarmThroughput":{"ReadUnitsPerSecond":13000,"WriteUnitsPerSecond":5000},)" +
             global_index(R"("Projection":{"ProjectionType":"ALL"},"WarmThroughput":)"
                          R"({"ReadUnitsPerSecond":14000})"));
  EXPECT_TRUE(has(reply,
                  R"("WarmThroughput":{"ReadUnitsPerSecond":13000,"WriteUnitsPerSecond":5000,)"
                  R"("Status":"UPDATING"})"))
      << reply;
  kill_and_restart();
  const TableDescription table = describe("films");
  EXPECT_EQ(table.warm_throughput->read_units_per_second, 13000);
  EXPECT_EQ(table.warm_throughput->status, "ACTIVE");
  const auto& index = table.global_secondary_indexes->front();
  EXPECT_EQ(index.warm_throughput->read_units_per_second, 14000);
  EXPECT_EQ(index.warm_throughput->write_units_per_second, 4000);
}

TEST_F(TableDescriptions, the_time_of_a_billing_mode_is_told_once_the_table_is_active) {
  EXPECT_TRUE(has(create(on_demand), R"("BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"})"));
  EXPECT_TRUE(has(described(), "LastUpdateToPayPerRequestDateTime"));
}

TEST_F(TableDescriptions, a_deleted_table_is_described_in_short) {
  create(std::string(provisioned) + "," +
         global_index(R"("Projection":{"ProjectionType":"ALL"},)" + std::string(provisioned)));
  const std::string reply = call("DeleteTable", R"({"TableName":"films"})");
  for (std::string_view part :
       {R"("TableName":"films")", R"("TableStatus":"DELETING")", "TableId", "TableArn", "ItemCount",
        "TableSizeBytes", R"("ReadCapacityUnits":5)"})
    EXPECT_TRUE(has(reply, part)) << part;
  for (std::string_view part : {"CreationDateTime", "KeySchema", "AttributeDefinitions",
                                "SecondaryIndexes", "WarmThroughput"})
    EXPECT_FALSE(has(reply, part)) << part;
}

TEST_F(TableDescriptions, encryption_names_the_accounts_key_where_the_request_names_none) {
  const auto key_of = [&](std::string_view name, std::string_view more) {
    create(fmt::format(R"({},"SSESpecification":{{"Enabled":true{}}})", on_demand, more), name);
    return *describe(name).sse_description->kms_master_key_arn;
  };
  const std::string own = key_of("films", "");
  EXPECT_TRUE(own.starts_with("arn:aws:kms:us-east-1:000000000000:key/")) << own;
  EXPECT_EQ(own.size(), std::string_view("arn:aws:kms:us-east-1:000000000000:key/").size() + 36);
  EXPECT_EQ(key_of("seats", ""), own);
  EXPECT_EQ(key_of("rows", R"(,"SSEType":"KMS","KMSMasterKeyId":"alias/aws/dynamodb")"), own);
  EXPECT_NE(key_of("halls", R"(,"SSEType":"KMS","KMSMasterKeyId":"alias/mine")"), own);
  const std::string arn = "arn:aws:kms:us-east-1:000000000000:key/1234";
  EXPECT_EQ(key_of("doors", R"(,"SSEType":"KMS","KMSMasterKeyId":"1234")"), arn);
  EXPECT_EQ(key_of("walls", R"(,"SSEType":"KMS","KMSMasterKeyId":")" + arn + "\""), arn);
}

/// Knows one key, by its alias, and the account's own for DynamoDB.
class FewKeys final : public services::KeyService {
 public:
  services::KeyUse last;

  std::string require_key(const Context&, const services::KeyUse& use) override {
    last = use;
    if (use.key == "alias/mine") return "arn:aws:kms:us-east-1:000000000000:key/mine";
    if (use.key == "alias/aws/dynamodb") return "arn:aws:kms:us-east-1:000000000000:key/own";
    if (use.key == "secret")
      throw protocol::ServiceError("AccessDeniedException", 400, "You may not.");
    throw protocol::ServiceError("NotFoundException", 400, "Key '" + use.key + "' does not exist");
  }
  std::string encrypt(const Context&, const services::KeyUse&, std::string_view) override {
    return "";
  }
  std::string decrypt(const Context&, const services::KeyUse&, std::string_view) override {
    return "";
  }
};

TEST_F(TableDescriptions, keys_are_looked_up_once_and_told_as_kms_tells_them) {
  FewKeys keys;
  service->use_keys(keys);
  const auto make = [&](std::string_view name, std::string_view more) {
    return create(fmt::format(R"({},"SSESpecification":{{"Enabled":true{}}})", on_demand, more),
                  name);
  };
  make("films", "");
  EXPECT_EQ(describe("films").sse_description->kms_master_key_arn,
            "arn:aws:kms:us-east-1:000000000000:key/own");
  make("seats", R"(,"SSEType":"KMS","KMSMasterKeyId":"alias/mine")");
  EXPECT_EQ(keys.last.service, "dynamodb.amazonaws.com");
  EXPECT_EQ(keys.last.context.at("aws:dynamodb:tableName"), "seats");
  EXPECT_EQ(describe("seats").sse_description->kms_master_key_arn,
            "arn:aws:kms:us-east-1:000000000000:key/mine");
  const std::string unknown = make("rows", R"(,"SSEType":"KMS","KMSMasterKeyId":"1234")");
  EXPECT_TRUE(unknown.starts_with(
      "ValidationException: KMS validation error: com.amazonaws.services.kms.model."
      "NotFoundException: Key '1234' does not exist (Service: AWSKMS; Status Code: 400; Error "
      "Code: NotFoundException; Request ID: "))
      << unknown;
  const std::string refused = make("rows", R"(,"SSEType":"KMS","KMSMasterKeyId":"secret")");
  EXPECT_TRUE(
      refused.starts_with("AccessDeniedException: KMS key access denied error: "
                          "com.amazonaws.services.kms.model.AWSKMSException: You may not."))
      << refused;
  EXPECT_EQ(make("rows", R"(,"KMSMasterKeyId":"alias/mine")"),
            "ValidationException: One or more parameter values were invalid: SSEType KMS is "
            "required if KMSMasterKeyId is specified");
  EXPECT_TRUE(has(make("rows", ""), "CREATING"));
}

TEST_F(TableDescriptions, a_stream_has_a_label_and_an_arn) {
  const std::string reply =
      create(std::string(on_demand) +
             R"(,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"})");
  EXPECT_TRUE(has(reply, "LatestStreamArn")) << reply;
  const TableDescription table = describe("films");
  EXPECT_EQ(
      *table.latest_stream_arn,
      "arn:aws:dynamodb:us-east-1:000000000000:table/films/stream/" + *table.latest_stream_label);
  EXPECT_EQ(table.latest_stream_label->size(), std::string_view("2026-11-28T19:00:00.000").size());
  create(on_demand, "seats");
  EXPECT_FALSE(describe("seats").latest_stream_arn.has_value());
}

TEST_F(TableDescriptions, what_an_index_projects_is_named_once) {
  const std::string reply =
      create(std::string(on_demand) + "," +
             global_index(R"("Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":)"
                          R"(["a","b","a"]})"));
  EXPECT_TRUE(
      reply.starts_with("ValidationException: One or more parameter values were invalid: "
                        "Duplicate"))
      << reply;
}

TEST_F(TableDescriptions, an_index_that_names_an_attribute_twice_is_not_made) {
  const std::string reply =
      create(std::string(on_demand) +
             R"(,"GlobalSecondaryIndexes":[{"IndexName":"gix","KeySchema":[{"AttributeName":"q",)"
             R"("KeyType":"HASH"},{"AttributeName":"p","KeyType":"RANGE"},{"AttributeName":"q",)"
             R"("KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}])");
  EXPECT_EQ(reply,
            "ValidationException: The KeySchema contains multiple key attributes with the same "
            "name");
  EXPECT_EQ(call("ListTables", "{}"), R"({"TableNames":[]})");
}

TEST_F(TableDescriptions, an_indexs_keys_are_looked_at_before_what_it_projects) {
  const std::string reply = call(
      "CreateTable",
      R"({"TableName":"films","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[)"
      R"({"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"S"}],)"
      R"("KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":)"
      R"("RANGE"}],"LocalSecondaryIndexes":[{"IndexName":"lix","KeySchema":[{"AttributeName":"p",)"
      R"("KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE"}}]})");
  EXPECT_EQ(reply,
            "ValidationException: One or more parameter values were invalid: Index KeySchema does "
            "not have a range key for index: lix");
}

}  // namespace
}  // namespace matinee::dynamodb

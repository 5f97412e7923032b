#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class Tables : public DynamoDbTest {
 protected:
  // CreateTable with one string key and whatever else.
  std::string create_with(std::string_view more) {
    return call(
        "CreateTable",
        fmt::format(R"({{"TableName":"films","AttributeDefinitions":[{{"AttributeName":"p",)"
                    R"("AttributeType":"S"}}],"KeySchema":[{{"AttributeName":"p",)"
                    R"("KeyType":"HASH"}}]{}}})",
                    more));
  }
};

TEST_F(Tables, a_new_table_is_said_to_be_creating_and_is_active_when_asked_for) {
  const std::string reply = create_with(R"(,"BillingMode":"PAY_PER_REQUEST")");
  EXPECT_NE(reply.find(R"("TableStatus":"CREATING")"), std::string::npos) << reply;
  const TableDescription table = describe("films");
  EXPECT_EQ(table.table_status, "ACTIVE");
  EXPECT_EQ(table.table_arn, "arn:aws:dynamodb:us-east-1:000000000000:table/films");
  EXPECT_EQ(table.billing_mode_summary->billing_mode, "PAY_PER_REQUEST");
  EXPECT_EQ(table.item_count, 0);
  EXPECT_EQ(table.table_id->size(), 36U);
}

TEST_F(Tables, provisioned_throughput_is_described) {
  create_with(R"(,"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6})");
  const TableDescription table = describe("films");
  EXPECT_FALSE(table.billing_mode_summary.has_value());
  EXPECT_EQ(table.provisioned_throughput->read_capacity_units, 5);
  EXPECT_EQ(table.provisioned_throughput->write_capacity_units, 6);
}

TEST_F(Tables, a_name_is_taken_once_for_each_account_and_region) {
  create_table("films", false);
  EXPECT_EQ(create_with(R"(,"BillingMode":"PAY_PER_REQUEST")"),
            "ResourceInUseException: Table already exists: films");
  context.region = "eu-west-1";
  create_table("films", true);
  context.account = "111111111111";
  create_table("films", true);
  EXPECT_EQ(call("ListTables", "{}"), R"({"TableNames":["films"]})");
}

TEST_F(Tables, a_missing_table_is_named_by_operations_on_tables_only) {
  EXPECT_EQ(call("DescribeTable", R"({"TableName":"films"})"),
            "ResourceNotFoundException: Requested resource not found: Table: films not found");
  EXPECT_EQ(call("DeleteTable", R"({"TableName":"films"})"),
            "ResourceNotFoundException: Requested resource not found: Table: films not found");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"),
            "ResourceNotFoundException: Requested resource not found");
}

TEST_F(Tables, a_table_can_be_named_by_its_arn) {
  create_table("films", false);
  const std::string arn = "arn:aws:dynamodb:us-east-1:000000000000:table/films";
  put(arn, R"({"p":{"S":"a"}})");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"p":{"S":"a"}}})");
}

TEST_F(Tables, names_are_listed_in_pages) {
  for (const char* name : {"ccc", "aaa", "bbb"}) create_table(name, false);
  EXPECT_EQ(call("ListTables", R"({"Limit":2})"),
            R"({"TableNames":["aaa","bbb"],"LastEvaluatedTableName":"bbb"})");
  EXPECT_EQ(call("ListTables", R"({"Limit":2,"ExclusiveStartTableName":"bbb"})"),
            R"({"TableNames":["ccc"]})");
}

TEST_F(Tables, a_deleted_table_takes_its_items_with_it) {
  create_table("films", false);
  put("films", R"({"p":{"S":"a"}})");
  EXPECT_NE(call("DeleteTable", R"({"TableName":"films"})").find("DELETING"), std::string::npos);
  EXPECT_EQ(call("ListTables", "{}"), R"({"TableNames":[]})");
  create_table("films", false);
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), "{}");
  EXPECT_EQ(describe("films").item_count, 0);
}

TEST_F(Tables, a_protected_table_is_not_deleted) {
  create_with(R"(,"BillingMode":"PAY_PER_REQUEST","DeletionProtectionEnabled":true)");
  EXPECT_EQ(call("DeleteTable", R"({"TableName":"films"})"),
            "ValidationException: Resource cannot be deleted as it is currently protected against "
            "deletion. Disable deletion protection first.");
}

TEST_F(Tables, a_failed_creation_leaves_no_trace) {
  EXPECT_NE(create_with(""), "");
  {
    storage::Transaction abandoned(*store);
    service->create_table(context, {.attribute_definitions = {{{"p", "S"}}},
                                    .table_name = "films",
                                    .key_schema = {{{"p", "HASH"}}},
                                    .billing_mode = "PAY_PER_REQUEST"});
    service->describe_table(context, {.table_name = "films"});
  }
  EXPECT_EQ(call("ListTables", "{}"), R"({"TableNames":[]})");
  EXPECT_TRUE(call("DescribeTable", R"({"TableName":"films"})").starts_with("ResourceNotFound"));
}

TEST_F(Tables, what_does_not_fit_together_is_refused_with_dynamodbs_message) {
  const std::string prefix = "ValidationException: One or more parameter values were invalid: ";
  EXPECT_EQ(create_with(""),
            prefix +
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                "BillingMode is PROVISIONED");
  const std::string on_demand = R"(,"BillingMode":"PAY_PER_REQUEST")";
  EXPECT_EQ(create_with(on_demand + R"(,"GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[)"
                                    R"({"AttributeName":"q","KeyType":"HASH"}],"Projection":{)"
                                    R"("ProjectionType":"ALL"}}])"),
            prefix +
                "Some index key attributes are not defined in AttributeDefinitions. Keys: [q], "
                "AttributeDefinitions: [p]");
  EXPECT_EQ(create_with(on_demand + R"(,"LocalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[)"
                                    R"({"AttributeName":"p","KeyType":"HASH"}],"Projection":{)"
                                    R"("ProjectionType":"ALL"}}])"),
            prefix +
                "Table KeySchema does not have a range key, which is required when specifying "
                "a LocalSecondaryIndex");
  EXPECT_EQ(call("CreateTable",
                 R"({"TableName":"films","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[)"
                 R"({"AttributeName":"p","AttributeType":"S"},{"AttributeName":"q",)"
                 R"("AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]})"),
            prefix +
                "Number of attributes in KeySchema does not exactly match number of attributes "
                "defined in AttributeDefinitions");
}

TEST_F(Tables, tables_and_their_counts_survive_a_kill) {
  create_table("films", true);
  put("films", R"({"p":{"S":"a"},"s":{"N":"1"},"t":{"S":"text"}})");
  put("films", R"({"p":{"S":"a"},"s":{"N":"2"}})");
  kill_and_restart();
  const TableDescription table = describe("films");
  EXPECT_EQ(table.item_count, 2);
  EXPECT_EQ(table.table_size_bytes, 15);
  EXPECT_EQ(table.key_schema->size(), 2U);
  EXPECT_EQ(get("films", R"({"p":{"S":"a"},"s":{"N":"1"}})"),
            R"({"Item":{"p":{"S":"a"},"s":{"N":"1"},"t":{"S":"text"}}})");
}

}  // namespace
}  // namespace matinee::dynamodb

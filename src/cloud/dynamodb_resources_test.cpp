// AWS::DynamoDB types.
#include "cloud/resource_fixture.h"

namespace matinee::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* keys = R"("AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],
  "KeySchema":[{"AttributeName":"p","KeyType":"HASH"}])";

std::string table_with(std::string_view more) {
  return "{" + std::string(keys) + R"(,"TableName":"films",)" + std::string(more) + "}";
}

TEST_F(Resources, a_table_is_made_with_all_it_has) {
  stack_tags = tree(R"([{"Key":"aws:cloudformation:stack-name","Value":"shop"}])");
  const resources::Made made =
      create("AWS::DynamoDB::Table", "{" + std::string(keys) +
                                         R"(,"BillingMode":"PAY_PER_REQUEST",
    "StreamSpecification":{"StreamViewType":"NEW_IMAGE"},
    "TimeToLiveSpecification":{"AttributeName":"until","Enabled":true},
    "TableClass":"STANDARD_INFREQUENT_ACCESS",
    "Tags":[{"Key":"team","Value":"films"}]})");
  EXPECT_THAT(made.id, StartsWith("shop-It-"));
  EXPECT_EQ(made.attributes.text_or("Arn"),
            "arn:aws:dynamodb:us-east-1:000000000000:table/" + made.id);
  EXPECT_THAT(made.attributes.text_or("StreamArn"),
              StartsWith(made.attributes.text_or("Arn") + "/stream/"));
  const std::string now = read("AWS::DynamoDB::Table", made.id);
  EXPECT_THAT(now, HasSubstr(R"("BillingMode":"PAY_PER_REQUEST")"));
  EXPECT_THAT(now, HasSubstr(R"("StreamSpecification":{"StreamViewType":"NEW_IMAGE"})"));
  EXPECT_THAT(now,
              HasSubstr(R"("TimeToLiveSpecification":{"AttributeName":"until","Enabled":true})"));
  EXPECT_THAT(now, HasSubstr(R"("TableClass":"STANDARD_INFREQUENT_ACCESS")"));
  EXPECT_THAT(now, HasSubstr(R"("Tags":[{"Key":"team","Value":"films"}])"));
  EXPECT_THAT(list("AWS::DynamoDB::Table"), ElementsAre(made.id));
  remove("AWS::DynamoDB::Table", made.id);
  EXPECT_THAT(failure_of_read("AWS::DynamoDB::Table", made.id), StartsWith("NotFound: "));
  remove("AWS::DynamoDB::Table", made.id);
}

TEST_F(Resources, lifetimes_and_tags_of_a_table_change_in_place) {
  const std::string before =
      table_with(R"("BillingMode":"PAY_PER_REQUEST","Tags":[{"Key":"a","Value":"1"},
        {"Key":"b","Value":"2"}],"TimeToLiveSpecification":{"AttributeName":"x","Enabled":true})");
  create("AWS::DynamoDB::Table", before);
  const std::string after =
      table_with(R"("BillingMode":"PAY_PER_REQUEST","Tags":[{"Key":"b","Value":"3"}],
        "TimeToLiveSpecification":{"AttributeName":"y","Enabled":true})");
  update("AWS::DynamoDB::Table", "films", before, after);
  const std::string now = read("AWS::DynamoDB::Table", "films");
  EXPECT_THAT(now, HasSubstr(R"("Tags":[{"Key":"b","Value":"3"}])"));
  EXPECT_THAT(now, HasSubstr(R"({"AttributeName":"y","Enabled":true})"));
  update("AWS::DynamoDB::Table", "films", after, table_with(R"("BillingMode":"PAY_PER_REQUEST")"));
  EXPECT_THAT(read("AWS::DynamoDB::Table", "films"), Not(HasSubstr("TimeToLive")));
}

TEST_F(Resources, capacities_classes_and_streams_of_a_table_change_in_place) {
  const auto with = [](std::string_view mode, int reads, std::string_view more) {
    const std::string capacity = R"("ProvisionedThroughput":{"ReadCapacityUnits":)" +
                                 std::to_string(reads) + R"(,"WriteCapacityUnits":1})";
    const std::string keys_of_index = R"("KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],)"
                                      R"("Projection":{"ProjectionType":"ALL"})";
    return table_with((reads ? capacity + "," : "") +
                      R"("GlobalSecondaryIndexes":[{"IndexName":"idx",)" + keys_of_index +
                      (reads ? "," + capacity : "") + R"(}],"BillingMode":")" + std::string(mode) +
                      "\"" + std::string(more));
  };
  const std::string first = with("PROVISIONED", 5, "");
  create("AWS::DynamoDB::Table", first);
  const std::string second = with("PROVISIONED", 7, R"(,"TableClass":"STANDARD_INFREQUENT_ACCESS",
    "DeletionProtectionEnabled":true,"StreamSpecification":{"StreamViewType":"KEYS_ONLY"},
    "SSESpecification":{"SSEEnabled":true})");
  EXPECT_THAT(
      update("AWS::DynamoDB::Table", "films", first, second).attributes.text_or("StreamArn"),
      HasSubstr("/stream/"));
  const std::string now = read("AWS::DynamoDB::Table", "films");
  for (const char* each :
       {R"("TableClass":"STANDARD_INFREQUENT_ACCESS")", R"("DeletionProtectionEnabled":true)",
        R"("StreamViewType":"KEYS_ONLY")", R"("SSEEnabled":true)",
        R"("ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":1},"SSE)",
        R"({"ReadCapacityUnits":7,"WriteCapacityUnits":1},"WarmThroughput")"})
    EXPECT_THAT(now, HasSubstr(each));
  const std::string third =
      with("PAY_PER_REQUEST", 0, R"(,"StreamSpecification":{"StreamViewType":"NEW_IMAGE"})");
  update("AWS::DynamoDB::Table", "films", second, third);
  const std::string then = read("AWS::DynamoDB::Table", "films");
  for (const char* each : {R"("BillingMode":"PAY_PER_REQUEST")", R"("TableClass":"STANDARD")",
                           R"("StreamViewType":"NEW_IMAGE")"})
    EXPECT_THAT(then, HasSubstr(each));
  EXPECT_THAT(then, HasSubstr(R"("SSESpecification":{"SSEEnabled":false})"));
  EXPECT_THAT(then, Not(HasSubstr("ProvisionedThroughput")));
  update("AWS::DynamoDB::Table", "films", third, table_with(R"("BillingMode":"PAY_PER_REQUEST")"));
  EXPECT_THAT(read("AWS::DynamoDB::Table", "films"), Not(HasSubstr("GlobalSecondaryIndexes")));
}

TEST_F(Resources, limits_that_a_template_has_no_more_are_lifted) {
  const auto with = [](std::string_view limits) {
    return table_with(R"("BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":)"
                      R"("idx","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"Projection":)"
                      R"({"ProjectionType":"ALL"})" +
                      std::string(limits) + "}]" + std::string(limits));
  };
  const auto limits = [&](std::string_view path) {
    return told("dynamodb:DescribeTable", R"({"TableName":"films"})", path);
  };
  const std::string both =
      with(R"(,"OnDemandThroughput":{"MaxReadRequestUnits":9,"MaxWriteRequestUnits":8})");
  create("AWS::DynamoDB::Table", both);
  const std::string one = with(R"(,"OnDemandThroughput":{"MaxReadRequestUnits":9})");
  update("AWS::DynamoDB::Table", "films", both, one);
  EXPECT_EQ(limits("Table.OnDemandThroughput"), R"({"MaxReadRequestUnits":9})");
  update("AWS::DynamoDB::Table", "films", one, with(""));
  EXPECT_THAT(limits("Table"), Not(HasSubstr("RequestUnits")));
}

TEST_F(Resources, all_capacities_of_a_table_change_together) {
  const auto with = [](std::string_view capacities) {
    return table_with(fmt::format(
        R"("GlobalSecondaryIndexes":[{{"IndexName":"idx","KeySchema":[{{"AttributeName":"p",)"
        R"("KeyType":"HASH"}}],"Projection":{{"ProjectionType":"ALL"}},{0}}}],{0})",
        capacities));
  };
  const std::string provisioned =
      with(R"("ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5})");
  create("AWS::DynamoDB::Table", provisioned);
  const std::string warm =
      with(R"("ProvisionedThroughput":{"ReadCapacityUnits":6,"WriteCapacityUnits":6},)"
           R"("WarmThroughput":{"ReadUnitsPerSecond":90,"WriteUnitsPerSecond":80})");
  update("AWS::DynamoDB::Table", "films", provisioned, warm);
  const auto now = [this] {
    return told("dynamodb:DescribeTable", R"({"TableName":"films"})", "Table");
  };
  const auto count = [](const std::string& text, const std::string& part) {
    int found = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count(now(), R"("ReadCapacityUnits":6)"), 2) << now();
  EXPECT_EQ(count(now(), R"("ReadUnitsPerSecond":90)"), 2) << now();
  std::string by_use = with(R"("OnDemandThroughput":{"MaxReadRequestUnits":9})");
  by_use.insert(by_use.size() - 1, R"(,"BillingMode":"PAY_PER_REQUEST")");
  update("AWS::DynamoDB::Table", "films", warm, by_use);
  EXPECT_EQ(count(now(), R"("MaxReadRequestUnits":9)"), 2) << now();
}

TEST_F(Resources, a_table_that_is_there_or_protected_is_told_of) {
  const std::string properties =
      table_with(R"("BillingMode":"PAY_PER_REQUEST","DeletionProtectionEnabled":true)");
  create("AWS::DynamoDB::Table", properties);
  EXPECT_THAT(failure([&] { create("AWS::DynamoDB::Table", properties); }),
              StartsWith("ResourceInUseException: "));
  EXPECT_THAT(failure([&] { remove("AWS::DynamoDB::Table", "films"); }),
              HasSubstr("protected against deletion"));
}

TEST_F(Resources, the_recovery_of_a_table_is_switched_on_and_off) {
  const auto with = [](std::string_view recovery) {
    return table_with(R"("BillingMode":"PAY_PER_REQUEST","PointInTimeRecoverySpecification":)" +
                      std::string(recovery));
  };
  const std::string on = with(R"({"PointInTimeRecoveryEnabled":true})");
  create("AWS::DynamoDB::Table", on);
  EXPECT_THAT(read("AWS::DynamoDB::Table", "films"),
              HasSubstr(R"({"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":35})"));
  const std::string shorter =
      with(R"({"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":7})");
  update("AWS::DynamoDB::Table", "films", on, shorter);
  EXPECT_THAT(read("AWS::DynamoDB::Table", "films"), HasSubstr(R"("RecoveryPeriodInDays":7)"));
  update("AWS::DynamoDB::Table", "films", shorter,
         table_with(R"("BillingMode":"PAY_PER_REQUEST")"));
  EXPECT_THAT(read("AWS::DynamoDB::Table", "films"),
              HasSubstr(R"({"PointInTimeRecoveryEnabled":false})"));
}

/// A StreamSpecification; `settings` begin with a comma, or there are none.
std::string stream_with(std::string_view view, std::string_view settings) {
  return fmt::format(R"("StreamSpecification":{{"StreamViewType":"{}"{}}})", view, settings);
}

/// A ResourcePolicy that lets another account do something with streams.
std::string policy_for(std::string_view action) {
  return fmt::format(R"(,"ResourcePolicy":{{"PolicyDocument":{{"Version":"2012-10-17",)"
                     R"("Statement":[{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},)"
                     R"("Action":"dynamodb:{}","Resource":"*"}}]}}}})",
                     action);
}

TEST_F(Resources, the_policy_of_a_stream_follows_the_template) {
  const auto with = [](std::string_view stream) {
    return table_with(std::string(R"("BillingMode":"PAY_PER_REQUEST")") +
                      (stream.empty() ? "" : ",") + std::string(stream));
  };
  const auto policy_of = [&](const resources::Made& made) {
    return told("dynamodb:GetResourcePolicy",
                R"({"ResourceArn":")" + made.attributes.text_or("StreamArn") + "\"}", "Policy");
  };
  const auto now = [&] { return read("AWS::DynamoDB::Table", "films"); };
  const std::string first = with(stream_with("NEW_IMAGE", policy_for("GetRecords")));
  const resources::Made created = create("AWS::DynamoDB::Table", first);
  EXPECT_THAT(policy_of(created), HasSubstr("dynamodb:GetRecords"));
  EXPECT_THAT(now(), HasSubstr(R"("StreamSpecification":{"ResourcePolicy":{"PolicyDocument":{)"));
  EXPECT_THAT(now(), HasSubstr(R"("Action":"dynamodb:GetRecords")"));
  EXPECT_THAT(failure([&] {
                call("dynamodb:GetResourcePolicy",
                     R"({"ResourceArn":")" + created.attributes.text_or("Arn") + "\"}");
              }),
              StartsWith("PolicyNotFoundException: "));

  const std::string second = with(stream_with("NEW_IMAGE", policy_for("DescribeStream")));
  const resources::Made same = update("AWS::DynamoDB::Table", "films", first, second);
  EXPECT_EQ(same.attributes.text_or("StreamArn"), created.attributes.text_or("StreamArn"));
  EXPECT_THAT(policy_of(same), HasSubstr("dynamodb:DescribeStream"));
  // Another view is another stream, which gets the policy that is the same; the old one keeps its.
  const std::string third = with(stream_with("KEYS_ONLY", policy_for("DescribeStream")));
  const resources::Made other = update("AWS::DynamoDB::Table", "films", second, third);
  EXPECT_NE(other.attributes.text_or("StreamArn"), created.attributes.text_or("StreamArn"));
  EXPECT_THAT(policy_of(other), HasSubstr("dynamodb:DescribeStream"));
  EXPECT_THAT(policy_of(created), HasSubstr("dynamodb:DescribeStream"));

  const std::string fourth = with(stream_with("KEYS_ONLY", ""));
  update("AWS::DynamoDB::Table", "films", third, fourth);
  EXPECT_THAT(now(), HasSubstr(R"("StreamSpecification":{"StreamViewType":"KEYS_ONLY"})"));
  EXPECT_THAT(failure([&] { policy_of(other); }), StartsWith("PolicyNotFoundException: "));
  const std::string fifth = with(stream_with("KEYS_ONLY", policy_for("GetShardIterator")));
  update("AWS::DynamoDB::Table", "films", fourth, fifth);
  update("AWS::DynamoDB::Table", "films", fifth, with(""));
  EXPECT_THAT(now(), Not(HasSubstr("StreamSpecification")));
  EXPECT_THAT(policy_of(other), HasSubstr("dynamodb:GetShardIterator"));
}

TEST_F(Resources, the_tags_of_a_stream_follow_the_template) {
  stack_tags = tree(R"([{"Key":"stage","Value":"test"}])");
  const auto with = [](std::string_view view, std::string_view tags) {
    return table_with(R"("BillingMode":"PAY_PER_REQUEST",)" +
                      stream_with(view, R"(,"Tags":)" + std::string(tags)));
  };
  const auto tags_of = [&](const resources::Made& made) {
    return told("dynamodb:ListTagsOfResource",
                R"({"ResourceArn":")" + made.attributes.text_or("StreamArn") + "\"}", "Tags");
  };
  const std::string first =
      with("NEW_IMAGE", R"([{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}])");
  const resources::Made created = create("AWS::DynamoDB::Table", first);
  EXPECT_EQ(tags_of(created), R"([{"Key":"a","Value":"1"},{"Key":"b","Value":"2"},)"
                              R"({"Key":"stage","Value":"test"}])");
  EXPECT_THAT(read("AWS::DynamoDB::Table", "films"),
              HasSubstr(R"("StreamViewType":"NEW_IMAGE","Tags":[{"Key":"a","Value":"1"},)"));
  const std::string second = with("NEW_IMAGE", R"([{"Key":"b","Value":"3"}])");
  update("AWS::DynamoDB::Table", "films", first, second);
  EXPECT_EQ(tags_of(created), R"([{"Key":"b","Value":"3"},{"Key":"stage","Value":"test"}])");
  // Another stream has what the template says, and the old one what it had.
  const std::string third = with("KEYS_ONLY", R"([{"Key":"b","Value":"3"}])");
  const resources::Made other = update("AWS::DynamoDB::Table", "films", second, third);
  EXPECT_NE(other.attributes.text_or("StreamArn"), created.attributes.text_or("StreamArn"));
  EXPECT_EQ(tags_of(other), R"([{"Key":"b","Value":"3"},{"Key":"stage","Value":"test"}])");
}

TEST_F(Resources, the_stream_of_a_replica_has_its_own_policy_and_tags) {
  const auto with = [](std::string_view stream, std::string_view settings) {
    return table_with(R"("BillingMode":"PAY_PER_REQUEST","Replicas":[{"Region":"us-east-1")" +
                      std::string(settings) + "}]" + std::string(stream));
  };
  const std::string stream = "," + stream_with("NEW_AND_OLD_IMAGES", "");
  const std::string policy = policy_for("GetRecords").substr(1);
  const std::string settings =
      R"(,"ReplicaStreamSpecification":{)" + policy + R"(,"Tags":[{"Key":"of","Value":"stream"}]})";
  const std::string properties = with(stream, settings);
  create("AWS::DynamoDB::GlobalTable", properties);
  const std::string now = read("AWS::DynamoDB::GlobalTable", "films");
  EXPECT_THAT(now, HasSubstr(R"("ReplicaStreamSpecification":{"ResourcePolicy":{)"));
  EXPECT_THAT(now, HasSubstr(R"("Tags":[{"Key":"of","Value":"stream"}]}}])"));
  EXPECT_THAT(now, HasSubstr(R"("StreamSpecification":{"StreamViewType":"NEW_AND_OLD_IMAGES"})"));
  update("AWS::DynamoDB::GlobalTable", "films", properties, with(stream, ""));
  EXPECT_THAT(read("AWS::DynamoDB::GlobalTable", "films"), Not(HasSubstr("ReplicaStream")));
  EXPECT_EQ(failure([&] { create("AWS::DynamoDB::GlobalTable", with("", settings)); }),
            "InvalidRequest: Property Replicas/0/ReplicaStreamSpecification: There is no stream "
            "without a StreamSpecification.");
}

TEST_F(Resources, what_a_table_cannot_have_is_refused_by_its_name) {
  for (const char* property :
       {R"("KinesisStreamSpecification":{"StreamArn":"arn:aws:kinesis:us-east-1:1:stream/s"})",
        R"("VectorIndexes":[])"}) {
    const std::string name = std::string(property).substr(1, std::string(property).find(':') - 2);
    EXPECT_EQ(failure([&] { create("AWS::DynamoDB::Table", table_with(property)); }),
              "InvalidRequest: Property " + name + ": Matinee does not serve it.");
  }
}

TEST_F(Resources, keys_and_their_types_make_another_table) {
  using resources::Recreation;
  const resources::ResourceType& table = type("AWS::DynamoDB::Table");
  const Value old_types = tree(R"([{"AttributeName":"p","AttributeType":"S"}])");
  const Value new_types = tree(R"([{"AttributeName":"p","AttributeType":"N"}])");
  const Value more = tree(R"([{"AttributeName":"p","AttributeType":"S"},
    {"AttributeName":"q","AttributeType":"S"}])");
  EXPECT_EQ(table.recreation("AttributeDefinitions", &old_types, &new_types), Recreation::always);
  EXPECT_EQ(table.recreation("AttributeDefinitions", &old_types, &more), Recreation::never);
  EXPECT_EQ(table.recreation("KeySchema", &old_types, &more), Recreation::always);
  EXPECT_EQ(table.recreation("TableName", &old_types, &more), Recreation::always);
  EXPECT_EQ(table.recreation("Tags", &old_types, &more), Recreation::never);
}

TEST_F(Resources, a_global_table_is_one_in_its_region) {
  const std::string properties = R"({"AttributeDefinitions":[{"AttributeName":"p",
    "AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
    "BillingMode":"PAY_PER_REQUEST","TableName":"films",
    "WriteOnDemandThroughputSettings":{"MaxWriteRequestUnits":7},
    "Replicas":[{"Region":"us-east-1","DeletionProtectionEnabled":false,
      "ReadOnDemandThroughputSettings":{"MaxReadRequestUnits":5},
      "Tags":[{"Key":"team","Value":"films"}]}]})";
  const resources::Made made = create("AWS::DynamoDB::GlobalTable", properties);
  EXPECT_EQ(made.id, "films");
  EXPECT_EQ(made.attributes.text_or("TableId").size(), 36);
  const std::string now = read("AWS::DynamoDB::GlobalTable", "films");
  EXPECT_THAT(now, HasSubstr(R"("WriteOnDemandThroughputSettings":{"MaxWriteRequestUnits":7})"));
  EXPECT_THAT(now, HasSubstr(R"("Replicas":[{"DeletionProtectionEnabled":false,)"
                             R"("PointInTimeRecoverySpecification":)"
                             R"({"PointInTimeRecoveryEnabled":false},)"
                             R"("ReadOnDemandThroughputSettings":{"MaxReadRequestUnits":5},)"
                             R"("Region":"us-east-1","Tags":[{"Key":"team","Value":"films"}]}])"));
  EXPECT_EQ(told("dynamodb:DescribeTable", R"({"TableName":"films"})", "Table.OnDemandThroughput"),
            R"({"MaxReadRequestUnits":5,"MaxWriteRequestUnits":7})");
  remove("AWS::DynamoDB::GlobalTable", "films");
  EXPECT_EQ(failure([&] {
              create("AWS::DynamoDB::GlobalTable",
                     R"({"TableName":"x","Replicas":[{"Region":"eu-west-1"}]})");
            }),
            "InvalidRequest: Property Replicas/0/Region: The stack is in us-east-1, and its table "
            "has to be.");
  EXPECT_EQ(failure([&] {
              create("AWS::DynamoDB::GlobalTable",
                     R"({"TableName":"x","Replicas":[{"Region":"eu-west-1"},
                       {"Region":"us-east-1"}]})");
            }),
            "InvalidRequest: Property Replicas: A table is in one region here.");
}

}  // namespace
}  // namespace matinee::cloud

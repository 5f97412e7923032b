// Scalable targets and their policies, as CloudFormation makes them.
#include "cloud/resource_types_fixture.h"

namespace matinee::cloud {
namespace {

using ScalingTypes = ResourceTypeFixture;

constexpr const char* target_type = "AWS::ApplicationAutoScaling::ScalableTarget";
constexpr const char* policy_type = "AWS::ApplicationAutoScaling::ScalingPolicy";
constexpr const char* target_id = "table/films|dynamodb:table:ReadCapacityUnits|dynamodb";

std::string target_with(std::string_view more) {
  return R"({"ServiceNamespace":"dynamodb","ResourceId":"table/films",
    "ScalableDimension":"dynamodb:table:ReadCapacityUnits",)" +
         std::string(more) + "}";
}

std::string policy_with(std::string_view tracking) {
  return R"({"PolicyName":"reads","PolicyType":"TargetTrackingScaling","ScalingTargetId":")" +
         std::string(target_id) + R"(","TargetTrackingScalingPolicyConfiguration":{)" +
         std::string(tracking) + "}}";
}

TEST_F(ScalingTypes, targets_are_made_changed_read_and_removed) {
  live(target_type,
       {target_with(
            R"json("MinCapacity":1,"MaxCapacity":9,"RoleARN":"arn:aws:iam::000000000000:role/r",
          "Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}],
          "SuspendedState":{"DynamicScalingInSuspended":true},
          "ScheduledActions":[{"ScheduledActionName":"night","Schedule":"rate(1 day)",
            "Timezone":"Europe/Berlin","StartTime":"2027-01-01T00:00:00Z",
            "EndTime":"2028-01-01T00:00:00.500Z","ScalableTargetAction":{"MaxCapacity":2}}])json"),
        target_with(R"json("MinCapacity":2,"MaxCapacity":8,"Tags":[{"Key":"b","Value":"3"}],
          "ScheduledActions":[{"ScheduledActionName":"night","Schedule":"rate(2 days)",
            "ScalableTargetAction":{"MinCapacity":3}},{"ScheduledActionName":"day",
            "Schedule":"rate(1 day)","ScalableTargetAction":{"MaxCapacity":7}}])json"),
        target_with(R"("MinCapacity":2,"MaxCapacity":8)")});
}

TEST_F(ScalingTypes, what_a_target_does_not_have_any_more_is_gone) {
  const std::string full = target_with(R"json("MinCapacity":1,"MaxCapacity":9,
      "SuspendedState":{"ScheduledScalingSuspended":true},"Tags":[{"Key":"a","Value":"1"}],
      "ScheduledActions":[{"ScheduledActionName":"night","Schedule":"rate(1 day)",
        "Timezone":"Europe/Berlin",
        "ScalableTargetAction":{"MinCapacity":1,"MaxCapacity":2}}])json");
  const std::string id = create(target_type, full).id;
  EXPECT_EQ(id, target_id);
  const std::string less = target_with(R"json("MinCapacity":1,"MaxCapacity":9,
      "ScheduledActions":[{"ScheduledActionName":"night","Schedule":"rate(1 day)",
        "ScalableTargetAction":{"MaxCapacity":2}
  }])json");
  update(target_type, id, full, less);
  Value now = read(target_type, id);
  EXPECT_EQ(to_json(*now.find("ScheduledActions")),
            R"json([{"ScalableTargetAction":{"MaxCapacity":2},"Schedule":"rate(1 day)",)json"
            R"("ScheduledActionName":"night"}])");
  EXPECT_EQ(now.find("SuspendedState")->text_or("ScheduledScalingSuspended"), "false");
  EXPECT_EQ(now.find("Tags"), nullptr);
  EXPECT_EQ(list(target_type), std::vector<std::string>{target_id});
}

TEST_F(ScalingTypes, policies_belong_to_a_target_and_are_not_written_over) {
  create(target_type, target_with(R"("MinCapacity":1,"MaxCapacity":9)"));
  const std::string first = policy_with(R"("TargetValue":70,"ScaleInCooldown":5,
    "PredefinedMetricSpecification":{"PredefinedMetricType":"DynamoDBReadCapacityUtilization"})");
  const std::string second = policy_with(R"("TargetValue":12.5,"CustomizedMetricSpecification":{
    "MetricName":"m","Namespace":"n","Statistic":"Sum","Dimensions":[{"Name":"a","Value":"b"}]})");
  live(policy_type, {first, second});
  const auto made = create(policy_type, first);
  EXPECT_EQ(made.id, made.attributes.text_or("Arn"));
  EXPECT_TRUE(made.id.ends_with(":resource/dynamodb/table/films:policyName/reads")) << made.id;
  EXPECT_EQ(failure_of([&] { create(policy_type, second); }),
            "InvalidRequest: Resource of type 'AWS::ApplicationAutoScaling::ScalingPolicy' with "
            "identifier '" +
                made.id + "' already exists.");
  EXPECT_EQ(list(policy_type, R"({"ServiceNamespace":"dynamodb"})"),
            std::vector<std::string>{made.id + "|dynamodb:table:ReadCapacityUnits"});
  remove(target_type, target_id);
  EXPECT_TRUE(is_gone(policy_type, made.id));
}

TEST_F(ScalingTypes, a_target_that_is_there_is_not_written_over) {
  const std::string properties = target_with(R"("MinCapacity":1,"MaxCapacity":9)");
  create(target_type, properties);
  EXPECT_EQ(failure_of([&] { create(target_type, properties); }),
            "AlreadyExists: Resource of type 'AWS::ApplicationAutoScaling::ScalableTarget' with "
            "identifier '" +
                std::string(target_id) + "' already exists.");
}

}  // namespace
}  // namespace matinee::cloud

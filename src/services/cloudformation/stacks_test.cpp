// Stacks are made, changed and removed, and fail, with resources of a type that the tests have.
#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr const char* two_things = R"({"Resources": {
  "Second": {"Type": "Test::Thing", "Properties": {"Name": "b", "Refs": {"Ref": "First"}}},
  "First": {"Type": "Test::Thing", "Properties": {"Name": "a", "Size": 1}}},
  "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["First", "Arn"]}}}})";

TEST_F(StacksTest, a_stack_is_made_in_the_order_of_its_references) {
  create(two_things);
  EXPECT_EQ(stack().stack_status, "CREATE_COMPLETE");
  EXPECT_THAT(events(),
              ElementsAre("stack CREATE_IN_PROGRESS User Initiated", "First CREATE_IN_PROGRESS",
                          "First CREATE_IN_PROGRESS Resource creation Initiated",
                          "First CREATE_COMPLETE", "Second CREATE_IN_PROGRESS",
                          "Second CREATE_IN_PROGRESS Resource creation Initiated",
                          "Second CREATE_COMPLETE", "stack CREATE_COMPLETE"));
  EXPECT_EQ(world.things["b"], R"({"Name":"b","Refs":"a"})");
  EXPECT_EQ(stack().outputs->front().output_value, "arn:a");
}

TEST_F(StacksTest, an_operation_is_named_by_the_call_that_begins_it) {
  const auto last = [&] { return *stack().last_operations->front().operation_id; };
  const auto made = call(&Service::create_stack,
                         CreateStackRequest{.stack_name = "stack", .template_body = two_things});
  EXPECT_EQ(made.operation_id, last());
  machine.loop.run_until_idle();
  const auto changed =
      call(&Service::update_stack,
           UpdateStackRequest{.stack_name = "stack",
                              .template_body = R"({"Resources": {"First": {"Type": "Test::Thing",
                                    "Properties": {"Name": "a"}}}})"});
  EXPECT_EQ(changed.operation_id, last());
  EXPECT_NE(changed.operation_id, made.operation_id);
}

TEST_F(StacksTest, what_may_not_be_read_is_no_fault_of_the_server) {
  create(two_things);
  world.broken = {"read a", "read b"};
  EXPECT_EQ(error_of([&] {
              call(&Service::detect_stack_resource_drift,
                   DetectStackResourceDriftRequest{.stack_name = "stack",
                                                   .logical_resource_id = "First"});
            }),
            "AccessDenied: a may not be read");
  const auto begun =
      call(&Service::detect_stack_drift, DetectStackDriftRequest{.stack_name = "stack"});
  const auto told = call(&Service::describe_stack_drift_detection_status,
                         DescribeStackDriftDetectionStatusRequest{
                             .stack_drift_detection_id = begun.stack_drift_detection_id});
  EXPECT_EQ(told.detection_status, "DETECTION_FAILED");
  EXPECT_EQ(told.stack_drift_status, "UNKNOWN");
}

TEST_F(StacksTest, what_has_failed_is_taken_back) {
  create(R"({"Resources": {
    "First": {"Type": "Test::Thing", "Properties": {"Name": "a"}},
    "Second": {"Type": "Test::Thing", "Properties": {"Name": "b", "Fails": "finish",
               "Refs": {"Ref": "First"}}}}})");
  EXPECT_EQ(stack().stack_status, "ROLLBACK_COMPLETE");
  EXPECT_THAT(world.things, IsEmpty());
  const auto told = events();
  EXPECT_THAT(told, testing::Contains(
                        "stack ROLLBACK_IN_PROGRESS The following resource(s) failed to create: "
                        "[Second]. Rollback requested by user."));
  EXPECT_THAT(
      std::vector(told.end() - 5, told.end()),
      ElementsAre("Second DELETE_IN_PROGRESS", "Second DELETE_COMPLETE", "First DELETE_IN_PROGRESS",
                  "First DELETE_COMPLETE", "stack ROLLBACK_COMPLETE"));
}

TEST_F(StacksTest, without_rollback_stays_what_was_made) {
  create(R"({"Resources": {
    "First": {"Type": "Test::Thing", "Properties": {"Name": "a"}},
    "Second": {"Type": "Test::Thing", "Properties": {"Name": "b", "Fails": "create"}}}})",
         true);
  EXPECT_EQ(stack().stack_status, "CREATE_FAILED");
  EXPECT_THAT(world.things, SizeIs(1));
  call(&Service::rollback_stack, RollbackStackRequest{.stack_name = "stack"});
  machine.loop.run_until_idle();
  EXPECT_EQ(stack().stack_status, "ROLLBACK_COMPLETE");
  EXPECT_THAT(world.things, IsEmpty());
}

TEST_F(StacksTest, an_invalid_property_fails_before_anything_is_begun) {
  create(R"({"Resources": {"Only": {"Type": "Test::Thing", "Properties": {"Invalid": 1}}}})");
  stack();
  EXPECT_THAT(events(),
              testing::Contains("Only CREATE_FAILED Property validation failure: [The property "
                                "{/Type} is required]"));
}

TEST_F(StacksTest, a_replaced_resource_is_removed_in_the_clean_up) {
  create(two_things);
  update(R"({"Resources": {
    "Second": {"Type": "Test::Thing", "Properties": {"Name": "b", "Refs": {"Ref": "First"}}},
    "First": {"Type": "Test::Thing", "Properties": {"Name": "c", "Size": 1}}},
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["First", "Arn"]}}}})");
  EXPECT_EQ(stack().stack_status, "UPDATE_COMPLETE");
  EXPECT_EQ(stack().outputs->front().output_value, "arn:c");
  const auto told = events();
  EXPECT_THAT(
      std::vector(told.begin() + 8, told.end()),
      ElementsAre("stack UPDATE_IN_PROGRESS User Initiated",
                  "First UPDATE_IN_PROGRESS Requested update requires the creation of a new "
                  "physical resource; hence creating one.",
                  "First UPDATE_IN_PROGRESS Resource creation Initiated", "First UPDATE_COMPLETE",
                  "Second UPDATE_IN_PROGRESS", "Second UPDATE_COMPLETE",
                  "stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "First DELETE_IN_PROGRESS",
                  "First DELETE_COMPLETE", "stack UPDATE_COMPLETE"));
  EXPECT_EQ(world.things["b"], R"({"Name":"b","Refs":"c"})");
  EXPECT_FALSE(world.things.contains("a"));
}

TEST_F(StacksTest, a_failed_update_goes_back_to_what_was) {
  create(two_things);
  const auto before = world.things;
  update(R"({"Resources": {
    "First": {"Type": "Test::Thing", "Properties": {"Name": "a", "Size": 2}},
    "Third": {"Type": "Test::Thing", "Properties": {"Name": "d", "Refs": {"Ref": "First"}}},
    "Second": {"Type": "Test::Thing", "Properties": {"Name": "e", "Fails": "finish",
               "Refs": {"Ref": "Third"}}}}})");
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(world.things, before);
  EXPECT_EQ(stack().outputs->front().output_value, "arn:a");
  EXPECT_EQ(error_of([&] { update(two_things); }),
            "ValidationError: No updates are to be performed.");
}

TEST_F(StacksTest, a_rollback_that_fails_can_be_continued) {
  create(R"({"Resources": {
    "First": {"Type": "Test::Thing", "Properties": {"Name": "a", "Fails": "update"}},
    "Second": {"Type": "Test::Thing", "Properties": {"Name": "b", "Refs": {"Ref": "First"}}}}})");
  update(R"({"Resources": {
    "First": {"Type": "Test::Thing", "Properties": {"Name": "a", "Size": 2}},
    "Second": {"Type": "Test::Thing", "Properties": {"Name": "b", "Fails": "update",
               "Refs": {"Ref": "First"}}}}})");
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_FAILED");
  EXPECT_EQ(*stack().stack_status_reason, "The following resource(s) failed to update: [First]. ");
  call(&Service::continue_update_rollback,
       ContinueUpdateRollbackRequest{.stack_name = "stack",
                                     .resources_to_skip = std::vector<std::string>{"First"}});
  machine.loop.run_until_idle();
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
}

TEST_F(StacksTest, what_cannot_be_removed_may_be_left_behind) {
  create(two_things);
  stack();
  world.broken.insert("remove a");
  remove();
  EXPECT_EQ(stack().stack_status, "DELETE_FAILED");
  EXPECT_EQ(*stack().stack_status_reason, "The following resource(s) failed to delete: [First]. ");
  call(&Service::delete_stack,
       DeleteStackRequest{.stack_name = "stack",
                          .retain_resources = std::vector<std::string>{"First"}});
  machine.loop.run_until_idle();
  EXPECT_EQ(status(), "DELETE_COMPLETE");
  EXPECT_THAT(events(), testing::Contains("First DELETE_SKIPPED"));
  EXPECT_THAT(world.things, SizeIs(1));
}

TEST_F(StacksTest, a_policy_keeps_a_resource_when_its_stack_goes) {
  create(R"({"Resources": {"Only": {"Type": "Test::Thing", "DeletionPolicy": "Retain",
             "Properties": {"Name": "a"}}}})");
  stack();
  remove();
  EXPECT_EQ(status(), "DELETE_COMPLETE");
  EXPECT_THAT(world.things, SizeIs(1));
}

TEST_F(StacksTest, an_attribute_that_a_type_has_not_fails_the_stack_at_once) {
  create(R"({"Resources": {"Only": {"Type": "Test::Thing"}},
             "Outputs": {"Bad": {"Value": {"Fn::GetAtt": ["Only", "Nothing"]}}}})");
  stack();
  EXPECT_THAT(events(),
              ElementsAre("stack CREATE_IN_PROGRESS User Initiated",
                          "stack ROLLBACK_IN_PROGRESS [Error] /Outputs/Bad/Value/Fn::GetAtt: "
                          "Resource type Test::Thing does not support attribute {Nothing}. "
                          "Rollback requested by user.",
                          "stack ROLLBACK_COMPLETE"));
}

TEST_F(StacksTest, types_that_are_not_served_are_named_before_anything_is_made) {
  EXPECT_EQ(error_of([&] {
              create(R"({"Resources": {"A": {"Type": "AWS::EC2::VPC"},
                         "B": {"Type": "AWS::EC2::Subnet"}, "C": {"Type": "Test::Thing"}}})");
            }),
            "ValidationError: Template format error: Unrecognized resource types: "
            "[AWS::EC2::Subnet, AWS::EC2::VPC]");
  EXPECT_THAT(world.things, IsEmpty());
}

TEST_F(StacksTest, a_stack_policy_denies_an_update) {
  create(two_things);
  call(&Service::set_stack_policy,
       SetStackPolicyRequest{
           .stack_name = "stack",
           .stack_policy_body =
               R"({"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*",
                   "Resource": "*"}, {"Effect": "Deny", "Action": "Update:Modify",
                   "Principal": "*", "Resource": "LogicalResourceId/First"}]})"});
  update(R"({"Resources": {
    "First": {"Type": "Test::Thing", "Properties": {"Name": "a", "Size": 2}}}})");
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(events(), testing::Contains(testing::StartsWith(
                            "First UPDATE_FAILED Action denied by stack policy: Statement [#2]")));
  EXPECT_THAT(world.things, SizeIs(2));
}

TEST_F(StacksTest, a_rollback_is_told_as_an_operation_of_its_own) {
  create(R"({"Resources": {
    "Only": {"Type": "Test::Thing", "Properties": {"Name": "a", "Fails": "create"}}}})");
  const auto last = *stack().last_operations;
  ASSERT_THAT(last, SizeIs(2));
  EXPECT_EQ(last[0].operation_type, "ROLLBACK");
  EXPECT_EQ(last[1].operation_type, "CREATE_STACK");
  const auto told =
      call(&Service::describe_events, DescribeEventsRequest{.operation_id = last[0].operation_id});
  ASSERT_THAT(*told.operation_events, SizeIs(2));
  EXPECT_EQ(told.operation_events->front().operation_status, "SUCCEEDED");
  EXPECT_EQ(told.operation_events->front().resource_status, "ROLLBACK_COMPLETE");
  const auto failed =
      call(&Service::describe_events,
           DescribeEventsRequest{.stack_name = id, .filters = EventFilter{.failed_events = true}});
  ASSERT_THAT(*failed.operation_events, SizeIs(1));
  EXPECT_EQ(failed.operation_events->front().event_type, "PROVISIONING_ERROR");
}

TEST_F(StacksTest, what_fails_to_be_transformed_is_a_stack_that_fails) {
  create(R"({"Resources": {"Only": {"Type": "Test::Thing"}},
             "Parameters": {"Vpc": {"Type": "AWS::EC2::VPC::Id", "Default": "none"}}})");
  EXPECT_EQ(stack().stack_status, "ROLLBACK_COMPLETE");
  EXPECT_THAT(world.things, IsEmpty());
  ASSERT_EQ(stack().parameters->size(), 1U);
  EXPECT_EQ(stack().parameters->front().parameter_value, "none");
  EXPECT_THAT(events(),
              ElementsAre("stack CREATE_IN_PROGRESS User Initiated",
                          "stack ROLLBACK_IN_PROGRESS Parameter validation failed: parameter value "
                          "none for parameter name Vpc does not exist. Rollback requested by user.",
                          "stack ROLLBACK_COMPLETE"));
}

}  // namespace
}  // namespace matinee::cloudformation

#include "resources/types/s3/configurations.h"

#include <gtest/gtest.h>

namespace matinee::resources::types::s3 {
namespace {

std::string with(Value (*convert)(const Value&), std::string_view property) {
  return to_sorted_json(convert(read_json(property).value()));
}

TEST(BucketConfigurations, filters_of_one_thing_stand_for_themselves) {
  EXPECT_EQ(with(metrics_of, R"({"Id":"a"})"), R"({"Id":"a"})");
  EXPECT_EQ(with(metrics_of, R"({"Id":"a","Prefix":"p"})"),
            R"({"Filter":{"Prefix":"p"},"Id":"a"})");
  EXPECT_EQ(with(metrics_of, R"({"Id":"a","TagFilters":[{"Key":"k","Value":"v"}]})"),
            R"({"Filter":{"Tag":{"Key":"k","Value":"v"}},"Id":"a"})");
  EXPECT_EQ(with(metrics_of, R"({"Id":"a","Prefix":"p","TagFilters":[{"Key":"k","Value":"v"}]})"),
            R"({"Filter":{"And":{"Prefix":"p","Tags":[{"Key":"k","Value":"v"}]}},"Id":"a"})");
}

TEST(BucketConfigurations, older_forms_of_transitions_join_their_lists) {
  EXPECT_EQ(with(lifecycle_of, R"({"Rules":[{"Status":"Enabled",
    "Transition":{"StorageClass":"GLACIER","TransitionInDays":5},
    "Transitions":[{"StorageClass":"STANDARD_IA","TransitionDate":"2030-01-01"}]}]})"),
            R"({"Rules":[{"Filter":{"Prefix":""},"Status":"Enabled","Transitions":[)"
            R"({"Date":"2030-01-01","StorageClass":"STANDARD_IA"},)"
            R"({"Days":5,"StorageClass":"GLACIER"}]}]})");
}

TEST(BucketConfigurations, replication_rules_have_tags_by_their_names_in_s3) {
  EXPECT_EQ(with(replication_of, R"({"Role":"r","Rules":[{"Status":"Enabled","Destination":{},
    "Filter":{"And":{"Prefix":"p","TagFilters":[{"Key":"k","Value":"v"}]}}},
    {"Status":"Enabled","Destination":{},"Filter":{"TagFilter":{"Key":"k","Value":"v"}}}]})"),
            R"({"Role":"r","Rules":[{"Destination":{},"Filter":{"And":{"Prefix":"p","Tags":[)"
            R"({"Key":"k","Value":"v"}]}},"Status":"Enabled"},{"Destination":{},"Filter":{)"
            R"("Tag":{"Key":"k","Value":"v"}},"Status":"Enabled"}]})");
}

TEST(BucketConfigurations, notifications_name_lists_of_events) {
  EXPECT_EQ(with(notifications_of, R"({"LambdaConfigurations":[{"Event":"s3:ObjectCreated:*",
    "Function":"f"}],"EventBridgeConfiguration":{"EventBridgeEnabled":false}})"),
            R"({"LambdaFunctionConfigurations":[{"Events":["s3:ObjectCreated:*"],)"
            R"("LambdaFunctionArn":"f"}]})");
  EXPECT_EQ(with(notifications_of, R"({"EventBridgeConfiguration":{"EventBridgeEnabled":true}})"),
            R"({"EventBridgeConfiguration":{}})");
}

TEST(BucketConfigurations, access_controls_are_canned_lists) {
  EXPECT_EQ(canned_acl("Private"), "private");
  EXPECT_EQ(canned_acl("BucketOwnerFullControl"), "bucket-owner-full-control");
  EXPECT_EQ(canned_acl("AwsExecRead"), "aws-exec-read");
}

}  // namespace
}  // namespace matinee::resources::types::s3

#include "services/s3/lifecycle/lifecycle_rules.h"

#include <gtest/gtest.h>

#include "s3/errors.h"

namespace matinee::s3 {
namespace {

LifecycleRule expiring() {
  LifecycleRule rule{.status = "Enabled"};
  rule.filter.emplace();
  rule.expiration.emplace().days = 1;
  return rule;
}

/// The message of the error, after its code; empty for what is fine.
std::string fault_of(const std::vector<LifecycleRule>& rules) {
  try {
    check_configuration(BucketLifecycleConfiguration{.rules = rules});
    return "";
  } catch (const protocol::ServiceError& error) {
    return error.code() + ": " + error.message();
  }
}

template <class Change>
std::string fault_with(Change change) {
  LifecycleRule rule = expiring();
  change(rule);
  return fault_of({rule});
}

constexpr std::string_view malformed =
    "MalformedXML: The XML you provided was not well-formed or did not validate against our "
    "published schema";

TEST(LifecycleRulesOfAws, accept_a_rule_with_one_action) {
  EXPECT_EQ(fault_of({expiring()}), "");
}

TEST(LifecycleRulesOfAws, demand_an_action_and_either_a_filter_or_a_prefix) {
  EXPECT_EQ(fault_with([](auto& r) { r.expiration.reset(); }),
            "InvalidRequest: At least one action needs to be specified in a rule");
  EXPECT_EQ(fault_with([](auto& r) { r.filter.reset(); }), malformed);
  EXPECT_EQ(fault_with([](auto& r) { r.prefix = ""; }), malformed);
  EXPECT_EQ(fault_of({}), malformed);
}

TEST(LifecycleRulesOfAws, demand_an_and_around_several_conditions_and_only_then) {
  EXPECT_EQ(fault_with([](auto& r) {
              r.filter->prefix = "a";
              r.filter->object_size_less_than = 5;
            }),
            malformed);
  EXPECT_EQ(fault_with([](auto& r) { r.filter->and_.emplace().prefix = "a"; }), malformed);
  EXPECT_EQ(fault_with([](auto& r) {
              r.filter->and_ = LifecycleRuleAndOperator{.prefix = "a", .object_size_less_than = 5};
            }),
            "");
}

TEST(LifecycleRulesOfAws, demand_whole_positive_days_and_midnights) {
  EXPECT_EQ(fault_with([](auto& r) { r.expiration->days = 0; }),
            "InvalidArgument: 'Days' for Expiration action must be a positive integer");
  EXPECT_EQ(fault_with([](auto& r) {
              r.expiration->days.reset();
              r.expiration->date = protocol::Timestamp(std::chrono::hours(1));
            }),
            "InvalidArgument: 'Date' must be at midnight GMT");
  EXPECT_EQ(fault_with([](auto& r) { r.expiration->expired_object_delete_marker = true; }),
            malformed);
}

TEST(LifecycleRulesOfAws, demand_ids_of_their_own) {
  LifecycleRule one = expiring();
  one.id = "id";
  EXPECT_EQ(fault_of({one, one}),
            "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule");
  EXPECT_EQ(fault_with([](auto& r) { r.id = std::string(256, 'x'); }),
            "InvalidArgument: ID length should not exceed allowed limit of 255");
}

TEST(LifecycleRulesOfAws, demand_that_objects_move_before_they_expire) {
  EXPECT_EQ(fault_with([](auto& r) {
              r.filter->prefix = "log/";
              r.transitions = {Transition{.days = 30, .storage_class = "STANDARD_IA"}};
              r.expiration->days = 30;
            }),
            "InvalidArgument: 'Days' in the Expiration action for filter '(prefix=log/)' must be "
            "greater than 'Days' in the Transition action");
  EXPECT_EQ(fault_with([](auto& r) {
              r.transitions = {Transition{.days = 29, .storage_class = "STANDARD_IA"}};
            }),
            "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for "
            "storageClass 'STANDARD_IA'");
}

TEST(LifecycleRulesOfAws, know_that_uploads_have_neither_tags_nor_sizes) {
  EXPECT_EQ(fault_with([](auto& r) {
              r.filter->tag = Tag{.key = "a", .value = "b"};
              r.abort_incomplete_multipart_upload = {.days_after_initiation = 1};
            }),
            "InvalidRequest: AbortIncompleteMultipartUpload cannot be specified with Tags.");
}

}  // namespace
}  // namespace matinee::s3

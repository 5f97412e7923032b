// Account policies that say how long groups keep their events.
#include "services/logs/retention.h"

#include "services/logs/service_fixture.h"

namespace matinee::logs {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

class RetentionTest : public LogsTest {
 protected:
  PutAccountPolicyRequest policy(const std::string& name, const std::string& days,
                                 std::optional<std::string> selection = std::nullopt,
                                 const std::string& mode = "RETROACTIVE") {
    return {.policy_name = name,
            .policy_document =
                R"({"retentionInDays":)" + days + R"(,"enforcementMode":")" + mode + "\"}",
            .policy_type = std::string(retention_type),
            .selection_criteria = std::move(selection)};
  }
  void put_policy(const PutAccountPolicyRequest& request) {
    call(&Service::put_account_policy, request);
  }
  /// "DAYS by POLICY" as DescribeLogGroups tells it.
  std::string retention_of(const std::string& group) {
    const auto shown = call(&Service::describe_log_groups,
                            DescribeLogGroupsRequest{.log_group_name_prefix = group})
                           .log_groups->front();
    return (shown.retention_in_days ? std::to_string(*shown.retention_in_days) : "ever") + " by " +
           shown.retention_policy_name.value_or("itself");
  }
  void set(const std::string& group, std::int32_t days) {
    call(&Service::put_retention_policy,
         PutRetentionPolicyRequest{.log_group_name = group, .retention_in_days = days});
  }
  /// Whether an event of that age is told to be expired.
  bool is_expired(std::int64_t days) {
    const auto answer = put("g", "s", {{.timestamp = now() - days * 86'400'000, .message = "m"}});
    return answer.rejected_log_events_info &&
           answer.rejected_log_events_info->expired_log_event_end_index;
  }
};

TEST_F(RetentionTest, a_policy_takes_effect_after_a_day_and_overrides_groups) {
  create_group("g");
  create_group("h");
  set("g", 1);
  put_policy(policy("p", "30"));
  EXPECT_EQ(retention_of("g"), "1 by itself");
  advance(hours(24));
  EXPECT_EQ(retention_of("g"), "30 by p");
  set("g", 3653);
  EXPECT_EQ(retention_of("g"), "30 by p");
  kill_and_restart();
  EXPECT_EQ(retention_of("h"), "30 by p");
  put_policy(policy("p", "60"));
  EXPECT_EQ(retention_of("g"), "30 by p") << "until the new one takes effect";
  put_policy(policy("p", "90"));
  EXPECT_EQ(retention_of("g"), "30 by p");
  advance(hours(24));
  EXPECT_EQ(retention_of("g"), "90 by p");
  call(&Service::delete_account_policy,
       DeleteAccountPolicyRequest{.policy_name = "p", .policy_type = std::string(retention_type)});
  EXPECT_EQ(retention_of("g"), "3653 by itself");
  EXPECT_EQ(retention_of("h"), "ever by itself");
}

TEST_F(RetentionTest, the_longest_of_several_counts_and_of_those_the_oldest) {
  create_group("/a/b");
  create_group("/a/c");
  create_group("/d");
  put_policy(policy("all", "30"));
  advance(hours(1));
  put_policy(policy("as", "90", R"(LogGroupNamePrefix IN ["/a/", "/x"])"));
  advance(hours(1));
  put_policy(policy("bs", "\"NEVER_EXPIRE\"", R"(LogGroupNamePrefix IN ["/a/b"])"));
  put_policy(policy("a-second", "90", R"(LogGroupNamePrefix IN ["/a/"])"));
  advance(hours(24));
  EXPECT_EQ(retention_of("/a/b"), "ever by bs");
  EXPECT_EQ(retention_of("/a/c"), "90 by as");
  EXPECT_EQ(retention_of("/d"), "30 by all");
}

TEST_F(RetentionTest, only_new_groups_are_meant_where_a_policy_says_so) {
  create_group("old");
  advance(hours(1));
  put_policy(policy("p", "30", std::nullopt, "NEW_ONLY"));
  advance(hours(24));
  create_group("young");
  call(&Service::create_log_group,
       CreateLogGroupRequest{.log_group_name = "sent", .log_group_class = "DELIVERY"});
  EXPECT_EQ(retention_of("old"), "ever by itself");
  EXPECT_EQ(retention_of("young"), "30 by p");
  EXPECT_EQ(retention_of("sent"), "1 by itself");
}

TEST_F(RetentionTest, events_expire_by_what_counts) {
  fill({"first"});
  set("g", 1);
  EXPECT_TRUE(is_expired(2));
  put_policy(policy("p", "30"));
  advance(hours(23));
  put("g", "s", {{.timestamp = now(), .message = "second"}});
  advance(hours(20 * 24));
  EXPECT_FALSE(is_expired(2));
  const GetLogEventsRequest all{.start_from_head = true};
  EXPECT_THAT(texts(get(all)), ElementsAre("first", "second", "m"));
  kill_and_restart();
  advance(hours(9 * 24 + 10));
  EXPECT_THAT(texts(get(all)), ElementsAre("second", "m"));
  Catalog catalog(*store);
  std::size_t blocks = 0;
  catalog.blocks.scan(catalog.blocks.all(), [&](const auto&, const auto&) { return ++blocks; });
  EXPECT_EQ(blocks, 2u) << "what nobody sees is removed";
}

TEST_F(RetentionTest, a_dry_run_changes_nothing_and_counts) {
  for (const char* name : {"a", "b", "c", "d"}) create_group(name);
  set("a", 1);
  set("b", 90);
  set("c", 30);
  fill({"text"});
  PutAccountPolicyRequest request = policy("p", "30");
  request.dry_run = true;
  const auto answer = call(&Service::put_account_policy, request);
  EXPECT_FALSE(answer.account_policy.has_value());
  const DryRunResult& result = *answer.dry_run_result;
  EXPECT_EQ(result.total_matched_log_groups, 5);
  EXPECT_EQ(result.increased_retention_log_group_count, 1);
  EXPECT_EQ(result.decreased_retention_log_group_count, 3);
  EXPECT_EQ(result.unchanged_retention_log_group_count, 1);
  EXPECT_EQ(result.failed_analysis_count, 0);
  const LogGroupImpact& first = result.top_log_groups_impacted->front();
  EXPECT_EQ(first.log_group_name, "g");
  EXPECT_EQ(first.current_retention, "NEVER_EXPIRE");
  EXPECT_EQ(first.proposed_retention, "30");
  EXPECT_THAT(*call(&Service::describe_account_policies,
                    DescribeAccountPoliciesRequest{.policy_type = std::string(retention_type)})
                   .account_policies,
              IsEmpty());
  put_policy(policy("p", "30"));
  advance(hours(24));
  const auto without =
      call(&Service::delete_account_policy,
           DeleteAccountPolicyRequest{
               .policy_name = "p", .policy_type = std::string(retention_type), .dry_run = true});
  EXPECT_EQ(without.dry_run_result->increased_retention_log_group_count, 3);
  EXPECT_EQ(without.dry_run_result->decreased_retention_log_group_count, 1);
  EXPECT_EQ(retention_of("d"), "30 by p");
}

TEST_F(RetentionTest, wrong_policies_are_refused) {
  const auto error = [&](const PutAccountPolicyRequest& request) {
    return error_of([&] { put_policy(request); });
  };
  EXPECT_EQ(error(policy("p", "7")),
            "InvalidParameterException: Invalid retention policy document.");
  EXPECT_EQ(error(policy("p", "30", "LogGroupName NOT IN [\"a\"]")),
            "InvalidParameterException: The specified selection criteria is invalid.");
  EXPECT_EQ(error(policy("p", "30", "LogGroupNamePrefix IN []")),
            "InvalidParameterException: The specified selection criteria is invalid.");
  for (int i = 0; i < 20; ++i) put_policy(policy("p" + std::to_string(i), "30"));
  EXPECT_EQ(error(policy("q", "30")), "LimitExceededException: Resource limit exceeded.");
  EXPECT_EQ(error(policy("p1", "30")), "no error");
}

}  // namespace matinee::logs

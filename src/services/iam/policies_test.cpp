// Policies: their versions, where they are attached, what they say to those who decide.
#include "services/iam/managed_policies.h"
#include "services/iam/service_fixture.h"

namespace matinee::iam {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(IamTest, a_policy_has_five_versions_and_their_numbers_are_not_used_again) {
  const std::string arn = create_policy("reader");
  const CreatePolicyVersionRequest another{.policy_arn = arn, .policy_document = deny_all};
  for (int i = 0; i < 4; ++i) call(&Service::create_policy_version, another);
  EXPECT_EQ(error_of(&Service::create_policy_version, another),
            "409 LimitExceeded: A managed policy can have up to 5 versions. Before you create a "
            "new version, you must delete an existing version.");
  call(&Service::delete_policy_version, {.policy_arn = arn, .version_id = "v5"});
  const auto version = call(&Service::create_policy_version, another).policy_version;
  EXPECT_EQ(version->version_id, "v6");
  EXPECT_EQ(version->is_default_version, false);
  EXPECT_EQ(error_of(&Service::delete_policy_version, {.policy_arn = arn, .version_id = "v1"}),
            "409 DeleteConflict: Cannot delete the default version of a policy.");
  EXPECT_THAT(error_of(&Service::delete_policy, {.policy_arn = arn}),
              StartsWith("409 DeleteConflict: This policy has more than one version."));
}

TEST_F(IamTest, documents_come_back_as_given_and_encoded) {
  const std::string text =
      "{\n \"Version\":\"2012-10-17\", \"Statement\": {\"Resource\":\"arn:aws:s3:::a%3Ab\","
      "\"Effect\":\"Allow\",\"Action\":\"s3:*\"}}";
  call(&Service::create_policy, {.policy_name = "odd", .policy_document = text});
  const auto version =
      call(&Service::get_policy_version,
           {.policy_arn = "arn:aws:iam::111111111111:policy/odd", .version_id = "v1"});
  EXPECT_THAT(*version.policy_version->document,
              StartsWith("%7B%0A%20%22Version%22%3A%222012-10-17%22%2C%20%22St"));
  EXPECT_THAT(*version.policy_version->document, HasSubstr("a%253Ab"));
}

TEST_F(IamTest, policies_have_sizes_without_white_space) {
  std::string text = allow_s3;
  text.insert(1, std::string(10'000, ' '));
  EXPECT_EQ(error_of(&Service::create_policy, {.policy_name = "wide", .policy_document = text}),
            "no error");
  text.replace(text.rfind('*'), 1, "arn:aws:s3:::" + std::string(6'144, 'x'));
  EXPECT_EQ(error_of(&Service::create_policy, {.policy_name = "long", .policy_document = text}),
            "409 LimitExceeded: Cannot exceed quota for PolicySize: 6144");
  create_user("ann");
  std::string half = allow_s3;
  half.replace(half.rfind('*'), 1, "arn:aws:s3:::" + std::string(1'000, 'x'));
  call(&Service::put_user_policy,
       {.user_name = "ann", .policy_name = "a", .policy_document = half});
  EXPECT_EQ(error_of(&Service::put_user_policy,
                     {.user_name = "ann", .policy_name = "b", .policy_document = half}),
            "409 LimitExceeded: Maximum policy size of 2048 bytes exceeded for user ann");
  EXPECT_EQ(error_of(&Service::put_user_policy,
                     {.user_name = "ann", .policy_name = "a", .policy_document = half}),
            "no error");
}

TEST_F(IamTest, what_is_attached_is_counted_and_cannot_be_deleted) {
  const std::string arn = create_policy("reader");
  create_role("worker");
  create_user("ann");
  call(&Service::attach_role_policy, {.role_name = "worker", .policy_arn = arn});
  call(&Service::attach_role_policy, {.role_name = "worker", .policy_arn = arn});
  call(&Service::put_user_permissions_boundary, {.user_name = "ann", .permissions_boundary = arn});
  const Policy policy = *call(&Service::get_policy, {.policy_arn = arn}).policy;
  EXPECT_EQ(policy.attachment_count, 1);
  EXPECT_EQ(policy.permissions_boundary_usage_count, 1);
  EXPECT_TRUE(policy.tags.has_value());
  EXPECT_EQ(get_user("ann").permissions_boundary->permissions_boundary_type, "Policy");
  const auto entities = call(&Service::list_entities_for_policy, {.policy_arn = arn});
  EXPECT_EQ(entities.policy_roles->size(), 1);
  EXPECT_EQ(entities.policy_users->size(), 1);
  call(&Service::detach_role_policy, {.role_name = "worker", .policy_arn = arn});
  EXPECT_EQ(error_of(&Service::delete_policy, {.policy_arn = arn}),
            "409 DeleteConflict: Cannot delete a policy attached to entities.");
  call(&Service::delete_user_permissions_boundary, {.user_name = "ann"});
  EXPECT_EQ(error_of(&Service::delete_policy, {.policy_arn = arn}), "no error");
  EXPECT_EQ(error_of(&Service::get_policy, {.policy_arn = arn}),
            "404 NoSuchEntity: Policy " + arn + " was not found.");
}

TEST_F(IamTest, ten_policies_are_attached_at_most) {
  create_role("worker");
  std::vector<std::string> arns;
  for (int i = 0; i <= 10; ++i) arns.push_back(create_policy("p" + std::to_string(i)));
  for (int i = 0; i < 10; ++i)
    call(&Service::attach_role_policy, {.role_name = "worker", .policy_arn = arns[i]});
  EXPECT_EQ(error_of(&Service::attach_role_policy, {.role_name = "worker", .policy_arn = arns[10]}),
            "409 LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10");
}

TEST_F(IamTest, policies_of_aws_are_there_and_cannot_be_changed) {
  const std::string arn = "arn:aws:iam::aws:policy/AdministratorAccess";
  const Policy policy = *call(&Service::get_policy, {.policy_arn = arn}).policy;
  EXPECT_EQ(policy.policy_name, "AdministratorAccess");
  EXPECT_EQ(policy.default_version_id, "v1");
  const auto version = call(&Service::get_policy_version, {.policy_arn = arn, .version_id = "v1"});
  EXPECT_THAT(*version.policy_version->document, HasSubstr("%22Action%22%3A%22%2A%22"));
  EXPECT_THAT(error_of(&Service::delete_policy, {.policy_arn = arn}),
              StartsWith("403 AccessDenied: User: arn:aws:iam::111111111111:root is not "
                         "authorized to perform: iam:DeletePolicy"));
  create_role("worker");
  EXPECT_EQ(error_of(&Service::attach_role_policy,
                     {.role_name = "worker",
                      .policy_arn = "arn:aws:iam::aws:policy/aws-service-role/"
                                    "AmazonECSServiceRolePolicy"}),
            "400 PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.");
  EXPECT_EQ(error_of(&Service::attach_role_policy,
                     {.role_name = "worker", .policy_arn = "arn:aws:iam::aws:policy/Nothing"}),
            "404 NoSuchEntity: Policy arn:aws:iam::aws:policy/Nothing does not exist or is not "
            "attachable.");
}

TEST_F(IamTest, every_policy_of_aws_is_found_by_its_arn_and_by_its_name) {
  ASSERT_GT(managed_policy_count(), 1'000);
  std::string last;
  for (std::size_t place = 0; place < managed_policy_count(); ++place) {
    const ManagedPolicy policy = managed_policy_at(place);
    ASSERT_LT(last, policy.arn);
    last = policy.arn;
    const auto found = find_managed_policy(policy.arn);
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->id, policy.id);
    ASSERT_EQ(find_managed_policy_arn(policy.name), policy.arn);
    if (place % 100 != 0) continue;
    const auto version = find_managed_policy_version(policy.arn, policy.default_version);
    ASSERT_TRUE(version.has_value());
    EXPECT_TRUE(policy::parse(version->text, policy::Kind::managed).has_value()) << policy.arn;
  }
}

TEST_F(IamTest, no_policy_of_aws_has_a_name_that_only_ends_like_one) {
  EXPECT_EQ(find_managed_policy_arn("AWSLambdaBasicExecutionRole"),
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
  EXPECT_EQ(find_managed_policy_arn("BasicExecutionRole"), std::nullopt);
  EXPECT_EQ(find_managed_policy_arn("service-role/AWSLambdaBasicExecutionRole"), std::nullopt);
  EXPECT_EQ(find_managed_policy_arn(""), std::nullopt);
}

TEST_F(IamTest, all_policies_are_listed_page_by_page) {
  create_policy("mine");
  std::size_t listed = 0;
  ListPoliciesRequest request{.max_items = 500};
  for (;;) {
    const auto page = call(&Service::list_policies, request);
    listed += page.policies->size();
    if (page.is_truncated != true) break;
    request.marker = page.marker;
  }
  EXPECT_EQ(listed, managed_policy_count() + 1);
  EXPECT_EQ(call(&Service::list_policies, {.scope = "Local"}).policies->size(), 1);
  EXPECT_TRUE(call(&Service::list_policies, {.only_attached = true}).policies->empty());
}

TEST_F(IamTest, decisions_see_what_speaks_for_a_user) {
  create_user("ann");
  create_group("makers");
  call(&Service::add_user_to_group, {.group_name = "makers", .user_name = "ann"});
  const auto before = user_identity("ann");
  EXPECT_TRUE(before->policies.empty());
  EXPECT_EQ(user_identity("ANN"), before);

  call(&Service::put_group_policy,
       {.group_name = "makers", .policy_name = "shared", .policy_document = allow_s3});
  const std::string arn = create_policy("reader");
  call(&Service::attach_user_policy, {.user_name = "ann", .policy_arn = arn});
  const auto after = user_identity("ann");
  ASSERT_EQ(after->policies.size(), 2);
  EXPECT_EQ(after->policies[0].source, identity::SourceType::user_managed);
  EXPECT_EQ(after->policies[0].arn, arn);
  EXPECT_EQ(after->policies[1].holder, "makers");
  ASSERT_NE(after->policies[1].document, nullptr);

  call(&Service::create_policy_version,
       {.policy_arn = arn, .policy_document = deny_all, .set_as_default = true});
  EXPECT_EQ(user_identity("ann")->policies[0].text, deny_all);
  EXPECT_EQ(service->directory().find_policy(arn)->text, deny_all);
  EXPECT_EQ(service->directory().find_user("222222222222", "ann"), nullptr);
}

TEST_F(IamTest, a_change_that_is_taken_back_was_never_seen) {
  create_user("ann");
  {
    storage::Transaction transaction(*store);
    service->put_user_policy(
        context, {.user_name = "ann", .policy_name = "own", .policy_document = allow_s3});
    EXPECT_EQ(user_identity("ann")->policies.size(), 1);
  }
  EXPECT_TRUE(user_identity("ann")->policies.empty());
}

TEST_F(IamTest, keys_of_users_are_known_until_they_are_deleted) {
  create_user("ann");
  const AccessKey key = call(&Service::create_access_key, {.user_name = "ann"}).access_key;
  EXPECT_EQ(key.access_key_id.size(), 20);
  EXPECT_EQ(key.secret_access_key.size(), 40);
  const auto keys = service->access_keys();
  EXPECT_EQ(keys->find(key.access_key_id)->secret, key.secret_access_key);
  call(&Service::update_access_key,
       {.user_name = "ann", .access_key_id = key.access_key_id, .status = "Inactive"});
  EXPECT_FALSE(keys->find(key.access_key_id)->active);
  kill_and_restart();
  EXPECT_FALSE(service->access_keys()->find(key.access_key_id)->active);
  call(&Service::create_access_key, {.user_name = "ann"});
  EXPECT_EQ(error_of(&Service::create_access_key, {.user_name = "ann"}),
            "409 LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
  call(&Service::delete_access_key, {.user_name = "ann", .access_key_id = key.access_key_id});
  EXPECT_FALSE(service->access_keys()->find(key.access_key_id).has_value());
}

TEST_F(IamTest, tags_have_keys_without_case) {
  create_role("worker");
  call(&Service::tag_role, {.role_name = "worker", .tags = {{.key = "Team", .value = "film"}}});
  call(&Service::tag_role, {.role_name = "worker", .tags = {{.key = "team", .value = "cast"}}});
  const auto tags = call(&Service::list_role_tags, {.role_name = "worker"}).tags;
  ASSERT_EQ(tags.size(), 1);
  EXPECT_EQ(tags[0].value, "cast");
  EXPECT_EQ(error_of(&Service::tag_role,
                     {.role_name = "worker",
                      .tags = {{.key = "a", .value = "1"}, {.key = "A", .value = "2"}}}),
            "400 InvalidInput: Duplicate tag keys found. Please note that Tag keys are case "
            "insensitive.");
  call(&Service::untag_role, {.role_name = "worker", .tag_keys = {"TEAM", "nothing"}});
  EXPECT_TRUE(call(&Service::list_role_tags, {.role_name = "worker"}).tags.empty());
}

TEST_F(IamTest, a_reset_takes_one_account) {
  create_user("ann");
  const AccessKey key = call(&Service::create_access_key, {.user_name = "ann"}).access_key;
  call(&Service::create_account_alias, {.account_alias = "studio"});
  context.account = "222222222222";
  create_user("bob");
  EXPECT_EQ(error_of(&Service::create_account_alias, {.account_alias = "studio"}),
            "409 EntityAlreadyExists: The account alias studio already exists.");
  {
    storage::Transaction transaction(*store);
    service->reset({.account = "111111111111"});
    transaction.commit();
  }
  EXPECT_EQ(get_user("bob").user_name, "bob");
  EXPECT_EQ(error_of(&Service::create_account_alias, {.account_alias = "studio"}), "no error");
  EXPECT_FALSE(service->access_keys()->find(key.access_key_id).has_value());
  context.account = "111111111111";
  EXPECT_TRUE(call(&Service::list_users, {}).users.empty());
  EXPECT_EQ((*call(&Service::get_account_summary, {}).summary_map)["Users"], 0);
}

TEST_F(IamTest, the_details_of_an_account_go_page_by_page) {
  create_user("ann");
  create_group("makers");
  create_role("worker");
  create_policy("reader");
  call(&Service::attach_user_policy,
       {.user_name = "ann", .policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"});
  GetAccountAuthorizationDetailsRequest request{.max_items = 2};
  const auto first = call(&Service::get_account_authorization_details, request);
  EXPECT_EQ(first.user_detail_list->size(), 1);
  EXPECT_EQ(first.group_detail_list->size(), 1);
  ASSERT_EQ(first.is_truncated, true);
  request.marker = first.marker;
  const auto second = call(&Service::get_account_authorization_details, request);
  EXPECT_EQ(second.role_detail_list->size(), 1);
  EXPECT_EQ(second.policies->size(), 1);
  request.marker = second.marker;
  const auto third = call(&Service::get_account_authorization_details, request);
  EXPECT_EQ(third.policies->front().policy_name, "ReadOnlyAccess");
  EXPECT_EQ(third.is_truncated, false);
}

TEST_F(IamTest, policies_that_grant_access_to_a_service_are_told) {
  const User ann = create_user("ann");
  call(&Service::put_user_policy,
       {.user_name = "ann", .policy_name = "own", .policy_document = allow_s3});
  const auto granting = call(&Service::list_policies_granting_service_access,
                             {.arn = ann.arn, .service_namespaces = {"s3", "sqs"}})
                            .policies_granting_service_access;
  ASSERT_EQ(granting.size(), 2);
  EXPECT_EQ(granting[0].policies->front().entity_name, "ann");
  EXPECT_TRUE(granting[1].policies->empty());
}

}  // namespace matinee::iam

// Users, groups and roles: names, renames, and what stands in the way of their removal.
#include "services/iam/service_fixture.h"

namespace matinee::iam {

using testing::ElementsAre;
using testing::MatchesRegex;
using testing::StartsWith;

namespace {

std::vector<std::string> names_of(const std::vector<User>& users) {
  std::vector<std::string> names;
  for (const User& user : users) names.push_back(*user.user_name);
  return names;
}

}  // namespace

TEST_F(IamTest, a_user_has_an_id_and_an_arn_with_its_path) {
  const User user = create_user("Ann", "/team/film/");
  EXPECT_THAT(user.user_id, MatchesRegex("AIDA[A-Z0-9]{17}"));
  EXPECT_EQ(user.arn, "arn:aws:iam::111111111111:user/team/film/Ann");
  EXPECT_EQ(create_user("bob").arn, "arn:aws:iam::111111111111:user/bob");
  EXPECT_FALSE(user.tags.has_value());
  EXPECT_FALSE(get_user("ann").permissions_boundary.has_value());
}

TEST_F(IamTest, names_are_unique_without_regard_to_case) {
  create_user("Ann");
  create_role("Ann");
  EXPECT_EQ(error_of(&Service::create_user, {.user_name = "ANN"}),
            "409 EntityAlreadyExists: User with name ANN already exists.");
  EXPECT_EQ(error_of(&Service::create_role,
                     {.role_name = "ann", .assume_role_policy_document = trust_lambda}),
            "409 EntityAlreadyExists: Role with name ann already exists.");
  EXPECT_EQ(get_user("ann").user_name, "Ann");
}

TEST_F(IamTest, the_root_user_has_no_name) {
  const User root = call(&Service::get_user, {}).user;
  EXPECT_EQ(root.arn, "arn:aws:iam::111111111111:root");
  EXPECT_EQ(root.user_id, "111111111111");
  EXPECT_FALSE(root.user_name.has_value());
  context.principal = services::PrincipalKind::role_session;
  EXPECT_EQ(error_of(&Service::get_user, {}),
            "400 ValidationError: Must specify userName when calling with non-User credentials");
}

TEST_F(IamTest, a_renamed_user_keeps_everything) {
  const User before = create_user("ann");
  create_group("makers");
  const std::string policy = create_policy("reader");
  call(&Service::add_user_to_group, {.group_name = "makers", .user_name = "ann"});
  call(&Service::attach_user_policy, {.user_name = "ann", .policy_arn = policy});
  call(&Service::put_user_policy,
       {.user_name = "ann", .policy_name = "own", .policy_document = deny_all});
  const AccessKey key = call(&Service::create_access_key, {.user_name = "ann"}).access_key;
  call(&Service::update_user, {.user_name = "ann", .new_path = "/cast/", .new_user_name = "zoe"});

  EXPECT_EQ(error_of(&Service::get_user, {.user_name = "ann"}),
            "404 NoSuchEntity: The user with name ann cannot be found.");
  EXPECT_EQ(get_user("zoe").user_id, before.user_id);
  EXPECT_EQ(get_user("zoe").arn, "arn:aws:iam::111111111111:user/cast/zoe");
  EXPECT_THAT(names_of(call(&Service::get_group, {.group_name = "makers"}).users),
              ElementsAre("zoe"));
  const auto holders = call(&Service::list_entities_for_policy, {.policy_arn = policy});
  EXPECT_EQ(holders.policy_users->front().user_name, "zoe");
  EXPECT_EQ(call(&Service::list_user_policies, {.user_name = "zoe"}).policy_names,
            std::vector<std::string>{"own"});
  EXPECT_EQ(service->access_keys()->find(key.access_key_id)->user_arn,
            "arn:aws:iam::111111111111:user/cast/zoe");
}

TEST_F(IamTest, a_user_goes_when_nothing_of_it_is_left) {
  create_user("ann");
  create_group("makers");
  const std::string policy = create_policy("reader");
  call(&Service::add_user_to_group, {.group_name = "makers", .user_name = "ann"});
  call(&Service::attach_user_policy, {.user_name = "ann", .policy_arn = policy});
  call(&Service::put_user_policy,
       {.user_name = "ann", .policy_name = "own", .policy_document = deny_all});
  const AccessKey key = call(&Service::create_access_key, {.user_name = "ann"}).access_key;
  const auto refusal = [&] { return error_of(&Service::delete_user, {.user_name = "ann"}); };
  EXPECT_EQ(refusal(), "409 DeleteConflict: Cannot delete entity, must delete access keys first.");
  call(&Service::delete_access_key, {.user_name = "ann", .access_key_id = key.access_key_id});
  EXPECT_EQ(refusal(), "409 DeleteConflict: Cannot delete entity, must detach all policies first.");
  call(&Service::detach_user_policy, {.user_name = "ann", .policy_arn = policy});
  EXPECT_EQ(refusal(), "409 DeleteConflict: Cannot delete entity, must delete policies first.");
  call(&Service::delete_user_policy, {.user_name = "ann", .policy_name = "own"});
  EXPECT_EQ(refusal(),
            "409 DeleteConflict: Cannot delete entity, must remove users from group first.");
  EXPECT_EQ(error_of(&Service::delete_group, {.group_name = "makers"}),
            "409 DeleteConflict: Cannot delete entity, must remove users from group first.");
  call(&Service::remove_user_from_group, {.group_name = "makers", .user_name = "ann"});
  EXPECT_EQ(refusal(), "no error");
  EXPECT_EQ(error_of(&Service::delete_group, {.group_name = "makers"}), "no error");
}

TEST_F(IamTest, lists_go_page_by_page_in_the_order_of_names) {
  for (const char* name : {"c", "A", "b", "D"}) create_user(name, "/cast/");
  create_user("crew");
  ListUsersRequest request{.path_prefix = "/cast/", .max_items = 2};
  const auto first = call(&Service::list_users, request);
  EXPECT_THAT(names_of(first.users), ElementsAre("A", "b"));
  EXPECT_EQ(first.is_truncated, true);
  request.marker = first.marker;
  const auto second = call(&Service::list_users, request);
  EXPECT_THAT(names_of(second.users), ElementsAre("c", "D"));
  EXPECT_EQ(second.is_truncated, false);
  EXPECT_FALSE(second.marker.has_value());
  request.marker = "not a marker";
  EXPECT_THAT(error_of(&Service::list_users, request), StartsWith("400 ValidationError"));
}

TEST_F(IamTest, a_user_is_in_ten_groups_at_most) {
  create_user("ann");
  for (int i = 0; i <= 10; ++i) create_group("g" + std::to_string(i));
  for (int i = 0; i < 10; ++i)
    call(&Service::add_user_to_group, {.group_name = "g" + std::to_string(i), .user_name = "ann"});
  EXPECT_EQ(error_of(&Service::add_user_to_group, {.group_name = "g10", .user_name = "ann"}),
            "409 LimitExceeded: Cannot exceed quota for GroupsPerUser: 10");
  EXPECT_EQ(error_of(&Service::add_user_to_group, {.group_name = "g1", .user_name = "ann"}),
            "no error");
  EXPECT_EQ(call(&Service::list_groups_for_user, {.user_name = "ann"}).groups.size(), 10);
}

TEST_F(IamTest, an_answer_about_a_new_role_shows_what_was_said) {
  const Role made = create_role("worker");
  EXPECT_FALSE(made.max_session_duration.has_value());
  EXPECT_FALSE(made.role_last_used.has_value());
  EXPECT_FALSE(made.description.has_value());
  EXPECT_EQ(get_role("worker").max_session_duration, 3600);
  EXPECT_TRUE(get_role("worker").role_last_used.has_value());
  EXPECT_THAT(*made.assume_role_policy_document, StartsWith("%7B%22Version%22%3A%222012-10-17%22"));
}

TEST_F(IamTest, a_trust_policy_names_principals_that_exist) {
  const std::string stranger = R"({"AWS":"arn:aws:iam::111111111111:user/ann"})";
  const CreateRoleRequest request{.role_name = "worker",
                                  .assume_role_policy_document = trust(stranger)};
  EXPECT_EQ(error_of(&Service::create_role, request),
            "400 MalformedPolicyDocument: Invalid principal in policy: "
            "\"AWS\":\"arn:aws:iam::111111111111:user/ann\"");
  create_user("ann");
  EXPECT_EQ(error_of(&Service::create_role, request), "no error");
}

TEST_F(IamTest, a_principal_that_is_gone_is_an_id_for_ever) {
  const User ann = create_user("ann");
  call(&Service::create_role,
       {.role_name = "worker",
        .assume_role_policy_document = trust(R"({"AWS":")" + ann.arn + "\"}")});
  EXPECT_THAT(role_identity("worker")->trust, testing::HasSubstr(ann.arn));
  call(&Service::update_user, {.user_name = "ann", .new_user_name = "zoe"});
  EXPECT_THAT(role_identity("worker")->trust, testing::HasSubstr(":user/zoe\""));
  call(&Service::delete_user, {.user_name = "zoe"});
  create_user("zoe");
  EXPECT_THAT(role_identity("worker")->trust,
              testing::HasSubstr(R"({"AWS":")" + ann.user_id + R"("})"));
}

TEST_F(IamTest, a_role_in_an_instance_profile_stays) {
  create_role("worker");
  create_role("other");
  call(&Service::create_instance_profile, {.instance_profile_name = "machine"});
  call(&Service::add_role_to_instance_profile,
       {.instance_profile_name = "machine", .role_name = "worker"});
  EXPECT_EQ(error_of(&Service::add_role_to_instance_profile,
                     {.instance_profile_name = "machine", .role_name = "other"}),
            "409 LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  const std::string refusal =
      "409 DeleteConflict: Cannot delete entity, must remove roles from instance profile first.";
  EXPECT_EQ(error_of(&Service::delete_role, {.role_name = "worker"}), refusal);
  EXPECT_EQ(error_of(&Service::delete_instance_profile, {.instance_profile_name = "machine"}),
            refusal);
  const auto found = call(&Service::list_instance_profiles_for_role, {.role_name = "worker"});
  ASSERT_EQ(found.instance_profiles.size(), 1);
  EXPECT_EQ(found.instance_profiles[0].roles[0].role_name, "worker");
  call(&Service::remove_role_from_instance_profile,
       {.instance_profile_name = "machine", .role_name = "worker"});
  EXPECT_EQ(error_of(&Service::delete_role, {.role_name = "worker"}), "no error");
}

TEST_F(IamTest, a_service_linked_role_is_its_services_own) {
  const Role role =
      *call(&Service::create_service_linked_role, {.aws_service_name = "ecs.amazonaws.com"}).role;
  EXPECT_EQ(
      role.arn,
      "arn:aws:iam::111111111111:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS");
  EXPECT_EQ(
      error_of(&Service::create_service_linked_role, {.aws_service_name = "ecs.amazonaws.com"}),
      "400 InvalidInput: Service role name AWSServiceRoleForECS has been taken in this "
      "account, please try a different suffix.");
  EXPECT_EQ(error_of(&Service::delete_role, {.role_name = "AWSServiceRoleForECS"}),
            "400 UnmodifiableEntity: Cannot perform the operation on the protected role "
            "'AWSServiceRoleForECS' - this role is only modifiable by AWS");
  EXPECT_EQ(error_of(&Service::update_role,
                     {.role_name = "AWSServiceRoleForECS", .description = "what for"}),
            "no error");
  EXPECT_EQ(error_of(&Service::tag_role, {.role_name = "AWSServiceRoleForECS",
                                          .tags = {{.key = "team", .value = "film"}}}),
            "no error");
  const auto attached =
      call(&Service::list_attached_role_policies, {.role_name = "AWSServiceRoleForECS"});
  EXPECT_EQ(attached.attached_policies->front().policy_name, "AmazonECSServiceRolePolicy");
  const std::string task =
      call(&Service::delete_service_linked_role, {.role_name = "AWSServiceRoleForECS"})
          .deletion_task_id;
  EXPECT_THAT(task, StartsWith("task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/"));
  EXPECT_EQ(
      call(&Service::get_service_linked_role_deletion_status, {.deletion_task_id = task}).status,
      "SUCCEEDED");
  EXPECT_THAT(error_of(&Service::get_role, {.role_name = "AWSServiceRoleForECS"}),
              StartsWith("404 NoSuchEntity"));
}

}  // namespace matinee::iam

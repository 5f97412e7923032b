// What decisions about IAM's own resources are told of them.
#include "iam/operations.h"
#include "services/iam/managed_policies.h"
#include "services/iam/service_fixture.h"

namespace matinee::iam {
namespace {

using testing::ElementsAre;

class IamAuthorization : public IamTest {
 protected:
  using Values = std::optional<std::vector<std::string>>;

  template <class Request>
  std::vector<std::string> resources(const protocol::Operation& operation, const Request& request) {
    std::vector<services::Need> needs;
    service->add_needs(context, operation, &request, needs);
    std::vector<std::string> found;
    for (const services::Need& need : needs) {
      EXPECT_EQ(need.action, "iam:" + std::string(operation.name));
      found.push_back(need.resource);
    }
    return found;
  }
  /// With the operation that is asked for as its action.
  template <class Request>
  Values find_key(const protocol::Operation& operation, const Request& request,
                  const std::string& resource, const std::string& key) {
    const std::string action = "iam:" + std::string(operation.name);
    return service->find_key({context, operation, &request, action, resource}, key);
  }
  std::string tag_of(const std::string& resource) {
    const GetUserRequest request;
    const Values found = find_key(operations::GetUser, request, resource, "aws:resourcetag/TEAM");
    return found ? found->front() : "none";
  }
};

TEST_F(IamAuthorization, a_new_name_needs_permission_on_both_names) {
  create_user("bob", "/staff/");
  const std::string staff = "arn:aws:iam::111111111111:user/staff/";
  // The path of a user is put in by who decides.
  EXPECT_THAT(resources(operations::UpdateUser,
                        UpdateUserRequest{.user_name = "bob", .new_user_name = "robert"}),
              ElementsAre("arn:aws:iam::111111111111:user/bob", staff + "robert"));
  EXPECT_THAT(resources(operations::UpdateUser,
                        UpdateUserRequest{.user_name = "bob", .new_path = "/chiefs/"}),
              ElementsAre("arn:aws:iam::111111111111:user/bob",
                          "arn:aws:iam::111111111111:user/chiefs/bob"));
  EXPECT_THAT(resources(operations::UpdateUser, UpdateUserRequest{.user_name = "bob"}),
              ElementsAre("arn:aws:iam::111111111111:user/bob"));
}

TEST_F(IamAuthorization, names_of_groups_stand_for_their_paths) {
  call(&Service::create_group, {.path = "/staff/", .group_name = "clerks"});
  const std::string staff = "arn:aws:iam::111111111111:group/staff/";
  EXPECT_THAT(resources(operations::UpdateGroup,
                        UpdateGroupRequest{.group_name = "clerks", .new_group_name = "scribes"}),
              ElementsAre(staff + "clerks", staff + "scribes"));
  EXPECT_THAT(
      resources(operations::ListGroupPolicies, ListGroupPoliciesRequest{.group_name = "clerks"}),
      ElementsAre(staff + "clerks"));
  EXPECT_THAT(resources(operations::CreateGroup, CreateGroupRequest{.group_name = "clerks"}),
              ElementsAre("arn:aws:iam::111111111111:group/clerks"))
      << "at the path that is asked for";
  EXPECT_THAT(resources(operations::CreateGroup,
                        CreateGroupRequest{.path = "/a/b/", .group_name = "clerks"}),
              ElementsAre("arn:aws:iam::111111111111:group/a/b/clerks"));
}

TEST_F(IamAuthorization, whatever_has_tags_is_known_by_them) {
  const std::vector<Tag> tags = {{.key = "Team", .value = "films"}};
  call(&Service::create_user, {.path = "/staff/", .user_name = "bob", .tags = tags});
  call(&Service::create_role,
       {.role_name = "clerk", .assume_role_policy_document = trust_lambda, .tags = tags});
  const auto policy = call(&Service::create_policy,
                           {.policy_name = "all", .policy_document = allow_s3, .tags = tags});
  call(&Service::create_instance_profile, {.instance_profile_name = "box", .tags = tags});
  const auto device =
      call(&Service::create_virtual_mfa_device, {.virtual_mfa_device_name = "phone", .tags = tags});
  const auto provider = call(&Service::create_open_id_connect_provider,
                             {.url = "https://id.example.com/tenant", .tags = tags});
  EXPECT_EQ(tag_of("arn:aws:iam::111111111111:user/staff/bob"), "films");
  EXPECT_EQ(tag_of("arn:aws:iam::111111111111:role/clerk"), "films");
  EXPECT_EQ(tag_of(*policy.policy->arn), "films");
  EXPECT_EQ(tag_of("arn:aws:iam::111111111111:instance-profile/box"), "films");
  EXPECT_EQ(tag_of(device.virtual_mfa_device.serial_number), "films");
  EXPECT_EQ(tag_of(*provider.open_id_connect_provider_arn), "films");
  create_group("clerks");
  EXPECT_EQ(tag_of("arn:aws:iam::111111111111:group/clerks"), "none") << "groups have no tags";
  EXPECT_EQ(tag_of("arn:aws:iam::111111111111:user/nobody"), "none");
  EXPECT_EQ(tag_of("*"), "none");
}

TEST_F(IamAuthorization, a_boundary_is_that_of_the_request_or_that_of_the_user) {
  const std::string boundary = create_policy("boundary");
  call(&Service::create_user, {.user_name = "bob", .permissions_boundary = boundary});
  const std::string bob = "arn:aws:iam::111111111111:user/bob";
  const AttachUserPolicyRequest attach{.user_name = "bob", .policy_arn = boundary};
  EXPECT_THAT(find_key(operations::AttachUserPolicy, attach, bob, "iam:permissionsboundary"),
              testing::Optional(ElementsAre(boundary)));
  const CreateUserRequest create{.user_name = "bob"};
  EXPECT_EQ(find_key(operations::CreateUser, create, bob, "iam:permissionsboundary"), std::nullopt);
  const PutUserPermissionsBoundaryRequest put{.user_name = "bob", .permissions_boundary = "other"};
  EXPECT_EQ(find_key(operations::PutUserPermissionsBoundary, put, bob, "iam:permissionsboundary"),
            std::nullopt)
      << "the request's own is asked for next";
}

TEST_F(IamAuthorization, credentials_of_services_say_of_which) {
  create_user("bob");
  const auto made = call(&Service::create_service_specific_credential,
                         {.user_name = "bob", .service_name = "codecommit.amazonaws.com"});
  const DeleteServiceSpecificCredentialRequest request{
      .user_name = "bob",
      .service_specific_credential_id =
          made.service_specific_credential->service_specific_credential_id};
  EXPECT_THAT(
      find_key(operations::DeleteServiceSpecificCredential, request,
               "arn:aws:iam::111111111111:user/bob", "iam:servicespecificcredentialservicename"),
      testing::Optional(ElementsAre("codecommit.amazonaws.com")));
}

TEST_F(IamAuthorization, every_managed_policy_of_aws_is_understood) {
  const policy::Keys keys = [](std::string_view key) -> std::optional<std::vector<std::string>> {
    if (key == "aws:requestedregion") return std::vector<std::string>{"us-east-1"};
    return std::nullopt;
  };
  const policy::Caller caller{.account = "111111111111",
                              .arn = "arn:aws:iam::111111111111:user/bob"};
  std::size_t allowing = 0;
  for (std::size_t place = 0; place < managed_policy_count(); ++place) {
    const ManagedPolicy managed = managed_policy_at(place);
    const auto version = find_managed_policy_version(managed.arn, managed.default_version);
    ASSERT_TRUE(version) << managed.arn;
    const auto document = policy::parse(version->text, policy::Kind::identity);
    ASSERT_TRUE(document) << managed.arn << " " << document.error().message;
    EXPECT_FALSE(document->statements.empty()) << managed.arn;
    for (const auto& [action, resource] :
         {std::pair("s3:GetObject", "arn:aws:s3:::films/a"), std::pair("ec2:DescribeRegions", "*"),
          std::pair("iam:PassRole", "arn:aws:iam::111111111111:role/clerk")}) {
      const auto verdict = policy::evaluate(
          *document, {.caller = caller, .action = action, .resource = resource, .keys = keys});
      if (verdict.effect == policy::Effect::allow) ++allowing;
      if (managed.name == "AdministratorAccess") {
        EXPECT_EQ(verdict.effect, policy::Effect::allow) << action;
      }
    }
  }
  EXPECT_GT(managed_policy_count(), 1'000u);
  EXPECT_GT(allowing, 100u);
}

}  // namespace
}  // namespace matinee::iam

// AWS::IAM types.
#include "cloud/resource_fixture.h"

namespace matinee::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* trust = R"({"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow",)"
                              R"("Principal":{"Service":"lambda.amazonaws.com"}}],)"
                              R"("Version":"2012-10-17"})";
constexpr const char* allow_all =
    R"({"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"})";
constexpr const char* read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
constexpr const char* basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

std::string with(std::string_view properties) {
  std::string json(properties);
  const auto put = [&](std::string_view name, std::string_view value) {
    for (std::size_t at; (at = json.find(name)) != std::string::npos;)
      json.replace(at, name.size(), value);
  };
  put("TRUST", trust);
  put("ALLOW", allow_all);
  put("READ_ONLY", read_only);
  put("BASIC", basic);
  return json;
}

TEST_F(Resources, a_role_has_its_policies_and_a_generated_name) {
  const std::string properties = with(
      R"({"AssumeRolePolicyDocument":TRUST,"Description":"of the shop","MaxSessionDuration":7200,)"
      R"("ManagedPolicyArns":["BASIC","READ_ONLY"],)"
      R"("Policies":[{"PolicyName":"all","PolicyDocument":ALLOW}],)"
      R"("Tags":[{"Key":"team","Value":"films"}]})");
  stack_tags = tree(R"([{"Key":"stage","Value":"test"},)"
                    R"({"Key":"aws:cloudformation:stack-name","Value":"shop"}])");
  const resources::Made made = create("AWS::IAM::Role", properties);
  EXPECT_THAT(made.id, StartsWith("shop-It-"));
  EXPECT_EQ(made.attributes.text_or("Arn"), "arn:aws:iam::000000000000:role/" + made.id);
  EXPECT_THAT(made.attributes.text_or("RoleId"), StartsWith("AROA"));
  const std::string now = read("AWS::IAM::Role", made.id);
  EXPECT_THAT(now, HasSubstr(with(R"("ManagedPolicyArns":["READ_ONLY","BASIC"])")));
  EXPECT_THAT(now, HasSubstr(with(R"("AssumeRolePolicyDocument":TRUST)")));
  EXPECT_THAT(now, HasSubstr(R"("Description":"of the shop")"));
  EXPECT_THAT(now, HasSubstr(R"("MaxSessionDuration":7200)"));
  EXPECT_THAT(now, HasSubstr(with(R"("Policies":[{"PolicyDocument":ALLOW,"PolicyName":"all"}])")));
  // AWS's own tags of a stack are not on roles.
  EXPECT_THAT(now, HasSubstr(R"("Tags":[{"Key":"team","Value":"films"},)"
                             R"({"Key":"stage","Value":"test"}])"));

  const std::string other = with(R"({"AssumeRolePolicyDocument":TRUST,)"
                                 R"("ManagedPolicyArns":["READ_ONLY"],)"
                                 R"("Policies":[{"PolicyName":"some","PolicyDocument":ALLOW}],)"
                                 R"("PermissionsBoundary":"READ_ONLY"})");
  stack_tags = Value::list();
  update("AWS::IAM::Role", made.id, properties, other);
  const std::string then = read("AWS::IAM::Role", made.id);
  EXPECT_THAT(then, HasSubstr(with(R"("ManagedPolicyArns":["READ_ONLY"])")));
  EXPECT_THAT(then, HasSubstr(R"("MaxSessionDuration":3600)"));
  EXPECT_THAT(then, HasSubstr(R"("PolicyName":"some")"));
  EXPECT_THAT(then, HasSubstr(with(R"("PermissionsBoundary":"READ_ONLY")")));
  EXPECT_THAT(then, testing::Not(HasSubstr(R"("PolicyName":"all")")));
  EXPECT_THAT(then, testing::Not(HasSubstr("of the shop")));
  EXPECT_THAT(then, testing::Not(HasSubstr("team")));

  EXPECT_THAT(list("AWS::IAM::Role"), testing::Contains(made.id));
  remove("AWS::IAM::Role", made.id, other);
  EXPECT_THAT(failure_of_read("AWS::IAM::Role", made.id), StartsWith("NotFound: "));
  remove("AWS::IAM::Role", made.id, other);  // what is gone is no error
}

TEST_F(Resources, a_role_that_is_there_already_fails_also_when_the_step_is_done_again) {
  const std::string properties = with(R"({"RoleName":"clerk","AssumeRolePolicyDocument":TRUST})");
  create("AWS::IAM::Role", properties);
  EXPECT_THAT(failure([&] { create("AWS::IAM::Role", properties); }),
              HasSubstr("Role with name clerk already exists."));
  is_repeated = true;
  EXPECT_THAT(failure([&] { create("AWS::IAM::Role", properties); }),
              HasSubstr("Role with name clerk already exists."));
  made_id = "clerk";
  EXPECT_EQ(create("AWS::IAM::Role", properties).id, "clerk");
}

TEST_F(Resources, a_repeated_step_takes_what_lies_under_a_name_that_it_has_made_up) {
  const std::string properties = with(R"({"AssumeRolePolicyDocument":TRUST})");
  const std::string id = create("AWS::IAM::Role", properties).id;
  is_repeated = true;
  EXPECT_EQ(create("AWS::IAM::Role", properties).id, id);
}

TEST_F(Resources, what_was_attached_to_a_role_from_elsewhere_keeps_it) {
  const std::string properties = with(R"({"RoleName":"clerk","AssumeRolePolicyDocument":TRUST})");
  create("AWS::IAM::Role", properties);
  call("iam:AttachRolePolicy", with(R"({"RoleName":"clerk","PolicyArn":"READ_ONLY"})"));
  EXPECT_THAT(failure([&] { remove("AWS::IAM::Role", "clerk", properties); }),
              StartsWith("DeleteConflict: "));
}

TEST_F(Resources, a_user_has_groups_a_password_and_keys) {
  create("AWS::IAM::Group", R"({"GroupName":"staff"})");
  create("AWS::IAM::Group", R"({"GroupName":"guests"})");
  const std::string properties =
      R"({"UserName":"ann","Groups":["staff"],"LoginProfile":{"Password":"Secret-4711!"}})";
  EXPECT_EQ(create("AWS::IAM::User", properties).attributes.text_or("Arn"),
            "arn:aws:iam::000000000000:user/ann");
  EXPECT_THAT(read("AWS::IAM::User", "ann"), HasSubstr(R"("Groups":["staff"])"));
  const std::string other = R"({"UserName":"ann","Path":"/old/","Groups":["guests"]})";
  EXPECT_EQ(update("AWS::IAM::User", "ann", properties, other).attributes.text_or("Arn"),
            "arn:aws:iam::000000000000:user/old/ann");
  EXPECT_THAT(read("AWS::IAM::User", "ann"), HasSubstr(R"("Groups":["guests"])"));
  EXPECT_THAT(failure([&] { call("iam:GetLoginProfile", R"({"UserName":"ann"})"); }),
              StartsWith("NoSuchEntity: "));

  const resources::Made key = create("AWS::IAM::AccessKey", R"({"UserName":"ann"})");
  EXPECT_THAT(key.id, StartsWith("AKIA"));
  EXPECT_EQ(key.attributes.text_or("SecretAccessKey").size(), 40);
  update("AWS::IAM::AccessKey", key.id, R"({"UserName":"ann"})",
         R"({"UserName":"ann","Status":"Inactive"})");
  EXPECT_EQ(read("AWS::IAM::AccessKey", key.id),
            R"({"Id":")" + key.id + R"(","Status":"Inactive","UserName":"ann"})");
  EXPECT_THAT(list("AWS::IAM::AccessKey", R"({"UserName":"ann"})"), ElementsAre(key.id));
  remove("AWS::IAM::AccessKey", key.id, R"({"UserName":"ann"})");

  const resources::Made addition =
      create("AWS::IAM::UserToGroupAddition", R"({"GroupName":"staff","Users":["ann"]})");
  EXPECT_THAT(read("AWS::IAM::User", "ann"), HasSubstr(R"("Groups":["guests","staff"])"));
  update("AWS::IAM::UserToGroupAddition", addition.id, R"({"GroupName":"staff","Users":["ann"]})",
         R"({"GroupName":"staff","Users":[]})");
  EXPECT_THAT(read("AWS::IAM::User", "ann"), HasSubstr(R"("Groups":["guests"])"));
  remove("AWS::IAM::UserToGroupAddition", addition.id, R"({"GroupName":"staff","Users":[]})");
  remove("AWS::IAM::User", "ann", other);
  remove("AWS::IAM::Group", "guests", R"({"GroupName":"guests"})");
  EXPECT_THAT(list("AWS::IAM::Group"), ElementsAre("staff"));
}

TEST_F(Resources, an_inline_policy_is_put_on_all_that_it_names) {
  create("AWS::IAM::Role", with(R"({"RoleName":"clerk","AssumeRolePolicyDocument":TRUST})"));
  create("AWS::IAM::Role", with(R"({"RoleName":"boss","AssumeRolePolicyDocument":TRUST})"));
  create("AWS::IAM::User", R"({"UserName":"ann"})");
  const std::string properties =
      with(R"({"PolicyName":"all","PolicyDocument":ALLOW,"Roles":["clerk"],"Users":["ann"]})");
  const resources::Made made = create("AWS::IAM::Policy", properties);
  EXPECT_THAT(made.id, testing::MatchesRegex("shop-It-[A-Z0-9]{12}"));
  EXPECT_THAT(read("AWS::IAM::User", "ann"), HasSubstr(R"("PolicyName":"all")"));
  const std::string other =
      with(R"({"PolicyName":"every","PolicyDocument":ALLOW,"Roles":["clerk","boss"]})");
  update("AWS::IAM::Policy", made.id, properties, other);
  EXPECT_EQ(told("iam:ListRolePolicies", R"({"RoleName":"clerk"})", "PolicyNames"), R"(["every"])");
  EXPECT_EQ(told("iam:ListRolePolicies", R"({"RoleName":"boss"})", "PolicyNames"), R"(["every"])");
  EXPECT_EQ(told("iam:ListUserPolicies", R"({"UserName":"ann"})", "PolicyNames"), "[]");
  remove("AWS::IAM::Policy", made.id, other);
  EXPECT_EQ(told("iam:ListRolePolicies", R"({"RoleName":"boss"})", "PolicyNames"), "[]");
  EXPECT_EQ(failure([&] {
              create("AWS::IAM::Policy", with(R"({"PolicyName":"x","PolicyDocument":ALLOW})"));
            }),
            "InvalidRequest: At least one of [Groups,Roles,Users] must be non-empty.");

  const resources::Made own =
      create("AWS::IAM::RolePolicy",
             with(R"({"PolicyName":"own","RoleName":"clerk","PolicyDocument":ALLOW})"));
  EXPECT_EQ(own.id, "own|clerk");
  EXPECT_EQ(read("AWS::IAM::RolePolicy", own.id),
            with(R"({"PolicyDocument":ALLOW,"PolicyName":"own","RoleName":"clerk"})"));
  EXPECT_THAT(list("AWS::IAM::RolePolicy", R"({"RoleName":"clerk"})"), ElementsAre("own|clerk"));
  remove("AWS::IAM::RolePolicy", own.id);
  EXPECT_THAT(list("AWS::IAM::RolePolicy", R"({"RoleName":"clerk"})"), ElementsAre());
}

TEST_F(Resources, a_managed_policy_changes_by_versions) {
  create("AWS::IAM::Role", with(R"({"RoleName":"clerk","AssumeRolePolicyDocument":TRUST})"));
  const auto properties = [](int number) {
    return R"({"ManagedPolicyName":"rights","Roles":["clerk"],"PolicyDocument":{"Version":)"
           R"("2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":)"
           R"("arn:aws:sqs:us-east-1:000000000000:queue)" +
           std::to_string(number) + R"("}]}})";
  };
  const resources::Made made = create("AWS::IAM::ManagedPolicy", properties(0));
  EXPECT_EQ(made.id, "arn:aws:iam::000000000000:policy/rights");
  EXPECT_EQ(made.attributes.text_or("AttachmentCount"), "1");
  for (int i = 1; i < 8; ++i)
    update("AWS::IAM::ManagedPolicy", made.id, properties(i - 1), properties(i));
  const std::string now = read("AWS::IAM::ManagedPolicy", made.id);
  EXPECT_THAT(now, HasSubstr(R"(:queue7")"));
  EXPECT_THAT(now, HasSubstr(R"("DefaultVersionId":"v8")"));
  EXPECT_THAT(now, HasSubstr(R"("Roles":["clerk"])"));
  is_repeated = true;
  update("AWS::IAM::ManagedPolicy", made.id, properties(6), properties(7));
  EXPECT_EQ(read("AWS::IAM::ManagedPolicy", made.id), now);
  update("AWS::IAM::ManagedPolicy", made.id, properties(7), properties(8));
  EXPECT_THAT(read("AWS::IAM::ManagedPolicy", made.id), HasSubstr(R"("DefaultVersionId":"v9")"));
  EXPECT_THAT(list("AWS::IAM::ManagedPolicy"), ElementsAre(made.id));
  remove("AWS::IAM::ManagedPolicy", made.id, properties(7));
  EXPECT_THAT(failure_of_read("AWS::IAM::ManagedPolicy", made.id), StartsWith("NotFound: "));
}

TEST_F(Resources, an_instance_profile_has_one_role) {
  create("AWS::IAM::Role", with(R"({"RoleName":"clerk","AssumeRolePolicyDocument":TRUST})"));
  create("AWS::IAM::Role", with(R"({"RoleName":"boss","AssumeRolePolicyDocument":TRUST})"));
  const resources::Made made = create("AWS::IAM::InstanceProfile", R"({"Roles":["clerk"]})");
  EXPECT_EQ(made.attributes.text_or("Arn"),
            "arn:aws:iam::000000000000:instance-profile/" + made.id);
  update("AWS::IAM::InstanceProfile", made.id, R"({"Roles":["clerk"]})", R"({"Roles":["boss"]})");
  EXPECT_THAT(read("AWS::IAM::InstanceProfile", made.id), HasSubstr(R"("Roles":["boss"])"));
  EXPECT_THAT(list("AWS::IAM::InstanceProfile"), ElementsAre(made.id));
  remove("AWS::IAM::InstanceProfile", made.id);
  EXPECT_THAT(list("AWS::IAM::InstanceProfile"), ElementsAre());
}

TEST_F(Resources, providers_of_identities_change_in_place) {
  const std::string properties =
      R"({"Url":"https://id.example.org","ClientIdList":["one","two"],)"
      R"("ThumbprintList":["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]})";
  const resources::Made made = create("AWS::IAM::OIDCProvider", properties);
  EXPECT_EQ(made.id, "arn:aws:iam::000000000000:oidc-provider/id.example.org");
  update("AWS::IAM::OIDCProvider", made.id, properties,
         R"({"Url":"https://id.example.org","ClientIdList":["two","three"],)"
         R"("ThumbprintList":["0e99a48a9960b14926bb7f3b02e22da2b0ab7280"],)"
         R"("Tags":[{"Key":"team","Value":"films"}]})");
  const std::string now = read("AWS::IAM::OIDCProvider", made.id);
  EXPECT_THAT(now, HasSubstr(R"("ClientIdList":["two","three"])"));
  EXPECT_THAT(now, HasSubstr(R"("ThumbprintList":["0e99a48a)"));
  EXPECT_THAT(now, HasSubstr(R"("Tags":[{"Key":"team","Value":"films"}])"));
  EXPECT_THAT(list("AWS::IAM::OIDCProvider"), ElementsAre(made.id));
  remove("AWS::IAM::OIDCProvider", made.id);
  EXPECT_THAT(list("AWS::IAM::OIDCProvider"), ElementsAre());
}

TEST_F(Resources, a_service_linked_role_goes_by_a_task) {
  const resources::Made made =
      create("AWS::IAM::ServiceLinkedRole",
             R"({"AWSServiceName":"dynamodb.application-autoscaling.amazonaws.com"})");
  EXPECT_EQ(made.id, "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable");
  EXPECT_EQ(made.attributes.text_or("RoleName"), made.id);
  update("AWS::IAM::ServiceLinkedRole", made.id, "{}", R"({"Description":"scales"})");
  EXPECT_THAT(read("AWS::IAM::ServiceLinkedRole", made.id), HasSubstr(R"("Description":"scales")"));
  remove("AWS::IAM::ServiceLinkedRole", made.id);
  EXPECT_THAT(failure_of_read("AWS::IAM::ServiceLinkedRole", made.id), StartsWith("NotFound: "));
}

TEST_F(Resources, a_device_for_a_second_factor_belongs_to_its_user) {
  create("AWS::IAM::User", R"({"UserName":"ann"})");
  const std::string properties = R"({"VirtualMfaDeviceName":"phone","Path":"/shop/",
    "Users":["ann"],"Tags":[{"Key":"a","Value":"b"}]})";
  const resources::Made made = create("AWS::IAM::VirtualMFADevice", properties);
  EXPECT_EQ(made.id, "arn:aws:iam::000000000000:mfa/shop/phone");
  EXPECT_EQ(read("AWS::IAM::VirtualMFADevice", made.id),
            R"({"Path":"/shop/","SerialNumber":"arn:aws:iam::000000000000:mfa/shop/phone",)"
            R"("Tags":[{"Key":"a","Value":"b"}],"Users":["ann"],"VirtualMfaDeviceName":"phone"})");
  EXPECT_THAT(told("iam:ListMFADevices", R"({"UserName":"ann"})", "MFADevices"),
              HasSubstr("mfa/shop/phone"));
  EXPECT_THAT(list("AWS::IAM::VirtualMFADevice"), ElementsAre(made.id));
  EXPECT_THAT(failure([&] {
                update("AWS::IAM::VirtualMFADevice", made.id, properties, R"({"Users":["bob"]})");
              }),
              StartsWith("NotUpdatable: "));
  update("AWS::IAM::VirtualMFADevice", made.id, properties, R"({"Users":[]})");
  EXPECT_EQ(told("iam:ListMFADevices", R"({"UserName":"ann"})", "MFADevices"), "[]");
  remove("AWS::IAM::VirtualMFADevice", made.id);
  EXPECT_THAT(list("AWS::IAM::VirtualMFADevice"), ElementsAre());
  remove("AWS::IAM::VirtualMFADevice", made.id);
}

TEST_F(Resources, a_device_in_use_is_removed_with_its_stack) {
  create("AWS::IAM::User", R"({"UserName":"ann"})");
  const std::string id = create("AWS::IAM::VirtualMFADevice", R"({"Users":["ann"]})").id;
  made_id = id;
  EXPECT_EQ(create("AWS::IAM::VirtualMFADevice", R"({"Users":["ann"]})").id, id);
  remove("AWS::IAM::VirtualMFADevice", id);
  EXPECT_THAT(list("AWS::IAM::VirtualMFADevice"), ElementsAre());
}

}  // namespace
}  // namespace matinee::cloud

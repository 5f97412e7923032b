#include "services/ssm/service_fixture.h"

namespace matinee::ssm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

using SsmLists = SsmTest;

TEST_F(SsmLists, a_path_gives_one_level_or_all) {
  for (const char* name : {"/a/1", "/a/2", "/a/b/3", "/a/b/c/4", "/ab/5", "/a"}) put(name, "v");
  EXPECT_THAT(names_below("/a", false), ElementsAre("/a/1", "/a/2"));
  EXPECT_THAT(names_below("/a/", true), ElementsAre("/a/1", "/a/2", "/a/b/3", "/a/b/c/4"));
  put("plain", "v");
  EXPECT_THAT(names_below("/", false), ElementsAre("/a", "plain"));
  EXPECT_THAT(names_below("/", true), SizeIs(7));
  EXPECT_THAT(described({{.key = "Path", .values = {{"/"}}}}), ElementsAre("/a", "plain"));
  EXPECT_THAT(names_below("/none", true), IsEmpty());
}

TEST_F(SsmLists, pages_follow_each_other_over_levels_that_are_left_out) {
  for (int i = 10; i < 35; ++i) {
    put("/p/" + std::to_string(i), "v");
    put("/p/" + std::to_string(i) + "/deeper", "v");
  }
  EXPECT_THAT(names_below("/p", false), SizeIs(25));
  EXPECT_THAT(names_below("/p", true), SizeIs(50));
  GetParametersByPathRequest request{.path = "/p", .max_results = 3};
  EXPECT_THAT(*call(&Service::get_parameters_by_path, request).parameters, SizeIs(3));
}

TEST_F(SsmLists, bad_paths_and_tokens_are_refused) {
  EXPECT_THAT(error_of([&] { names_below("a", false); }),
              StartsWith("ValidationException: The parameter doesn't meet the parameter name "
                         "requirements. The parameter name must begin with a forward slash"));
  EXPECT_EQ(error_of([&] {
              call(&Service::get_parameters_by_path,
                   GetParametersByPathRequest{.path = "/a", .next_token = "nonsense"});
            }),
            "InvalidNextToken: The specified token is not valid.");
}

TEST_F(SsmLists, a_path_may_be_filtered_by_type_key_and_label) {
  put("/a/s", "v1");
  overwrite("/a/s", "v2");
  put("/a/secret", "v", {.type = "SecureString", .key_id = "alias/mine"});
  call(&Service::label_parameter_version,
       LabelParameterVersionRequest{.name = "/a/s", .parameter_version = 1, .labels = {"old"}});
  EXPECT_THAT(names_below("/a", false, {{.key = "Type", .values = {{"SecureString"}}}}),
              ElementsAre("/a/secret"));
  EXPECT_THAT(names_below("/a", false, {{.key = "KeyId", .values = {{"alias/mine"}}}}),
              ElementsAre("/a/secret"));
  const auto labelled =
      call(&Service::get_parameters_by_path,
           GetParametersByPathRequest{
               .path = "/a", .parameter_filters = {{{.key = "Label", .values = {{"old"}}}}}});
  ASSERT_THAT(*labelled.parameters, SizeIs(1));
  EXPECT_EQ(labelled.parameters->at(0).value, "v1");
  EXPECT_THAT(error_of([&] { names_below("/a", false, {{.key = "Name", .values = {{"x"}}}}); }),
              StartsWith("InvalidFilterKey: The following filter key is not valid: Name."));
}

TEST_F(SsmLists, parameters_are_described_by_filters) {
  put("/a/one", "v", {.tags = {{{.key = "team", .value = "red"}}}});
  put("/a/b/two", "v", {.tier = "Advanced"});
  put("three", "v", {.type = "StringList"});
  put("four", "v", {.type = "SecureString"});
  EXPECT_THAT(described({}), SizeIs(4));
  EXPECT_THAT(described({{.key = "Name", .values = {{"three"}}}}), ElementsAre("three"));
  EXPECT_THAT(described({{.key = "Name", .option = "BeginsWith", .values = {{"/a/"}}}}),
              ElementsAre("/a/b/two", "/a/one"));
  EXPECT_THAT(described({{.key = "Name", .option = "Contains", .values = {{"o"}}}}), SizeIs(3));
  EXPECT_THAT(described({{.key = "Path", .values = {{"/a"}}}}), ElementsAre("/a/one"));
  EXPECT_THAT(described({{.key = "Path", .option = "Recursive", .values = {{"/a"}}}}),
              ElementsAre("/a/b/two", "/a/one"));
  EXPECT_THAT(described({{.key = "Type", .values = {{"StringList", "SecureString"}}}}),
              ElementsAre("four", "three"));
  EXPECT_THAT(described({{.key = "Tier", .values = {{"Advanced"}}}}), ElementsAre("/a/b/two"));
  EXPECT_THAT(described({{.key = "KeyId", .values = {{"alias/aws/ssm"}}}}), ElementsAre("four"));
  EXPECT_THAT(described({{.key = "tag:team"}}), ElementsAre("/a/one"));
  EXPECT_THAT(described({{.key = "tag:team", .values = {{"blue"}}}}), IsEmpty());
}

TEST_F(SsmLists, bad_filters_are_told_apart) {
  EXPECT_EQ(error_of_filter({.key = "Name"}),
            "InvalidFilterValue: The following filter values are missing : null for filter key "
            "Name.");
  EXPECT_EQ(error_of_filter({.key = "Path", .option = "Equals", .values = {{"/a"}}}),
            "InvalidFilterOption: The following filter option is not valid: Equals. Valid options "
            "include: [Recursive, OneLevel].");
  EXPECT_EQ(error_of_filter({.key = "Type", .values = {{"Text"}}}),
            "InvalidFilterOption: The following filter value is not valid: Text. Valid values "
            "include: [SecureString, StringList, String].");
  EXPECT_THAT(error_of_filter({.key = "Path", .values = {{"a"}}}),
              StartsWith("ValidationException: The parameter doesn't meet"));
  EXPECT_THAT(error_of_filter({.key = "Path", .values = {{"/aws/x"}}}),
              StartsWith("ValidationException: Filters for common parameters can't be prefixed"));
  EXPECT_THAT(error_of_filter({.key = "Label", .values = {{"x"}}}), StartsWith("InvalidFilterKey"));
  EXPECT_THAT(error_of([&] {
                described({{.key = "Name", .values = {{"a"}}}, {.key = "Name", .values = {{"b"}}}});
              }),
              StartsWith("InvalidFilterKey: The following filter is duplicated in the request: "
                         "Name."));
}

TEST_F(SsmLists, descriptions_come_in_pages_of_ten) {
  for (int i = 10; i < 35; ++i) put("p" + std::to_string(i), "v");
  EXPECT_THAT(*call(&Service::describe_parameters, DescribeParametersRequest{}).parameters,
              SizeIs(10));
  EXPECT_THAT(described({}), SizeIs(25));
}

TEST_F(SsmLists, what_aws_publishes_can_be_read) {
  EXPECT_EQ(value_of("/aws/service/global-infrastructure/regions/eu-west-1/longName"),
            "Europe (Ireland)");
  const Parameter image =
      get("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64");
  EXPECT_THAT(*image.value, StartsWith("ami-"));
  EXPECT_THAT(*image.arn, StartsWith("arn:aws:ssm:us-east-1::parameter/aws/service/"));
  EXPECT_THAT(names_below("/aws/service/global-infrastructure/regions", false),
              testing::Contains("/aws/service/global-infrastructure/regions/us-east-1"));
  EXPECT_EQ(error_of_get("/aws/service/none"), "ParameterNotFound: ");
}

TEST_F(SsmLists, settings_have_defaults_and_can_be_taken_back) {
  const std::string id = "/ssm/parameter-store/default-parameter-tier";
  const auto setting = [&] {
    return *call(&Service::get_service_setting, GetServiceSettingRequest{.setting_id = id})
                .service_setting;
  };
  EXPECT_EQ(setting().setting_value, "Standard");
  EXPECT_EQ(setting().status, "Default");
  call(&Service::update_service_setting,
       UpdateServiceSettingRequest{.setting_id = id, .setting_value = "Intelligent-Tiering"});
  EXPECT_EQ(setting().status, "Customized");
  EXPECT_EQ(put("p", std::string(5000, 'x')).tier, "Advanced");
  call(&Service::reset_service_setting, ResetServiceSettingRequest{.setting_id = id});
  EXPECT_THAT(error_of_put("q", std::string(5000, 'x')), StartsWith("ValidationException: "));
  EXPECT_THAT(error_of([&] {
                call(&Service::get_service_setting, GetServiceSettingRequest{.setting_id = "/x"});
              }),
              StartsWith("ServiceSettingNotFound: "));
}

TEST_F(SsmLists, advanced_parameters_are_shared_by_policies) {
  put("p", "v");
  const std::string arn = "arn:aws:ssm:us-east-1:111122223333:parameter/p";
  const std::string text =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
      R"("Principal":{"AWS":"999999999999"},"Action":["ssm:GetParameter"],"Resource":"*"}]})";
  PutResourcePolicyRequest request{.resource_arn = arn, .policy = text};
  EXPECT_THAT(error_of([&] { call(&Service::put_resource_policy, request); }),
              StartsWith("ResourcePolicyInvalidParameterException: "));
  overwrite("p", "v", {.tier = "Advanced"});
  const auto made = call(&Service::put_resource_policy, request);
  request.policy_id = made.policy_id;
  EXPECT_THAT(error_of([&] { call(&Service::put_resource_policy, request); }),
              StartsWith("ResourcePolicyConflictException: "));
  const auto found =
      call(&Service::get_resource_policies, GetResourcePoliciesRequest{.resource_arn = arn});
  ASSERT_THAT(*found.policies, SizeIs(1));
  EXPECT_EQ(found.policies->at(0).policy, text);
  call(&Service::delete_resource_policy,
       DeleteResourcePolicyRequest{
           .resource_arn = arn, .policy_id = *made.policy_id, .policy_hash = *made.policy_hash});
  EXPECT_THAT(error_of([&] {
                call(&Service::get_resource_policies,
                     GetResourcePoliciesRequest{.resource_arn = arn + "q"});
              }),
              StartsWith("ResourceNotFoundException: "));
}

}  // namespace
}  // namespace matinee::ssm

#include "protocol/timestamps.h"
#include "services/ssm/service_fixture.h"

namespace matinee::ssm {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using Ssm = SsmTest;

TEST_F(Ssm, a_parameter_is_read_as_it_was_written) {
  EXPECT_EQ(put("/a/b", "text").version, 1);
  const Parameter found = get("/a/b");
  EXPECT_EQ(found.name, "/a/b");
  EXPECT_EQ(found.type, "String");
  EXPECT_EQ(found.value, "text");
  EXPECT_EQ(found.version, 1);
  EXPECT_EQ(found.data_type, "text");
  EXPECT_EQ(found.arn, "arn:aws:ssm:us-east-1:111122223333:parameter/a/b");
  EXPECT_FALSE(found.selector.has_value());
}

TEST_F(Ssm, a_new_version_needs_leave_to_overwrite) {
  put("p", "one");
  EXPECT_EQ(error_of_put("p", "two"),
            "ParameterAlreadyExists: The parameter already exists. To overwrite this value, set "
            "the overwrite option in the request to true.");
  EXPECT_EQ(overwrite("p", "two").version, 2);
  EXPECT_EQ(value_of("p"), "two");
  EXPECT_EQ(value_of("p:1"), "one");
  EXPECT_EQ(get("p:1").selector, ":1");
  EXPECT_EQ(error_of_get("p:9"),
            "ParameterVersionNotFound: Systems Manager could not find version 9 of p. Verify the "
            "version and try again.");
}

TEST_F(Ssm, what_an_overwrite_does_not_say_stays) {
  put("p", "1", {.description = "a digit", .allowed_pattern = "\\d"});
  overwrite("p", "2");
  EXPECT_EQ(describe("p").description, "a digit");
  EXPECT_THAT(error_of([&] { overwrite("p", "x"); }),
              StartsWith("ParameterPatternMismatchException: "));
}

TEST_F(Ssm, the_type_is_told_once_and_does_not_change) {
  EXPECT_EQ(error_of([&] {
              call(&Service::put_parameter, PutParameterRequest{.name = "p", .value = "v"});
            }),
            "ValidationException: A parameter type is required when you create a parameter.");
  put("p", "v");
  EXPECT_THAT(error_of([&] { overwrite("p", "v", {.type = "StringList"}); }),
              StartsWith("HierarchyTypeMismatchException: "));
}

TEST_F(Ssm, some_names_are_refused) {
  const std::string shape = "ValidationException: Parameter name: can't be prefixed with \"ssm\"";
  EXPECT_THAT(error_of_put("my parameter"), StartsWith(shape));
  EXPECT_THAT(error_of_put("/SSM/x"), StartsWith(shape));
  EXPECT_THAT(error_of_put("a//b"), StartsWith(shape));
  EXPECT_THAT(error_of_put("/"), StartsWith(shape));
  EXPECT_EQ(error_of_put("a/b"),
            "ValidationException: Parameter name must be a fully qualified name.");
  EXPECT_EQ(error_of_put("/a/"), "ValidationException: Parameter name must not end with slash.");
  EXPECT_EQ(error_of_put("/AWS/x"),
            "AccessDeniedException: No access to reserved parameter name: /AWS/x.");
  EXPECT_THAT(error_of_put("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"),
              StartsWith("HierarchyLevelLimitExceededException: "));
  EXPECT_EQ(error_of_put("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15"), "no error");
  EXPECT_EQ(error_of_put("  trimmed "), "no error");
  EXPECT_EQ(value_of("trimmed"), "v");
}

TEST_F(Ssm, values_are_limited_by_tier) {
  const std::string large(4097, 'x');
  EXPECT_THAT(error_of_put("p", large),
              StartsWith("ValidationException: Standard tier parameters support a maximum "
                         "parameter value of 4096 characters."));
  EXPECT_EQ(put("p", large, {.tier = "Advanced"}).tier, "Advanced");
  EXPECT_EQ(put("q", large, {.tier = "Intelligent-Tiering"}).tier, "Advanced");
  EXPECT_EQ(put("r", "small", {.tier = "Intelligent-Tiering"}).tier, "Standard");
  EXPECT_THAT(error_of_put("s", large + large, {.tier = "Advanced"}),
              StartsWith("ValidationException: "));
  EXPECT_THAT(error_of([&] { overwrite("p", "v", {.tier = "Standard"}); }),
              StartsWith("ValidationException: This parameter uses the advanced-parameter tier."));
  EXPECT_EQ(overwrite("r", "v", {.tier = "Advanced"}).tier, "Advanced");
}

TEST_F(Ssm, values_do_not_refer_to_parameters) {
  EXPECT_EQ(error_of_put("p", "{{ssm:other}}"),
            "ValidationException: Parameter value can't nest another parameter. Do not use "
            "\"{{}}\" in the value.");
}

TEST_F(Ssm, data_types_are_checked) {
  EXPECT_EQ(error_of_put("p", "v", {.data_type = "Text"}),
            "ValidationException: The following data type is not supported: Text (Data type names "
            "are all lowercase.)");
  EXPECT_EQ(error_of_put("n", "12", {.data_type = "integer"}), "no error");
  EXPECT_THAT(error_of_put("m", "twelve", {.data_type = "integer"}),
              StartsWith("ValidationException: "));
  EXPECT_EQ(error_of_put("l", "1,2,x", {.type = "StringList", .data_type = "integer"}),
            "ValidationException: The parameter value is not a valid integer.");
  // An image is looked at after the answer.
  EXPECT_EQ(error_of_put("i", "no image", {.data_type = "aws:ec2:image"}), "no error");
  EXPECT_EQ(error_of_get("i"), "ParameterNotFound: ");
}

TEST_F(Ssm, the_oldest_of_a_hundred_versions_goes_unless_it_has_a_label) {
  put("p", "1");
  for (int i = 2; i <= 100; ++i) overwrite("p", std::to_string(i));
  EXPECT_EQ(value_of("p:1"), "1");
  call(&Service::label_parameter_version,
       LabelParameterVersionRequest{.name = "p", .parameter_version = 1, .labels = {"first"}});
  EXPECT_EQ(error_of([&] { overwrite("p", "101"); }),
            "ParameterMaxVersionLimitExceeded: You attempted to create a new version of p by "
            "calling the PutParameter API with the overwrite flag. Version 1, the oldest version, "
            "can't be deleted because it has a label associated with it. Move the label to another "
            "version of the parameter, and try again.");
  call(&Service::label_parameter_version,
       LabelParameterVersionRequest{.name = "p", .labels = {"first"}});
  EXPECT_EQ(overwrite("p", "101").version, 101);
  EXPECT_THAT(error_of_get("p:1"), StartsWith("ParameterVersionNotFound: "));
  EXPECT_EQ(value_of("p:first"), "100");
}

TEST_F(Ssm, labels_move_from_version_to_version) {
  put("p", "1");
  overwrite("p", "2");
  const auto label = [&](std::vector<std::string> labels, std::optional<std::int64_t> version) {
    return call(&Service::label_parameter_version,
                LabelParameterVersionRequest{
                    .name = "p", .parameter_version = version, .labels = std::move(labels)});
  };
  EXPECT_THAT(*label({"prod", "1x", "awsome", "a b"}, 1).invalid_labels,
              ElementsAre("1x", "awsome", "a b"));
  EXPECT_EQ(get("p:prod").value, "1");
  EXPECT_EQ(get("p:prod").selector, ":prod");
  EXPECT_EQ(label({"prod"}, std::nullopt).parameter_version, 2);
  EXPECT_EQ(get("p:prod").value, "2");
  EXPECT_EQ(error_of_get("p:test"),
            "ParameterVersionNotFound: Systems Manager could not find label test for parameter p. "
            "Verify the label and try again.");
  const auto removed = call(&Service::unlabel_parameter_version,
                            UnlabelParameterVersionRequest{
                                .name = "p", .parameter_version = 2, .labels = {"prod", "no"}});
  EXPECT_THAT(*removed.removed_labels, ElementsAre("prod"));
  EXPECT_THAT(*removed.invalid_labels, ElementsAre("no"));
}

TEST_F(Ssm, a_version_has_at_most_ten_labels) {
  put("p", "1");
  for (char c = 'a'; c <= 'j'; ++c)
    call(&Service::label_parameter_version,
         LabelParameterVersionRequest{.name = "p", .labels = {std::string(1, c)}});
  EXPECT_THAT(error_of([&] {
                call(&Service::label_parameter_version,
                     LabelParameterVersionRequest{.name = "p", .labels = {"k"}});
              }),
              StartsWith("ParameterVersionLabelLimitExceeded: "));
}

TEST_F(Ssm, secure_strings_are_kept_and_shown_encrypted) {
  put("/db/password", "swordfish", {.type = "SecureString"});
  EXPECT_EQ(keys.last.key, "alias/aws/ssm");
  EXPECT_EQ(keys.last.context.at("PARAMETER_ARN"),
            "arn:aws:ssm:us-east-1:111122223333:parameter/db/password");
  EXPECT_NE(value_of("/db/password", false), "swordfish");
  EXPECT_EQ(value_of("/db/password", true), "swordfish");
  EXPECT_EQ(describe("/db/password").key_id, "alias/aws/ssm");
  keys.refusals["alias/aws/ssm"] = "DisabledException";
  EXPECT_THAT(error_of_get("/db/password", true),
              StartsWith("InvalidKeyId: The key alias/aws/ssm is refused. (Service: AWSKMS; "));
  EXPECT_EQ(error_of_get("/db/password", false), "no error");
  EXPECT_EQ(error_of_put("p", "v", {.key_id = "alias/k"}),
            "ValidationException: KeyId is required for SecureString type parameter only.");
}

TEST_F(Ssm, many_are_read_at_once_in_order) {
  put("b", "1");
  put("a", "2");
  const auto found =
      call(&Service::get_parameters, GetParametersRequest{.names = {"b", "x", "a", "a:7"}});
  ASSERT_EQ(found.parameters->size(), 2u);
  EXPECT_EQ(found.parameters->at(0).name, "a");
  EXPECT_THAT(*found.invalid_parameters, ElementsAre("x", "a:7"));
}

TEST_F(Ssm, arns_name_parameters_with_and_without_a_slash) {
  put("plain", "1");
  put("/deep/er", "2");
  EXPECT_EQ(value_of("arn:aws:ssm:us-east-1:111122223333:parameter/plain"), "1");
  EXPECT_EQ(get("arn:aws:ssm:us-east-1:111122223333:parameter/plain").name, "plain");
  EXPECT_EQ(value_of("arn:aws:ssm:us-east-1:111122223333:parameter/deep/er:1"), "2");
  EXPECT_EQ(error_of_get("arn:aws:ssm:eu-west-1:111122223333:parameter/plain"),
            "ParameterNotFound: ");
}

TEST_F(Ssm, deleted_parameters_are_gone_with_their_history) {
  put("p", "1");
  overwrite("p", "2");
  const auto gone = call(&Service::delete_parameters, DeleteParametersRequest{.names = {"p", "q"}});
  EXPECT_THAT(*gone.deleted_parameters, ElementsAre("p"));
  EXPECT_THAT(*gone.invalid_parameters, ElementsAre("q"));
  EXPECT_EQ(error_of_get("p"), "ParameterNotFound: ");
  EXPECT_EQ(
      error_of([&] { call(&Service::delete_parameter, DeleteParameterRequest{.name = "p"}); }),
      "ParameterNotFound: ");
  EXPECT_EQ(put("p", "3").version, 1);
}

TEST_F(Ssm, the_history_comes_in_pages) {
  put("p", "1");
  overwrite("p", "2");
  overwrite("p", "3");
  call(&Service::label_parameter_version,
       LabelParameterVersionRequest{.name = "p", .parameter_version = 2, .labels = {"b", "a"}});
  GetParameterHistoryRequest request{.name = "p", .max_results = 2};
  const auto first = call(&Service::get_parameter_history, request);
  ASSERT_EQ(first.parameters->size(), 2u);
  EXPECT_THAT(*first.parameters->at(1).labels, ElementsAre("a", "b"));
  EXPECT_EQ(first.parameters->at(0).last_modified_user, "arn:aws:iam::111122223333:user/ada");
  request.next_token = first.next_token;
  const auto second = call(&Service::get_parameter_history, request);
  ASSERT_EQ(second.parameters->size(), 1u);
  EXPECT_EQ(second.parameters->at(0).value, "3");
  EXPECT_FALSE(second.next_token.has_value());
}

constexpr std::string_view policies =
    R"([{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"%"}},
        {"Type":"ExpirationNotification","Version":"1.0",
         "Attributes":{"Before":"1","Unit":"Hours"}}])";

TEST_F(Ssm, parameters_expire_by_the_clock_and_across_a_restart) {
  std::string end;
  protocol::append_iso8601(end, machine.loop.now() + hours(3));
  std::string text(policies);
  text.replace(text.find('%'), 1, end);
  put("p", "v", {.tier = "Advanced", .policies = text});
  EXPECT_EQ(describe("p").policies->at(1).policy_status, "Pending");
  advance(hours(2) + std::chrono::minutes(1));
  EXPECT_EQ(describe("p").policies->at(1).policy_status, "Finished");
  kill_and_restart();
  EXPECT_EQ(value_of("p"), "v");
  advance(hours(1));
  EXPECT_EQ(error_of_get("p"), "ParameterNotFound: ");
}

TEST_F(Ssm, policies_have_rules_of_their_own) {
  const auto error = [&](const std::string& text) {
    return error_of_put("p", "v", {.tier = "Advanced", .policies = text});
  };
  EXPECT_THAT(error("no JSON"), StartsWith("ValidationException: "));
  EXPECT_THAT(error(R"([{"Type":"Other"}])"), StartsWith("InvalidPolicyTypeException: "));
  EXPECT_THAT(error(R"([{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"x"}}])"),
              StartsWith("InvalidPolicyAttributeException: "));
  const std::string change =
      R"({"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"1","Unit":"Days"}})";
  EXPECT_THAT(error_of_put("p", "v", {.policies = "[" + change + "]"}),
              StartsWith("ValidationException: "));
  EXPECT_EQ(error("[" + change + "]"), "no error");
  EXPECT_EQ(describe("p").policies->at(0).policy_text, change);
  overwrite("p", "w");
  EXPECT_EQ(describe("p").policies->size(), 1u);
  overwrite("p", "w", {.policies = "[{}]"});
  EXPECT_EQ(describe("p").policies->size(), 0u);
}

TEST_F(Ssm, everything_survives_a_kill) {
  put("p", "1", {.tags = {{{.key = "k", .value = "v"}}}});
  overwrite("p", "2");
  kill_and_restart();
  EXPECT_EQ(value_of("p:1"), "1");
  const auto tags =
      call(&Service::list_tags_for_resource,
           ListTagsForResourceRequest{.resource_type = "Parameter", .resource_id = "p"});
  EXPECT_EQ(tags.tag_list->at(0).value, "v");
}

TEST_F(Ssm, tags_and_overwriting_do_not_go_together) {
  put("p", "1");
  EXPECT_THAT(error_of([&] { overwrite("p", "1", {.tags = {{{.key = "k", .value = "v"}}}}); }),
              StartsWith("ValidationException: Invalid request: tags and overwrite"));
}

TEST_F(Ssm, a_reset_leaves_other_accounts_alone) {
  put("p", "1");
  Context other{.account = "999999999999"};
  std::swap(context, other);
  put("p", "2");
  {
    storage::Transaction transaction(*store);
    service->reset({.account = "111122223333"});
    transaction.commit();
  }
  EXPECT_EQ(value_of("p"), "2");
  std::swap(context, other);
  EXPECT_EQ(error_of_get("p"), "ParameterNotFound: ");
}

}  // namespace
}  // namespace matinee::ssm

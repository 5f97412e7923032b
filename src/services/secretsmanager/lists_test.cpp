#include "services/secretsmanager/service_fixture.h"

namespace matinee::secretsmanager {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class SecretLists : public SecretsTest {
 protected:
  void create_four() {
    const std::pair<const char*, const char*> secrets[] = {{"testing1/one", "a secret"},
                                                           {"/testing2/two", "an secret"},
                                                           {"testing3/three", "asecret"},
                                                           {"/testing4/four", "thesecret"}};
    for (const auto& [name, description] : secrets) {
      create(name, "v", {.description = description});
      advance(std::chrono::milliseconds(1));
    }
  }
};

TEST_F(SecretLists, names_are_filtered_by_their_beginning) {
  create_four();
  EXPECT_THAT(filtered("name", "/"), ElementsAre("/testing2/two", "/testing4/four"));
  EXPECT_THAT(filtered("name", "!/"), ElementsAre("testing1/one", "testing3/three"));
  EXPECT_THAT(filtered("name", "testing1 one"), IsEmpty());
  EXPECT_THAT(filtered("name", "Testing1"), IsEmpty());
}

TEST_F(SecretLists, descriptions_are_filtered_by_the_beginnings_of_their_words) {
  create_four();
  EXPECT_THAT(filtered("description", "a"),
              ElementsAre("testing1/one", "/testing2/two", "testing3/three"));
  EXPECT_THAT(filtered("description", "!a"), ElementsAre("/testing4/four"));
  EXPECT_THAT(filtered("description", "A SECRET"), ElementsAre("testing1/one", "/testing2/two"));
  EXPECT_THAT(filtered("description", "!c"), SizeIs(4));
}

TEST_F(SecretLists, all_filters_must_fit) {
  create_four();
  EXPECT_THAT(names({.filters = {{{.key = "description", .values = {{"a"}}},
                                  {.key = "name", .values = {{"secret", "an"}}}}}}),
              IsEmpty());
  EXPECT_THAT(names({.filters = {{{.key = "description", .values = {{"a"}}},
                                  {.key = "name", .values = {{"secret", "testing"}}}}}}),
              SizeIs(2));
  EXPECT_EQ(error_of([&] { names({.filters = {{{.key = "name"}}}}); }),
            "InvalidParameterException: Invalid filter values for key: name");
}

TEST_F(SecretLists, tags_and_anything_can_be_filtered_by) {
  create_four();
  create("tagged", "v", {.tags = {{{.key = "team", .value = "Red"}}}});
  EXPECT_THAT(filtered("tag-key", "te"), ElementsAre("tagged"));
  EXPECT_THAT(filtered("tag-value", "Re"), ElementsAre("tagged"));
  EXPECT_THAT(filtered("tag-value", "re"), IsEmpty());
  EXPECT_THAT(filtered("all", "red"), ElementsAre("tagged"));
  EXPECT_THAT(filtered("all", "three"), ElementsAre("testing3/three"));
  EXPECT_THAT(filtered("owning-service", "rds"), IsEmpty());
}

TEST_F(SecretLists, lists_are_sorted_and_come_in_pages) {
  for (const char* name : {"b", "c", "a"}) {
    create(name);
    advance(std::chrono::seconds(1));
  }
  EXPECT_THAT(names({.max_results = 1}), ElementsAre("b", "c", "a"));
  EXPECT_THAT(names({.max_results = 2, .sort_order = "desc"}), ElementsAre("a", "c", "b"));
  EXPECT_THAT(names({.max_results = 1, .sort_by = "name"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names({.max_results = 1, .sort_order = "desc", .sort_by = "name"}),
              ElementsAre("c", "b", "a"));
  put("b", "2");
  EXPECT_THAT(names({.max_results = 1, .sort_by = "last-changed-date"}),
              ElementsAre("c", "a", "b"));
  EXPECT_THAT(error_of([&] { names({.next_token = "x"}); }),
              StartsWith("InvalidNextTokenException: "));
}

TEST_F(SecretLists, many_values_are_read_at_once) {
  create("a", "1");
  create("b", std::nullopt);
  const auto found = call(&Service::batch_get_secret_value,
                          BatchGetSecretValueRequest{.secret_id_list = {{"a", "b", "c"}}});
  ASSERT_THAT(*found.secret_values, SizeIs(1));
  EXPECT_EQ(found.secret_values->at(0).secret_string, "1");
  ASSERT_THAT(*found.errors, SizeIs(2));
  EXPECT_EQ(found.errors->at(1).secret_id, "c");
  EXPECT_EQ(found.errors->at(1).error_code, "ResourceNotFoundException");
  const auto by_filter =
      call(&Service::batch_get_secret_value,
           BatchGetSecretValueRequest{.filters = {{{.key = "name", .values = {{"a"}}}}}});
  EXPECT_THAT(*by_filter.secret_values, SizeIs(1));
  EXPECT_EQ(error_of([&] { call(&Service::batch_get_secret_value, BatchGetSecretValueRequest{}); }),
            "InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but "
            "not both.");
}

TEST_F(SecretLists, replicas_follow_their_primary) {
  create("s", "1");
  const Context here = context;
  Context there = context;
  there.region = "eu-west-1";
  const auto made = call(&Service::replicate_secret_to_regions,
                         ReplicateSecretToRegionsRequest{
                             .secret_id = "s", .add_replica_regions = {{.region = "eu-west-1"}}});
  EXPECT_EQ(made.replication_status->at(0).status, "InProgress");
  EXPECT_EQ(describe("s").replication_status->at(0).status, "InSync");
  EXPECT_EQ(describe("s").primary_region, "us-east-1");
  put("s", "2");
  context = there;
  EXPECT_EQ(value_of("s"), "2");
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "1");
  EXPECT_EQ(describe("s").primary_region, "us-east-1");
  EXPECT_EQ(error_of([&] { put("s", "3"); }),
            "InvalidRequestException: Operation not permitted on a replica secret. Call must be "
            "made in primary secret's region.");
  context = here;
  EXPECT_EQ(error_of([&] { remove("s"); }),
            "InvalidParameterException: You can't delete secret s that still has replica regions "
            "[eu-west-1]");
  context = there;
  call(&Service::stop_replication_to_replica, StopReplicationToReplicaRequest{.secret_id = "s"});
  put("s", "own");
  context = here;
  EXPECT_EQ(value_of("s"), "2");
  EXPECT_FALSE(describe("s").replication_status.has_value());
}

TEST_F(SecretLists, replication_fails_where_the_name_is_taken) {
  create("s", "here");
  const Context here = context;
  context.region = "eu-west-1";
  create("s", "there");
  context = here;
  ReplicateSecretToRegionsRequest request{.secret_id = "s",
                                          .add_replica_regions = {{.region = "eu-west-1"}}};
  call(&Service::replicate_secret_to_regions, request);
  EXPECT_EQ(describe("s").replication_status->at(0).status, "Failed");
  request.force_overwrite_replica_secret = true;
  call(&Service::replicate_secret_to_regions, request);
  EXPECT_EQ(describe("s").replication_status->at(0).status, "InSync");
  call(&Service::remove_regions_from_replication,
       RemoveRegionsFromReplicationRequest{.secret_id = "s",
                                           .remove_replica_regions = {"eu-west-1"}});
  EXPECT_FALSE(describe("s").primary_region.has_value());
  context.region = "eu-west-1";
  EXPECT_THAT(error_of_get("s"), StartsWith("ResourceNotFoundException: "));
}

TEST_F(SecretLists, a_policy_is_kept_as_it_was_given) {
  create("s");
  const std::string text =
      R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": )"
      R"("arn:aws:iam::999999999999:root"}, "Action": "secretsmanager:GetSecretValue", )"
      R"("Resource": "*"}]})";
  const auto policy = [&] {
    return call(&Service::get_resource_policy, GetResourcePolicyRequest{.secret_id = "s"})
        .resource_policy;
  };
  EXPECT_FALSE(policy().has_value());
  call(&Service::put_resource_policy,
       PutResourcePolicyRequest{.secret_id = "s", .resource_policy = text});
  EXPECT_EQ(policy(), text);
  std::string open = text;
  open.replace(open.find("arn:aws:iam::999999999999:root"), 30, "*");
  EXPECT_THAT(error_of([&] {
                call(&Service::put_resource_policy,
                     PutResourcePolicyRequest{
                         .secret_id = "s", .resource_policy = open, .block_public_policy = true});
              }),
              StartsWith("PublicPolicyException: "));
  EXPECT_EQ(error_of([&] {
              call(&Service::put_resource_policy,
                   PutResourcePolicyRequest{.secret_id = "s", .resource_policy = "{"});
            }),
            "MalformedPolicyDocumentException: This policy has invalid syntax.");
  EXPECT_EQ(call(&Service::validate_resource_policy,
                 ValidateResourcePolicyRequest{.resource_policy = open})
                .policy_validation_passed,
            false);
  call(&Service::delete_resource_policy, DeleteResourcePolicyRequest{.secret_id = "s"});
  EXPECT_FALSE(policy().has_value());
}

TEST_F(SecretLists, passwords_have_what_was_asked_for) {
  const auto password = [&](GetRandomPasswordRequest request) {
    return *call(&Service::get_random_password, request).random_password;
  };
  EXPECT_THAT(password({}), SizeIs(32));
  EXPECT_THAT(password({.password_length = 8,
                        .exclude_numbers = true,
                        .exclude_punctuation = true,
                        .exclude_uppercase = true}),
              MatchesRegex("[a-z]{8}"));
  EXPECT_THAT(password({.password_length = 4, .exclude_characters = "abc"}), Not(IsEmpty()));
  EXPECT_EQ(error_of([&] { password({.password_length = 3}); }),
            "InvalidParameterException: Password length 3 is too short based on the required "
            "types.");
  EXPECT_THAT(password({.password_length = 3, .require_each_included_type = false}), SizeIs(3));
}

}  // namespace
}  // namespace matinee::secretsmanager

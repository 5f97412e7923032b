#include "services/secretsmanager/service_fixture.h"

namespace matinee::secretsmanager {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

using Secrets = SecretsTest;

const std::string not_found =
    "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
const std::string marked =
    "InvalidRequestException: You can't perform this operation on the secret because it was marked "
    "for deletion.";

TEST_F(Secrets, a_secret_is_read_by_name_and_by_both_forms_of_its_arn) {
  const auto made = create("/team/db", "swordfish");
  EXPECT_THAT(*made.arn, MatchesRegex("arn:aws:secretsmanager:us-east-1:111122223333:secret:/team/"
                                      "db-[a-zA-Z0-9]{6}"));
  EXPECT_EQ(value_of("/team/db"), "swordfish");
  EXPECT_EQ(value_of(*made.arn), "swordfish");
  EXPECT_EQ(value_of(made.arn->substr(0, made.arn->size() - 7)), "swordfish");
  EXPECT_EQ(get("/team/db").version_id, made.version_id);
  EXPECT_THAT(*get("/team/db").version_stages, ElementsAre("AWSCURRENT"));
  EXPECT_EQ(error_of_get("/team"), not_found);
}

TEST_F(Secrets, a_name_that_ends_like_an_arn_is_not_found_by_the_short_form) {
  create("name-abcdef", "v");
  EXPECT_EQ(value_of("name-abcdef"), "v");
  EXPECT_EQ(error_of_get("arn:aws:secretsmanager:us-east-1:111122223333:secret:name-abcdef"),
            not_found);
}

TEST_F(Secrets, bad_names_are_refused_everywhere) {
  const std::string bad =
      "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, "
      "or any of the following: -/_+=.@!";
  for (const std::string name : {"a b", " a", "a*", "a?", "a]", "a\\"}) {
    EXPECT_EQ(error_of([&] { create(name); }), bad);
    EXPECT_EQ(error_of_get(name), bad);
    EXPECT_EQ(error_of([&] { describe(name); }), bad);
    EXPECT_EQ(error_of([&] { remove(name); }), bad);
    EXPECT_EQ(error_of([&] { put(name, "v"); }), bad);
  }
}

TEST_F(Secrets, what_means_nothing_is_not_described) {
  create("s", std::nullopt, {.description = ""});
  const auto shown = describe("s");
  EXPECT_FALSE(shown.description.has_value());
  EXPECT_FALSE(shown.version_ids_to_stages.has_value());
  EXPECT_FALSE(shown.tags.has_value());
  EXPECT_FALSE(shown.kms_key_id.has_value());
  EXPECT_FALSE(shown.last_accessed_date.has_value());
  EXPECT_FALSE(shown.primary_region.has_value());
  EXPECT_EQ(error_of_get("s"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "staging label: AWSCURRENT");
}

TEST_F(Secrets, a_name_is_given_once) {
  const std::string first = token();
  create("s", "v", {.client_request_token = first});
  EXPECT_EQ(error_of([&] { create("s"); }),
            "ResourceExistsException: The operation failed because the secret s already exists.");
  EXPECT_EQ(create("s", "v", {.client_request_token = first}).version_id, first);
  EXPECT_EQ(error_of([&] { call(&Service::create_secret, CreateSecretRequest{.name = "t"}); }),
            "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a "
            "UUID-type value.");
}

TEST_F(Secrets, labels_follow_new_values) {
  const std::string one = *create("s", "1").version_id;
  const std::string two = *put("s", "2").version_id;
  EXPECT_EQ(stages_of("s", one), "AWSPREVIOUS");
  EXPECT_EQ(stages_of("s", two), "AWSCURRENT");
  const auto pending = put("s", "3", {{"AWSPENDING"}});
  EXPECT_THAT(*pending.version_stages, ElementsAre("AWSPENDING"));
  EXPECT_EQ(value_of("s"), "2");
  const std::string four = *put("s", "4", {{"AWSPENDING"}}).version_id;
  EXPECT_EQ(stages_of("s", *pending.version_id), "");
  EXPECT_EQ(value_of("s", "AWSPENDING"), "4");
  put("s", "5", {{"AWSCURRENT", "PUT0"}});
  EXPECT_EQ(stages_of("s", one), "");
  EXPECT_EQ(stages_of("s", two), "AWSPREVIOUS");
  EXPECT_EQ(stages_of("s", four), "AWSPENDING");
}

TEST_F(Secrets, the_first_value_is_the_current_one_whatever_it_is_called) {
  create("s", std::nullopt);
  const auto first = put("s", "1", {{"AWSPENDING"}});
  EXPECT_THAT(*first.version_stages, ElementsAre("AWSCURRENT", "AWSPENDING"));
}

TEST_F(Secrets, labels_are_moved_by_hand) {
  const std::string one = *create("s", "1").version_id;
  const std::string two = *put("s", "2", {{"AWSPENDING"}}).version_id;
  const auto move = [&](const std::string& stage, std::optional<std::string> to,
                        std::optional<std::string> from) {
    call(&Service::update_secret_version_stage,
         UpdateSecretVersionStageRequest{.secret_id = "s",
                                         .version_stage = stage,
                                         .remove_from_version_id = from,
                                         .move_to_version_id = to});
  };
  EXPECT_THAT(error_of([&] { move("AWSCURRENT", two, std::nullopt); }),
              StartsWith("InvalidParameterException: The parameter RemoveFromVersionId can't be "
                         "empty. Staging label AWSCURRENT is currently attached to version " +
                         one));
  move("AWSCURRENT", two, one);
  EXPECT_EQ(stages_of("s", one), "AWSPREVIOUS");
  EXPECT_EQ(stages_of("s", two), "AWSCURRENT,AWSPENDING");
  move("AWSPENDING", std::nullopt, two);
  EXPECT_EQ(stages_of("s", two), "AWSCURRENT");
  EXPECT_THAT(error_of([&] { move("AWSCURRENT", std::nullopt, two); }),
              StartsWith("InvalidParameterException: You can only move staging label AWSCURRENT"));
}

TEST_F(Secrets, reading_a_version_needs_the_label_that_it_has) {
  const std::string one = *create("s", "1").version_id;
  EXPECT_EQ(error_of_get("s", "AWSPENDING", one),
            "InvalidRequestException: You provided a VersionStage that is not associated to the "
            "provided VersionId.");
  const std::string none = token();
  EXPECT_EQ(error_of_get("s", std::nullopt, none),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "VersionId: " +
                none);
}

TEST_F(Secrets, the_same_token_means_the_same_value) {
  create("s", "1");
  PutSecretValueRequest request{
      .secret_id = "s", .client_request_token = token(), .secret_string = "2"};
  call(&Service::put_secret_value, request);
  put("s", "3");
  call(&Service::put_secret_value, request);
  EXPECT_EQ(value_of("s"), "3");
  request.secret_string = "other";
  EXPECT_THAT(error_of([&] { call(&Service::put_secret_value, request); }),
              StartsWith("ResourceExistsException: You can't use ClientRequestToken "));
}

TEST_F(Secrets, deprecated_versions_are_listed_when_asked_for) {
  create("s", "1");
  put("s", "2");
  put("s", "3");
  ListSecretVersionIdsRequest request{.secret_id = "s"};
  const auto labelled = call(&Service::list_secret_version_ids, request);
  ASSERT_THAT(*labelled.versions, SizeIs(2));
  EXPECT_THAT(*labelled.versions->at(0).kms_key_ids, ElementsAre("DefaultEncryptionKey"));
  request.include_deprecated = true;
  request.max_results = 2;
  const auto page = call(&Service::list_secret_version_ids, request);
  ASSERT_THAT(*page.versions, SizeIs(2));
  EXPECT_FALSE(page.versions->at(0).version_stages.has_value());
  request.next_token = page.next_token;
  EXPECT_THAT(*call(&Service::list_secret_version_ids, request).versions, SizeIs(1));
}

TEST_F(Secrets, a_hundred_versions_are_kept_and_older_ones_for_a_day) {
  create("s", "0");
  for (int i = 1; i <= 120; ++i) put("s", std::to_string(i));
  ListSecretVersionIdsRequest request{.secret_id = "s", .include_deprecated = true};
  EXPECT_TRUE(call(&Service::list_secret_version_ids, request).next_token.has_value());
  advance(std::chrono::hours(25));
  put("s", "last");
  EXPECT_FALSE(call(&Service::list_secret_version_ids, request).next_token.has_value());
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "120");
}

TEST_F(Secrets, deleted_secrets_wait_and_can_be_restored) {
  create("s");
  const auto removed = remove("s", 7);
  EXPECT_TRUE(describe("s").deleted_date.has_value());
  EXPECT_EQ(error_of_get("s"), marked);
  EXPECT_EQ(error_of([&] { put("s", "v"); }), marked);
  EXPECT_EQ(error_of([&] { create("s"); }),
            "InvalidRequestException: You can't create this secret because a secret with this name "
            "is already scheduled for deletion.");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(names({.include_planned_deletion = true}), ElementsAre("s"));
  call(&Service::restore_secret, RestoreSecretRequest{.secret_id = "s"});
  EXPECT_FALSE(describe("s").deleted_date.has_value());
  EXPECT_EQ(value_of("s"), "value");
}

TEST_F(Secrets, a_deleted_secret_ends_by_the_clock_and_across_a_restart) {
  create("s");
  remove("s", 7);
  advance(std::chrono::days(6));
  kill_and_restart();
  EXPECT_TRUE(describe("s").deleted_date.has_value());
  advance(std::chrono::days(1) + std::chrono::minutes(1));
  EXPECT_EQ(error_of([&] { describe("s"); }), not_found);
  EXPECT_EQ(error_of([&] { create("s"); }), "no error");
}

TEST_F(Secrets, deletion_can_be_forced_and_then_the_name_is_free) {
  const auto made = create("s");
  EXPECT_EQ(remove("s", std::nullopt, true).arn, made.arn);
  EXPECT_EQ(error_of([&] { remove("none", std::nullopt, true); }), "no error");
  EXPECT_EQ(error_of([&] { remove("none"); }), not_found);
  EXPECT_NE(create("s").arn, made.arn);
  EXPECT_EQ(error_of_get(*made.arn), not_found);
  EXPECT_THAT(error_of([&] { remove("s", 7, true); }),
              StartsWith("InvalidParameterException: You can't use ForceDeleteWithoutRecovery in "
                         "conjunction with RecoveryWindowInDays."));
  EXPECT_THAT(error_of([&] { remove("s", 6); }),
              StartsWith("InvalidParameterException: The RecoveryWindowInDays value"));
}

TEST_F(Secrets, values_are_encrypted_with_the_key_of_the_secret) {
  const auto made = create("s", "v", {.kms_key_id = "alias/mine"});
  EXPECT_EQ(keys.last.key, "alias/mine");
  EXPECT_EQ(keys.last.context.at("SecretARN"), *made.arn);
  EXPECT_EQ(keys.last.context.at("SecretVersionId"), *made.version_id);
  EXPECT_EQ(describe("s").kms_key_id, "alias/mine");
  keys.refusals["alias/mine"] = "KMSInvalidStateException";
  EXPECT_THAT(error_of_get("s"), StartsWith("DecryptionFailure: "));
  EXPECT_THAT(error_of([&] { put("s", "w"); }), StartsWith("EncryptionFailure: "));
  keys.refusals["alias/mine"] = "AccessDeniedException";
  EXPECT_EQ(error_of_get("s"), "AccessDeniedException: Access to KMS is not allowed");
  keys.refusals.clear();
  call(&Service::update_secret,
       UpdateSecretRequest{
           .secret_id = "s", .client_request_token = token(), .kms_key_id = "alias/other"});
  keys.refusals["alias/mine"] = "KMSInvalidStateException";
  EXPECT_EQ(value_of("s"), "v");
}

TEST_F(Secrets, an_update_without_anything_succeeds) {
  create("s");
  const auto updated = call(&Service::update_secret,
                            UpdateSecretRequest{.secret_id = "s", .client_request_token = token()});
  EXPECT_FALSE(updated.version_id.has_value());
  EXPECT_EQ(error_of([&] {
              call(&Service::put_secret_value,
                   PutSecretValueRequest{.secret_id = "s", .client_request_token = token()});
            }),
            "InvalidRequestException: You must provide either SecretString or SecretBinary.");
}

TEST_F(Secrets, reading_is_noted_by_the_day) {
  create("s");
  EXPECT_FALSE(describe("s").last_accessed_date.has_value());
  get("s");
  EXPECT_EQ(*describe("s").last_accessed_date,
            std::chrono::floor<std::chrono::days>(machine.loop.now()));
}

TEST_F(Secrets, tags_are_added_replaced_and_removed) {
  create("s", "v", {.tags = {{{.key = "a", .value = "1"}}}});
  call(&Service::tag_resource,
       TagResourceRequest{.secret_id = "s",
                          .tags = {{.key = "b", .value = "2"}, {.key = "a", .value = "3"}}});
  ASSERT_THAT(*describe("s").tags, SizeIs(2));
  EXPECT_EQ(describe("s").tags->at(0).value, "3");
  call(&Service::untag_resource, UntagResourceRequest{.secret_id = "s", .tag_keys = {"a", "b"}});
  EXPECT_FALSE(describe("s").tags.has_value());
}

TEST_F(Secrets, another_account_needs_a_key_of_its_own_choice) {
  const auto plain = create("plain");
  const auto shared = create("shared", "v", {.kms_key_id = "alias/mine"});
  context.account = "999999999999";
  EXPECT_THAT(error_of_get(*plain.arn),
              StartsWith("InvalidRequestException: You can't access a secret from a different AWS "
                         "account"));
  EXPECT_EQ(value_of(*shared.arn), "v");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(error_of_get("shared"), not_found);
}

TEST_F(Secrets, everything_survives_a_kill) {
  create("s", "1", {.description = "text"});
  put("s", "2");
  kill_and_restart();
  EXPECT_EQ(value_of("s"), "2");
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "1");
  EXPECT_EQ(describe("s").description, "text");
}

TEST_F(Secrets, a_reset_leaves_other_accounts_alone) {
  create("s");
  remove("s");
  Context other{.account = "999999999999"};
  std::swap(context, other);
  create("s", "2");
  {
    storage::Transaction transaction(*store);
    service->reset({.account = "111122223333"});
    transaction.commit();
  }
  EXPECT_EQ(value_of("s"), "2");
  std::swap(context, other);
  EXPECT_THAT(names({.include_planned_deletion = true}), IsEmpty());
}

}  // namespace
}  // namespace matinee::secretsmanager

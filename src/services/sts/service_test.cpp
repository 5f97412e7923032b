#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/sts/service_fixture.h"
#include "sts/operations.h"

namespace matinee::sts {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::MatchesRegex;

TEST_F(StsTest, the_caller_is_the_root_of_the_account_unless_it_is_somebody_else) {
  const auto identity = identity_of({.account = "111111111111"});
  EXPECT_EQ(identity.arn, "arn:aws:iam::111111111111:root");
  EXPECT_EQ(identity.account, "111111111111");
  EXPECT_EQ(identity.user_id, "111111111111");
  const auto user = identity_of({.account = "111111111111",
                                 .access_key = "AKIAEXAMPLE",
                                 .caller_arn = "arn:aws:iam::111111111111:user/ann"});
  EXPECT_EQ(user.arn, "arn:aws:iam::111111111111:user/ann");
  EXPECT_EQ(user.user_id, "AKIAEXAMPLE");
}

TEST_F(StsTest, whoever_assumes_a_role_acts_as_its_session_in_the_roles_account) {
  const auto response = assume({.role_arn = role, .role_session_name = "evening"});
  const Credentials& credentials = *response.credentials;
  EXPECT_THAT(credentials.access_key_id, MatchesRegex("ASIA[A-Z2-7]{16}"));
  EXPECT_EQ(credentials.secret_access_key.size(), 40u);
  const std::string arn = "arn:aws:sts::222222222222:assumed-role/projector/evening";
  EXPECT_EQ(response.assumed_role_user->arn, arn);
  EXPECT_THAT(response.assumed_role_user->assumed_role_id,
              MatchesRegex("AROA[A-Z2-7]{17}:evening"));
  EXPECT_FALSE(response.packed_policy_size.has_value());
  const auto identity = identity_of(act_as(credentials));
  EXPECT_EQ(identity.arn, arn);
  EXPECT_EQ(identity.account, "222222222222");
  EXPECT_EQ(identity.user_id, response.assumed_role_user->assumed_role_id);
}

TEST_F(StsTest, a_role_has_the_same_id_for_ever_and_another_role_another_one) {
  const auto id_of = [&](const std::string& arn) {
    return assume({.role_arn = arn, .role_session_name = "aa"}).assumed_role_user->assumed_role_id;
  };
  const std::string id = id_of(role);
  kill_and_restart();
  EXPECT_EQ(id_of(role), id);
  EXPECT_NE(id_of(role + "2"), id);
}

TEST_F(StsTest, credentials_last_as_long_as_asked_for) {
  const runtime::Time now = machine.loop.now();
  const auto lasts = [&](const Credentials& credentials) {
    return std::chrono::round<seconds>(credentials.expiration - now).count();
  };
  EXPECT_EQ(lasts(*assume({.role_arn = role, .role_session_name = "aa"}).credentials), 3600);
  EXPECT_EQ(lasts(*assume({.role_arn = role, .role_session_name = "aa", .duration_seconds = 900})
                       .credentials),
            900);
  const GetSessionTokenRequest session;
  const GetFederationTokenRequest federated{.name = "bob"};
  EXPECT_EQ(lasts(*call(&Service::get_session_token, session, ann).credentials), 43'200);
  EXPECT_EQ(lasts(*call(&Service::get_federation_token, federated, ann).credentials), 43'200);
  // Whoever asks as root gets an hour.
  EXPECT_EQ(lasts(*call(&Service::get_session_token, session, root).credentials), 3'600);
  EXPECT_EQ(lasts(*call(&Service::get_federation_token, federated, root).credentials), 3'600);
}

TEST_F(StsTest, credentials_are_good_after_a_crash_and_in_no_other_cloud) {
  const Credentials credentials =
      *assume({.role_arn = role, .role_session_name = "evening"}).credentials;
  kill_and_restart();
  EXPECT_EQ(identity_of(act_as(credentials)).account, "222222222222");
  SessionKey::Bytes bytes{};
  EXPECT_FALSE(SessionKey(bytes).open(credentials.session_token).has_value());
}

TEST_F(StsTest, a_rolled_back_call_does_not_lose_the_key_of_the_next) {
  {
    storage::Transaction transaction(*store);
    service->assume_role(root, {.role_arn = role, .role_session_name = "aa"});
  }
  const Credentials credentials =
      *assume({.role_arn = role, .role_session_name = "evening"}).credentials;
  kill_and_restart();
  EXPECT_EQ(identity_of(act_as(credentials)).account, "222222222222");
}

TEST_F(StsTest, a_token_of_which_any_character_is_changed_is_none) {
  const Credentials credentials =
      *assume({.role_arn = role, .role_session_name = "evening"}).credentials;
  const std::string& token = credentials.session_token;
  const std::size_t content = token.find_last_not_of('=');
  for (std::size_t i = 0; i < content; ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(service->session_key()->open(changed).has_value()) << i;
  }
  EXPECT_FALSE(service->session_key()->open("").has_value());
  EXPECT_FALSE(service->session_key()->open("AAAA").has_value());
}

TEST_F(StsTest, an_arn_without_its_parts_is_refused_before_anything_else) {
  const auto refusal = [&](const std::string& arn, const std::string& name) {
    AssumeRoleRequest request{.role_arn = arn, .role_session_name = name};
    protocol::Violations violations;
    protocol::validate(*operations::AssumeRole.input, &request, violations);
    if (violations.empty()) return error_of_assume(request);
    const auto error = service->invalid(operations::AssumeRole, violations);
    EXPECT_TRUE(error.sender_fault());
    return std::to_string(error.status()) + " " + error.code() + ": " + error.message();
  };
  const std::string bad_name =
      "400 ValidationError: 1 validation error detected: Value 'a:b' at 'roleSessionName' failed "
      "to "
      "satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*";
  for (const char* arn :
       {"arn:a:a::123456789012:", "arn::iam::123456789012:role/x", "arn:aws:::123456789012:role/x",
        "this-is-no-arn-at-all-and-long", "arn:aws:iam::123456789012"}) {
    EXPECT_EQ(refusal(arn, "aa"), std::string("400 ValidationError: ") + arn + " is invalid");
    EXPECT_EQ(refusal(arn, "a:b"), std::string("400 ValidationError: ") + arn + " is invalid");
  }
  EXPECT_EQ(refusal("arn:aws:iam::1234:role/films", "a:b"), bad_name);
  EXPECT_EQ(refusal("arn:aws:iam::222222222222:role/films", "a:b"), bad_name);
  EXPECT_EQ(
      refusal("short", "aa"),
      "400 ValidationError: 1 validation error detected: Value 'short' at 'roleArn' failed to "
      "satisfy constraint: Member must have length greater than or equal to 20");
  for (const char* arn :
       {"arn:aws:iam::1234:role/films", "arn:aws:iam::222222222222:user/films",
        "arn:aws:sqs::222222222222:role/films", "arn:aws:iam::222222222222:role/"})
    EXPECT_EQ(
        refusal(arn, "aa"),
        std::string("403 AccessDenied: User: arn:aws:iam::111111111111:root is not authorized "
                    "to perform: sts:AssumeRole on resource: ") +
            arn);
}

TEST_F(StsTest, session_tags_differ_in_more_than_case) {
  EXPECT_EQ(
      error_of_assume({.role_arn = role,
                       .role_session_name = "aa",
                       .tags = {{{.key = "Team", .value = "1"}, {.key = "team", .value = "2"}}}}),
      "400 InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
      "insensitive.");
  EXPECT_EQ(
      error_of_assume({.role_arn = role,
                       .role_session_name = "aa",
                       .tags = {{{.key = "Team", .value = "1"}, {.key = "Tea", .value = "2"}}}}),
      "no error");
}

TEST_F(StsTest, a_device_comes_with_its_code) {
  EXPECT_THAT(error_of_assume({.role_arn = role,
                               .role_session_name = "aa",
                               .serial_number = "arn:aws:iam::111111111111:mfa/ann"}),
              HasSubstr("403 AccessDenied: MultiFactorAuthentication failed"));
  EXPECT_EQ(error_of_assume({.role_arn = role,
                             .role_session_name = "aa",
                             .serial_number = "arn:aws:iam::111111111111:mfa/ann",
                             .token_code = "123456"}),
            "no error");
}

TEST_F(StsTest, policies_take_room_and_have_to_be_json) {
  EXPECT_EQ(error_of_assume({.role_arn = role, .role_session_name = "aa", .policy = "{"}),
            "400 MalformedPolicyDocument: The policy is not in the valid JSON format.");
  EXPECT_EQ(
      assume({.role_arn = role, .role_session_name = "aa", .policy = allow_all}).packed_policy_size,
      3);
  const std::string long_policy =
      R"({"Statement":[{"Effect":"Allow","Resource":"*","Action":"s3:)" + std::string(3000, 'x') +
      R"("}]})";
  EXPECT_THAT(
      error_of_assume({.role_arn = role, .role_session_name = "aa", .policy = long_policy}),
      HasSubstr("400 PackedPolicyTooLarge: Packed size of session tags and session policies "
                "consumes 150% of allotted space."));
}

TEST_F(StsTest, a_role_assumed_by_a_role_lasts_an_hour_at_most) {
  const Context session =
      act_as(*assume({.role_arn = role, .role_session_name = "first"}).credentials);
  const auto assume_next = [&](std::int32_t duration) {
    return call(&Service::assume_role,
                AssumeRoleRequest{.role_arn = "arn:aws:iam::333333333333:role/second",
                                  .role_session_name = "second",
                                  .duration_seconds = duration},
                session);
  };
  EXPECT_EQ(error_of([&] { assume_next(3601); }),
            "400 ValidationError: The requested DurationSeconds exceeds the 1 hour session limit "
            "for roles assumed by role chaining");
  EXPECT_EQ(identity_of(act_as(*assume_next(3600).credentials)).account, "333333333333");
}

TEST_F(StsTest, a_session_token_makes_its_holder_who_asked_for_it) {
  const Credentials credentials =
      *call(&Service::get_session_token, GetSessionTokenRequest{}, root).credentials;
  const Context session = act_as(credentials);
  EXPECT_EQ(identity_of(session).arn, "arn:aws:iam::111111111111:root");
  EXPECT_EQ(identity_of(session).user_id, "111111111111");
  EXPECT_EQ(error_of([&] { call(&Service::get_session_token, GetSessionTokenRequest{}, session); }),
            "403 AccessDenied: Cannot call GetSessionToken with session credentials");
  EXPECT_EQ(error_of([&] {
              call(&Service::get_federation_token, GetFederationTokenRequest{.name = "bob"},
                   session);
            }),
            "403 AccessDenied: Cannot call GetFederationToken with session credentials");
}

TEST_F(StsTest, a_federated_user_has_a_name_in_the_callers_account) {
  const auto response =
      call(&Service::get_federation_token, GetFederationTokenRequest{.name = "bob"}, root);
  EXPECT_EQ(response.federated_user->arn, "arn:aws:sts::111111111111:federated-user/bob");
  EXPECT_EQ(response.federated_user->federated_user_id, "111111111111:bob");
  EXPECT_EQ(response.packed_policy_size, 0);
  const auto identity = identity_of(act_as(*response.credentials));
  EXPECT_EQ(identity.arn, "arn:aws:sts::111111111111:federated-user/bob");
  EXPECT_EQ(identity.user_id, "111111111111:bob");
}

TEST_F(StsTest, a_web_identity_is_read_from_its_token) {
  const auto response = assume_with_web_identity(web_request(
      R"({"iss":"https://id.example","sub":"ann?~","aud":["films"],"exp":99999999999})"));
  EXPECT_EQ(response.subject_from_web_identity_token, "ann?~");
  EXPECT_EQ(response.provider, "https://id.example");
  EXPECT_EQ(response.audience, "films");
  EXPECT_EQ(identity_of(act_as(*response.credentials)).arn,
            "arn:aws:sts::222222222222:assumed-role/projector/web");
}

TEST_F(StsTest, policies_can_ask_for_the_own_claims_of_known_issuers) {
  const auto keys_of = [&](const std::string& issuer) {
    const auto response = assume_with_web_identity(
        web_request(R"({"iss":"https://)" + issuer +
                    R"(","sub":"s","aud":"a","exp":99999999999,"repository":"films/reel",)"
                    R"("actor_id":7,"ref_protected":true,"project_id":"9"})"));
    return act_as(*response.credentials).session->provider_keys;
  };
  const auto of_github = keys_of("token.actions.githubusercontent.com");
  EXPECT_THAT(of_github.at("token.actions.githubusercontent.com:repository"),
              testing::ElementsAre("films/reel"));
  EXPECT_THAT(of_github.at("token.actions.githubusercontent.com:actor_id"),
              testing::ElementsAre("7"));
  EXPECT_FALSE(of_github.contains("token.actions.githubusercontent.com:project_id"));
  const auto of_gitlab = keys_of("gitlab.com");
  EXPECT_THAT(of_gitlab.at("gitlab.com:ref_protected"), testing::ElementsAre("true"));
  EXPECT_THAT(of_gitlab.at("gitlab.com:project_id"), testing::ElementsAre("9"));
  const auto of_others = keys_of("id.example");
  EXPECT_FALSE(of_others.contains("id.example:repository"));
}

TEST_F(StsTest, a_token_that_is_none_or_has_expired_gives_no_credentials) {
  EXPECT_THAT(error_of_web("no JSON"),
              HasSubstr("400 InvalidIdentityToken: The ID Token provided"));
  EXPECT_EQ(error_of_web(R"({"iss":"i","sub":"s","exp":99999999999})"),
            "400 InvalidIdentityToken: Missing a required claim: aud");
  EXPECT_EQ(error_of_web(R"({"iss":"i","sub":"s","aud":"a"})"),
            "400 InvalidIdentityToken: Missing a required claim: exp");
  EXPECT_THAT(error_of_web(R"({"iss":"i","sub":"s","aud":"a","exp":1000})"),
              HasSubstr("must be before the expiration date/time 1000"));
  const AssumeRoleWithWebIdentityRequest opaque{
      .role_arn = role, .role_session_name = "web", .web_identity_token = "opaque"};
  EXPECT_THAT(error_of([&] { assume_with_web_identity(opaque); }),
              HasSubstr("400 InvalidIdentityToken"));
}

TEST_F(StsTest, an_access_key_tells_the_account_in_which_it_acts) {
  const auto account_of = [&](const std::string& key) {
    return call(&Service::get_access_key_info, GetAccessKeyInfoRequest{.access_key_id = key}, root)
        .account;
  };
  for (const char* account : {"000000000000", "222222222222", "999999999999"}) {
    const auto response = assume({.role_arn = std::string("arn:aws:iam::") + account + ":role/x",
                                  .role_session_name = "aa"});
    EXPECT_EQ(account_of(response.credentials->access_key_id), account);
  }
  EXPECT_EQ(account_of("AKIAIOSFODNN7EXAMPLE"), "000000000000");
  EXPECT_EQ(account_of("ASIA000000000000000!"), "000000000000");
}

TEST_F(StsTest, no_message_is_one_of_ours) {
  EXPECT_EQ(error_of([&] {
              call(&Service::decode_authorization_message,
                   DecodeAuthorizationMessageRequest{.encoded_message = "abc"}, root);
            }),
            "400 InvalidAuthorizationMessageException: Message is not valid");
}

}  // namespace matinee::sts

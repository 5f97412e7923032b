// Roles that IAM knows, and what their sessions carry.
#include "services/sts/service_fixture.h"

namespace matinee::sts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class StsRolesTest : public StsTest {
 protected:
  StsRolesTest() {
    neighbours.directory = &directory;
    add_role(R"("Principal":{"AWS":"arn:aws:iam::111111111111:user/staff/ann"})");
    add_user(allow_all);
    require_trust();
  }

  void add_role(const std::string& principal, const std::string& rest = "",
                const std::string& actions = R"("sts:AssumeRole")") {
    identity::Identity known{.arn = role,
                             .id = "AROAPROJECTOR",
                             .account = "222222222222",
                             .name = "projector",
                             .path = "/team/",
                             .tags = {{"floor", "2"}},
                             .max_session_seconds = 7'200};
    known.trust = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)" + principal +
                  R"(,"Action":[)" + actions + "]" + rest + "}]}";
    auto document = policy::parse(known.trust, policy::Kind::trust);
    ASSERT_TRUE(document.has_value()) << document.error().message;
    known.trust_document = std::make_shared<const policy::Document>(*document);
    directory.roles["projector"] = std::make_shared<const identity::Identity>(known);
  }
  void add_user(const std::string& policy) {
    identity::Identity known{.arn = ann.caller_arn,
                             .id = ann.caller_id,
                             .account = ann.account,
                             .name = "ann",
                             .path = "/staff/",
                             .tags = {{"team", "films"}}};
    if (!policy.empty()) {
      auto document = policy::parse(policy, policy::Kind::identity);
      ASSERT_TRUE(document.has_value()) << document.error().message;
      known.policies.push_back(
          {.name = "all", .document = std::make_shared<const policy::Document>(*document)});
    }
    directory.users["ann"] = std::make_shared<const identity::Identity>(known);
  }
  void require_trust(services::IamMode trust = services::IamMode::enforce) {
    neighbours.iam = trust;
    service.reset();
    store.reset();
    machine.restart();
    start();
  }
  AssumeRoleRequest wanted() { return {.role_arn = role, .role_session_name = "evening"}; }
  AssumeRoleResponse assume_as(const Context& context, const AssumeRoleRequest& request) {
    return call(&Service::assume_role, request, context);
  }
  std::string refusal(const Context& context, const AssumeRoleRequest& request) {
    return error_of([&] { assume_as(context, request); });
  }
  const std::string denied =
      "403 AccessDenied: User: arn:aws:iam::111111111111:user/staff/ann is not authorized to "
      "perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/team/projector";
};

TEST_F(StsRolesTest, a_role_of_iam_has_its_own_id_and_longest_session) {
  const auto response = assume_as(ann, wanted());
  EXPECT_EQ(response.assumed_role_user->assumed_role_id, "AROAPROJECTOR:evening");
  AssumeRoleRequest longer = wanted();
  longer.duration_seconds = 7'200;
  EXPECT_EQ(refusal(ann, longer), "no error");
  longer.duration_seconds = 7'201;
  EXPECT_EQ(refusal(ann, longer),
            "400 ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set "
            "for this role.");
}

TEST_F(StsRolesTest, its_longest_session_does_not_limit_what_services_take_on) {
  require_trust(services::IamMode::off);
  storage::Transaction transaction(*store);
  const services::RoleCredentials credentials =
      service->take_on({.role = wanted().role_arn,
                        .session_name = "function",
                        .service = "lambda.amazonaws.com",
                        .source_arn = "arn:aws:lambda:us-east-1:222222222222:function:f",
                        .seconds = 12 * 3'600});
  transaction.commit();
  EXPECT_FALSE(credentials.token.empty());
}

TEST_F(StsRolesTest, a_role_that_does_not_exist_is_refused_as_one_that_trusts_nobody) {
  directory.roles.clear();
  EXPECT_EQ(refusal(ann, wanted()), denied);
  require_trust(services::IamMode::off);
  EXPECT_EQ(refusal(ann, wanted()), "no error");
}

TEST_F(StsRolesTest, both_accounts_have_to_allow_it) {
  EXPECT_EQ(refusal(ann, wanted()), "no error");
  add_user("");
  EXPECT_EQ(refusal(ann, wanted()), denied);
  add_user(allow_all);
  add_role(R"("Principal":{"AWS":"arn:aws:iam::111111111111:user/staff/bob"})");
  EXPECT_EQ(refusal(ann, wanted()), denied);
  require_trust(services::IamMode::observe);
  EXPECT_EQ(refusal(ann, wanted()), "no error");
}

TEST_F(StsRolesTest, a_root_user_assumes_roles_only_where_policies_do_not_decide) {
  add_role(R"("Principal":{"AWS":"*"})");
  const std::string root_denied = "403 AccessDenied: Roles may not be assumed by root accounts.";
  EXPECT_EQ(refusal(root, wanted()), root_denied);
  const auto response = call(&Service::get_session_token, GetSessionTokenRequest{}, root);
  EXPECT_EQ(refusal(act_as(*response.credentials), wanted()), root_denied);
  for (const services::IamMode mode : {services::IamMode::observe, services::IamMode::off}) {
    require_trust(mode);
    EXPECT_EQ(refusal(root, wanted()), "no error");
  }
}

TEST_F(StsRolesTest, an_external_id_is_the_one_that_the_role_asks_for) {
  add_role(R"("Principal":{"AWS":"111111111111"})",
           R"(,"Condition":{"StringEquals":{"sts:ExternalId":"42x"}})");
  EXPECT_EQ(refusal(ann, wanted()), denied);
  AssumeRoleRequest request = wanted();
  request.external_id = "43x";
  EXPECT_EQ(refusal(ann, request), denied);
  request.external_id = "42x";
  EXPECT_EQ(refusal(ann, request), "no error");
}

TEST_F(StsRolesTest, tags_and_source_identities_need_permissions_of_their_own) {
  AssumeRoleRequest request = wanted();
  request.tags = {{{.key = "Team", .value = "films"}}};
  EXPECT_THAT(refusal(ann, request), HasSubstr("perform: sts:TagSession on resource: "));
  request.source_identity = "ann";
  add_role(R"("Principal":{"AWS":"111111111111"})", "", R"("sts:AssumeRole","sts:TagSession")");
  EXPECT_THAT(refusal(ann, request), HasSubstr("perform: sts:SetSourceIdentity on resource: "));
  add_role(R"("Principal":{"AWS":"111111111111"})",
           R"(,"Condition":{"StringEquals":{"aws:RequestTag/team":"${aws:PrincipalTag/team}"}})",
           R"("sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity")");
  const auto response = assume_as(ann, request);
  EXPECT_EQ(response.source_identity, "ann");
  const Context session = act_as(*response.credentials);
  EXPECT_THAT(session.session->tags, ElementsAre(Pair("Team", "films")));
  EXPECT_EQ(session.session->source_identity, "ann");
}

TEST_F(StsRolesTest, transitive_tags_and_the_source_identity_go_on_to_the_next_role) {
  require_trust(services::IamMode::off);
  AssumeRoleRequest request = wanted();
  request.tags = {{{.key = "Team", .value = "films"}, {.key = "Shift", .value = "late"}}};
  request.transitive_tag_keys = {{"team"}};
  request.source_identity = "ann";
  const Context first = act_as(*assume_as(ann, request).credentials);
  EXPECT_THAT(first.session->transitive_keys, ElementsAre("Team"));
  const auto response = assume_as(
      first, {.role_arn = "arn:aws:iam::333333333333:role/next", .role_session_name = "next"});
  EXPECT_EQ(response.source_identity, "ann");
  EXPECT_TRUE(response.packed_policy_size.has_value());
  const Context next = act_as(*response.credentials);
  EXPECT_THAT(next.session->tags, ElementsAre(Pair("Team", "films")));
  EXPECT_TRUE(next.session->is_chained);
  EXPECT_EQ(refusal(first, {.role_arn = role,
                            .role_session_name = "next",
                            .tags = {{{.key = "TEAM", .value = "other"}}}}),
            "400 InvalidParameterValue: One of the specified transitive tag keys can't be set "
            "because it conflicts with a transitive tag key from the calling session.");
  EXPECT_THAT(
      refusal(first, {.role_arn = role, .role_session_name = "next", .source_identity = "bob"}),
      HasSubstr("403 AccessDenied: "));
}

TEST_F(StsRolesTest, a_transitive_key_is_that_of_a_tag) {
  AssumeRoleRequest request = wanted();
  request.tags = {{{.key = "Team", .value = "films"}}};
  request.transitive_tag_keys = {{"Shift"}};
  EXPECT_EQ(refusal(ann, request),
            "400 InvalidParameterValue: The specified transitive tag key must be included in the "
            "requested tags.");
}

TEST_F(StsRolesTest, session_policies_are_kept_in_the_token) {
  require_trust(services::IamMode::off);
  AssumeRoleRequest request = wanted();
  request.policy = allow_all;
  request.policy_arns = {{{.arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"}}};
  const Context session = act_as(*assume_as(ann, request).credentials);
  EXPECT_EQ(session.session->policy, allow_all);
  EXPECT_THAT(session.session->policy_arns, ElementsAre("arn:aws:iam::aws:policy/ReadOnlyAccess"));
}

TEST_F(StsRolesTest, a_session_may_not_do_more_than_its_policies) {
  add_role(R"("Principal":{"AWS":"111111111111"})");
  const auto response = call(&Service::get_federation_token,
                             GetFederationTokenRequest{.name = "guest", .policy = allow_all}, ann);
  const Context guest = act_as(*response.credentials);
  EXPECT_EQ(guest.session->issuer_arn, ann.caller_arn);
  const auto nobody =
      call(&Service::get_federation_token, GetFederationTokenRequest{.name = "guest"}, ann);
  EXPECT_THAT(refusal(act_as(*nobody.credentials), wanted()),
              HasSubstr("User: arn:aws:sts::111111111111:federated-user/guest is not authorized"));
}

TEST_F(StsRolesTest, the_longest_token_fits_into_a_header) {
  require_trust(services::IamMode::off);
  AssumeRoleRequest request = wanted();
  std::string actions;
  for (int i = 0; actions.size() < 1'800; ++i) {
    if (i > 0) actions += ",";
    actions += "\"service" + std::to_string(i * 7919) + ":Act" + std::to_string(i * 104'729) + "\"";
  }
  request.policy =
      R"({"Statement":[{"Effect":"Allow","Resource":"*","Action":[)" + actions + "]}]}";
  const Credentials credentials = *assume_as(ann, request).credentials;
  EXPECT_LT(credentials.session_token.size(), 4'000u);
  EXPECT_EQ(act_as(credentials).session->policy, request.policy);
  request.minimum_session_token_size = 4'096;
  const Credentials padded = *assume_as(ann, request).credentials;
  EXPECT_GE(padded.session_token.size(), 4'096u);
  EXPECT_LT(padded.session_token.size(), 4'110u);
}

TEST_F(StsRolesTest, a_session_token_of_a_user_is_that_user) {
  const auto response = call(&Service::get_session_token, GetSessionTokenRequest{}, ann);
  const Context session = act_as(*response.credentials);
  EXPECT_EQ(session.user_name(), "ann");
  EXPECT_EQ(identity_of(session).user_id, "AIDAEXAMPLE");
  EXPECT_EQ(identity_of(session).arn, ann.caller_arn);
}

TEST_F(StsRolesTest, a_device_that_nobody_knows_proves_nothing) {
  AssumeRoleRequest request = wanted();
  request.serial_number = "arn:aws:iam::111111111111:mfa/ann";
  request.token_code = "123456";
  EXPECT_EQ(refusal(ann, request),
            "403 AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  "
            "Please verify your MFA serial number is valid and associated with this user.");
}

}  // namespace
}  // namespace matinee::sts

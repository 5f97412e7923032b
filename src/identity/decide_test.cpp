// Who may do what, by the policies of all sides.
#include "identity/decide_fixture.h"

namespace matinee::identity {

using Decide = DecideTest;

constexpr char no_identity[] = "because no identity-based policy allows the sqs:SendMessage action";
constexpr char no_resource[] = "because no resource-based policy allows the sqs:SendMessage action";
constexpr char no_boundary[] = "because no permissions boundary allows the sqs:SendMessage action";
constexpr char no_session[] = "because no session policy allows the sqs:SendMessage action";

TEST_F(Decide, nobody_but_root_may_do_what_nothing_allows) {
  be_user();
  EXPECT_EQ(outcome(), no_identity);
  be_session();
  EXPECT_EQ(outcome(), no_identity);
  be_federated();
  EXPECT_EQ(outcome(), no_identity);
  be_service();
  EXPECT_EQ(outcome(), no_resource);
  principal = {};
  EXPECT_EQ(outcome(), no_resource);
  be_root();
  EXPECT_EQ(outcome(), "allowed");
}

TEST_F(Decide, a_policy_of_the_user_allows) {
  be_user();
  policies = {attached(allow("s3:*")), attached(allow("sqs:Send*"))};
  EXPECT_EQ(outcome(), "allowed");
  EXPECT_EQ(ask().policy->text, policies[1].text);
  action = "sqs:DeleteQueue";
  EXPECT_EQ(outcome(), "because no identity-based policy allows the sqs:DeleteQueue action");
}

TEST_F(Decide, a_denial_goes_before_everything_and_managed_policies_are_named) {
  be_user();
  policies = {attached(deny("*")), attached(allow("*"))};
  resource_says(resource_allows(R"("*")"));
  EXPECT_EQ(outcome(), "with an explicit deny in an identity-based policy");
  policies = {attached(allow("*")), attached(deny("*"), "arn:aws:iam::aws:policy/No")};
  EXPECT_EQ(outcome(),
            "with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/No");
  policies = {attached(allow("*"))};
  EXPECT_EQ(outcome(), "allowed");
  boundary = attached(deny("sqs:*"));
  EXPECT_EQ(outcome(), "with an explicit deny in a permissions boundary");
  boundary.reset();
  session = {attached(deny("sqs:*"))};
  EXPECT_EQ(outcome(), "with an explicit deny in a sessions policy");
  session.clear();
  resource_says(resource_denies(R"({"AWS":"111122223333"})"));
  EXPECT_EQ(outcome(), "with an explicit deny in a resource-based policy");
  be_root();
  EXPECT_EQ(outcome(), "with an explicit deny in a resource-based policy");
}

TEST_F(Decide, a_boundary_and_the_policies_of_a_session_limit_what_the_identity_may) {
  be_session();
  policies = {attached(allow("*"))};
  boundary = attached(allow("s3:*"));
  EXPECT_EQ(outcome(), no_boundary);
  boundary = attached(allow("sqs:*"));
  EXPECT_EQ(outcome(), "allowed");
  session = {attached(allow("s3:*"))};
  EXPECT_EQ(outcome(), no_session);
  session.push_back(attached(allow("sqs:*")));
  EXPECT_EQ(outcome(), "allowed") << "what one of the session's policies allows";
  policies.clear();
  EXPECT_EQ(outcome(), no_identity) << "a limit gives nothing";
}

TEST_F(Decide, whom_the_resource_names_directly_needs_nothing_else_in_its_account) {
  boundary = attached(allow("s3:*"));
  session = {attached(allow("s3:*"))};
  be_user();
  resource_says(resource_allows(R"({"AWS":"arn:aws:iam::111122223333:user/bob"})"));
  EXPECT_EQ(outcome(), "allowed");
  be_session();
  resource_says(
      resource_allows(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/clerk/monday"})"));
  EXPECT_EQ(outcome(), "allowed");
  be_federated();
  resource_says(resource_allows(R"({"AWS":"arn:aws:sts::111122223333:federated-user/eve"})"));
  EXPECT_EQ(outcome(), "allowed");
  resource_says(resource_allows(R"("*")"));
  EXPECT_EQ(outcome(), "allowed");
}

TEST_F(Decide, a_role_that_the_resource_names_stays_within_its_limits) {
  be_session();
  resource_says(resource_allows(R"({"AWS":"arn:aws:iam::111122223333:role/shop/clerk"})"));
  EXPECT_EQ(outcome(), "allowed") << "without a policy of its own";
  boundary = attached(allow("s3:*"));
  EXPECT_EQ(outcome(), no_boundary);
  boundary.reset();
  session = {attached(allow("s3:*"))};
  EXPECT_EQ(outcome(), no_session);
  session.clear();
  resource_says(resource_allows(R"({"AWS":"arn:aws:iam::111122223333:role/clerk"})"));
  EXPECT_EQ(outcome(), no_identity) << "a role of another path is another role";
}

TEST_F(Decide, an_account_that_the_resource_names_decides_by_its_own_policies) {
  be_user();
  resource_says(resource_allows(R"({"AWS":"arn:aws:iam::111122223333:root"})"));
  EXPECT_EQ(outcome(), no_identity);
  policies = {attached(allow("sqs:*"))};
  EXPECT_EQ(outcome(), "allowed");
}

TEST_F(Decide, a_federated_user_may_do_what_its_user_and_its_session_may_both) {
  be_federated();
  policies = {attached(allow("*"))};
  EXPECT_EQ(outcome(), no_session);
  session = {attached(allow("sqs:*"))};
  EXPECT_EQ(outcome(), "allowed");
  policies.clear();
  EXPECT_EQ(outcome(), no_identity);
  resource_says(resource_allows(R"({"AWS":"arn:aws:iam::111122223333:user/bob"})"));
  EXPECT_EQ(outcome(), "allowed");
  session.clear();
  EXPECT_EQ(outcome(), no_session) << "its user is named, not itself";
}

TEST_F(Decide, across_accounts_both_sides_must_allow) {
  target.account = "444455556666";
  be_user();
  EXPECT_EQ(outcome(), no_identity);
  policies = {attached(allow("*"))};
  EXPECT_EQ(outcome(), no_resource);
  for (const std::string who :
       {R"("*")", R"({"AWS":"111122223333"})", R"({"AWS":"arn:aws:iam::111122223333:user/bob"})"}) {
    policies = {attached(allow("*"))};
    resource_says(resource_allows(who));
    EXPECT_EQ(outcome(), "allowed") << who;
    policies.clear();
    EXPECT_EQ(outcome(), no_identity) << who;
  }
  policies = {attached(allow("*"))};
  boundary = attached(allow("s3:*"));
  EXPECT_EQ(outcome(), no_boundary);
  be_root();
  resource_says(resource_allows(R"({"AWS":"111122223333"})"));
  EXPECT_EQ(outcome(), "allowed");
  resource_policy.reset();
  EXPECT_EQ(outcome(), no_resource);
}

TEST_F(Decide, a_key_or_a_role_is_ruled_by_its_own_policy) {
  target.policy_rules = true;
  be_user();
  policies = {attached(allow("*"))};
  EXPECT_EQ(outcome(), no_resource);
  resource_says(resource_allows(R"({"AWS":"arn:aws:iam::111122223333:root"})"));
  EXPECT_EQ(outcome(), "allowed") << "which leaves it to the account";
  policies.clear();
  EXPECT_EQ(outcome(), no_identity);
  resource_says(resource_allows(R"({"AWS":"arn:aws:iam::111122223333:user/bob"})"));
  EXPECT_EQ(outcome(), "allowed");
  be_root();
  EXPECT_EQ(outcome(), no_resource);
  resource_says(resource_allows(R"({"AWS":"111122223333"})"));
  EXPECT_EQ(outcome(), "allowed");
  target.is_trust_policy = true;
  resource_says(resource_denies(R"("*")"));
  EXPECT_EQ(outcome(), "with an explicit deny in the role trust policy");
}

TEST_F(Decide, what_is_let_in_by_other_means_needs_no_policy_of_the_resource) {
  target.let_in = true;
  target.policy_rules = true;
  be_user();
  EXPECT_EQ(outcome(), "allowed");
  target.account = "444455556666";
  EXPECT_EQ(outcome(), no_identity);
  policies = {attached(allow("*"))};
  EXPECT_EQ(outcome(), "allowed");
}

TEST_F(Decide, a_service_is_let_in_by_the_resource_alone) {
  be_service();
  resource_says(resource_allows(R"({"Service":"s3.amazonaws.com"})"));
  EXPECT_EQ(outcome(), "allowed");
  resource_says(resource_allows(R"({"Service":"sns.amazonaws.com"})"));
  EXPECT_EQ(outcome(), no_resource);
}

TEST_F(Decide, refusals_say_who_and_what_and_why) {
  be_session();
  EXPECT_EQ(refusal(),
            "User: arn:aws:sts::111122223333:assumed-role/clerk/monday is not authorized to "
            "perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:111122223333:tickets "
            "because no identity-based policy allows the sqs:SendMessage action");
  action = "sqs:ListQueues";
  resource = "*";
  EXPECT_EQ(refusal(),
            "User: arn:aws:sts::111122223333:assumed-role/clerk/monday is not authorized to "
            "perform: sqs:ListQueues because no identity-based policy allows the sqs:ListQueues "
            "action");
  be_service();
  EXPECT_TRUE(refusal().starts_with("User: s3.amazonaws.com is not authorized"));
}

TEST_F(Decide, what_was_looked_at_can_be_told_statement_by_statement) {
  be_user();
  policies = {attached(allow("sqs:*")), attached(allow("s3:*")),
              attached(one(R"("Effect":"Deny","Action":"*","Resource":"*",)"
                           R"("Condition":{"Bool":{"aws:SecureTransport":"false"}})"))};
  resource_says(resource_allows(R"({"AWS":"444455556666"})"));
  using Element = policy::Mismatch::Element;
  const policy::Keys keys = find_values();
  const auto all = examine_all(ask_with(keys));
  ASSERT_EQ(all.size(), 4);
  EXPECT_EQ(all[0].mismatch.element, Element::none);
  EXPECT_EQ(all[1].mismatch.element, Element::action);
  EXPECT_EQ(all[2].mismatch.element, Element::condition);
  EXPECT_EQ(all[2].mismatch.condition->key_as_written, "aws:SecureTransport");
  EXPECT_EQ(all[3].mismatch.element, Element::principal);
  EXPECT_EQ(all[3].part, Part::resource);
  EXPECT_EQ(find_matches(ask_with(keys)).size(), 1);
}

TEST_F(Decide, policies_of_identities_see_the_keys_of_the_request) {
  be_user();
  policies = {attached(
      one(R"("Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:${aws:username}-*")"))};
  resource = "arn:aws:sqs:us-east-1:111122223333:bob-in";
  EXPECT_EQ(outcome(), no_identity);
  values["aws:username"] = {"bob"};
  EXPECT_EQ(outcome(), "allowed");
  values["aws:username"] = {"*"};
  EXPECT_EQ(outcome(), no_identity);
}

}  // namespace matinee::identity

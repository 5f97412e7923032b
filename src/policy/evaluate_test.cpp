// What policies say of requests.
#include "policy/policy_fixture.h"

namespace matinee::policy {

using Evaluation = PolicyTest;

constexpr char all_of_it[] = R"("Action":"*","Resource":"*")";

TEST_F(Evaluation, what_no_statement_is_about_is_neither_allowed_nor_denied) {
  EXPECT_EQ(verdict(allow(R"("Principal":"*","Action":"s3:PutObject","Resource":"*")")), "none");
}

TEST_F(Evaluation, a_denial_goes_before_any_permission) {
  const std::string allows_all =
      R"({"Sid":"yes","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"})";
  const std::string denies =
      R"({"Sid":"no","Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"})";
  EXPECT_EQ(verdict(R"({"Statement":[)" + allows_all + "," + denies + "]}"), "deny no");
  EXPECT_EQ(verdict(R"({"Statement":[)" + denies + "," + allows_all + "]}"), "deny no");
  action = "s3:PutObject";
  EXPECT_EQ(verdict(R"({"Statement":[)" + denies + "," + allows_all + "]}"), "allow yes");
}

TEST_F(Evaluation, actions_have_no_case_and_resources_do) {
  EXPECT_TRUE(allows(allow(R"("Principal":"*","Action":"S3:getobject","Resource":"*")")));
  EXPECT_TRUE(allows(allow(R"("Principal":"*","Action":"s3:G?t*","Resource":"*")")));
  EXPECT_FALSE(
      allows(allow(R"("Principal":"*","Action":"*","Resource":"arn:aws:s3:::films/NEW/a.txt")")));
  EXPECT_TRUE(
      allows(allow(R"("Principal":"*","Action":"*","Resource":"arn:aws:s3:::films/*.txt")")));
}

TEST_F(Evaluation, the_negated_elements_are_about_everything_else) {
  EXPECT_FALSE(allows(allow(R"("Principal":"*","NotAction":"s3:Get*","Resource":"*")")));
  EXPECT_TRUE(allows(allow(R"("Principal":"*","NotAction":"s3:Put*","Resource":"*")")));
  EXPECT_FALSE(
      allows(allow(R"("Principal":"*","Action":"*","NotResource":"arn:aws:s3:::films/*")")));
  const std::string others = statement(
      std::string(R"("Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},)") + all_of_it);
  EXPECT_EQ(verdict(others), "none");
  caller.account = "444455556666";
  EXPECT_EQ(verdict(others), "deny one");
}

TEST_F(Evaluation, principals_are_compared_with_the_caller) {
  const auto admits = [&](const std::string& principal) {
    return allows(allow(R"("Principal":)" + principal + "," + all_of_it));
  };
  EXPECT_TRUE(admits(R"("*")"));
  EXPECT_TRUE(admits(R"({"AWS":"*"})"));
  EXPECT_TRUE(admits(R"({"AWS":"111122223333"})"));
  EXPECT_TRUE(admits(R"({"AWS":["444455556666","arn:aws:iam::111122223333:root"]})"));
  EXPECT_FALSE(admits(R"({"AWS":"444455556666"})"));
  EXPECT_FALSE(admits(R"({"Service":"s3.amazonaws.com"})"));
  EXPECT_FALSE(admits(R"({"AWS":"arn:aws:iam::111122223333:user/bob"})"));
  caller.arn = "arn:aws:iam::111122223333:user/bob";
  EXPECT_TRUE(admits(R"({"AWS":"arn:aws:iam::111122223333:user/bob"})"));
  caller.arn = "arn:aws:sts::111122223333:assumed-role/projector/session";
  EXPECT_TRUE(admits(R"({"AWS":"arn:aws:iam::111122223333:role/path/projector"})"));
  EXPECT_FALSE(admits(R"({"AWS":"arn:aws:iam::444455556666:role/projector"})"));
  caller = {.canonical_id = "79a5"};
  EXPECT_TRUE(admits(R"({"CanonicalUser":"79a5"})"));
}

TEST_F(Evaluation, an_anonymous_caller_is_only_everyone) {
  caller = {};
  EXPECT_TRUE(caller.anonymous());
  EXPECT_TRUE(allows(allow(std::string(R"("Principal":"*",)") + all_of_it)));
  EXPECT_FALSE(allows(allow(std::string(R"("Principal":{"AWS":"111122223333"},)") + all_of_it)));
}

TEST_F(Evaluation, a_service_is_let_in_for_its_source) {
  caller = {.service = "s3.amazonaws.com"};
  values["aws:sourcearn"] = {"arn:aws:s3:::films"};
  const auto for_source = [](const std::string& arn) {
    return allow(R"("Principal":{"Service":"s3.amazonaws.com"},"Action":"*","Resource":"*",)"
                 R"("Condition":{"ArnLike":{"aws:SourceArn":")" +
                 arn + R"("}})");
  };
  EXPECT_TRUE(allows(for_source("arn:aws:s3:*:*:films")));
  EXPECT_FALSE(allows(for_source("arn:aws:s3:*:*:books")));
}

TEST_F(Evaluation, variables_stand_for_what_the_request_has) {
  values["aws:username"] = {"new"};
  const std::string home = R"("Effect":"Allow","Principal":"*","Action":"*",)"
                           R"("Resource":"arn:aws:s3:::films/${aws:username}/*")";
  EXPECT_TRUE(allows(statement(home)));
  EXPECT_EQ(verdict(R"({"Version":"2008-10-17","Statement":{)" + home + "}}"), "none")
      << "the older version has no variables";
  values["aws:username"] = {"n*"};
  EXPECT_FALSE(allows(statement(home))) << "a variable's value is not a pattern";
  values.erase("aws:username");
  EXPECT_FALSE(allows(statement(home)));
  EXPECT_TRUE(allows(allow(
      R"("Principal":"*","Action":"*","Resource":"arn:aws:s3:::films/${aws:username, 'new'}/*")")));
}

TEST_F(Evaluation, marked_wildcards_are_plain_characters) {
  resource = "arn:aws:s3:::films/a*b?c$d";
  EXPECT_TRUE(allows(
      allow(R"("Principal":"*","Action":"*","Resource":"arn:aws:s3:::films/a${*}b${?}c${$}d")")));
  resource = "arn:aws:s3:::films/axb?c$d";
  EXPECT_FALSE(allows(
      allow(R"("Principal":"*","Action":"*","Resource":"arn:aws:s3:::films/a${*}b${?}c${$}d")")));
}

TEST_F(Evaluation, the_owners_account_may_do_what_nobody_denies_and_others_what_somebody_allows) {
  const Keys keys = find_values();
  const auto decide = [&](const std::string& owner, const Document* policy) {
    return authorize({.account = owner, .policy = policy}, request(keys));
  };
  using Reason = Decision::Reason;
  EXPECT_EQ(decide("111122223333", nullptr).reason, Reason::same_account);
  EXPECT_EQ(decide("444455556666", nullptr).reason, Reason::no_policy_allows);
  document = read(allow(std::string(R"("Principal":{"AWS":"111122223333"},)") + all_of_it));
  EXPECT_EQ(decide("444455556666", &document).reason, Reason::statement_allows);
  document = read(statement(std::string(R"("Effect":"Deny","Principal":"*",)") + all_of_it));
  const Decision denied = decide("111122223333", &document);
  EXPECT_FALSE(denied.allowed());
  EXPECT_EQ(denied.statement->sid, "one");
  EXPECT_EQ(explain(denied, action), "with an explicit deny in a resource-based policy");
  caller = {};
  EXPECT_EQ(decide("", nullptr).reason, Reason::no_policy_allows) << "nobody owns what nobody owns";
}

}  // namespace matinee::policy

// Which texts are policies.
#include "policy/policy_fixture.h"

namespace matinee::policy {

using Parsing = PolicyTest;

constexpr char rest[] = R"("Principal":"*","Action":"s3:*","Resource":"*")";

TEST_F(Parsing, a_statement_may_stand_alone_or_in_a_list) {
  EXPECT_EQ(read(allow(rest)).statements.size(), 1);
  const std::string one = std::string(R"({"Effect":"Deny",)") + rest + "}";
  const Document two = read(R"({"Id":"both","Statement":[)" + one + "," + one + "]}");
  EXPECT_EQ(two.statements.size(), 2);
  EXPECT_EQ(two.id, "both");
  EXPECT_FALSE(two.has_variables) << "the version is 2008-10-17 where it is left out";
}

TEST_F(Parsing, principals_are_read_in_all_of_their_forms) {
  const Document read_document = read(allow(
      R"("Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:root",)"
      R"("arn:aws:iam::111122223333:user/a/bob","arn:aws:sts::111122223333:assumed-role/r/s"],)"
      R"("Service":"s3.amazonaws.com","Federated":"accounts.google.com","CanonicalUser":"79a5"},)"
      R"("Action":"s3:*","Resource":"*")"));
  const Principals& principals = *read_document.statements.front().principals;
  EXPECT_EQ(principals.accounts, (std::vector<std::string>{"111122223333", "444455556666"}));
  EXPECT_EQ(principals.arns.size(), 2);
  EXPECT_EQ(principals.services, std::vector<std::string>{"s3.amazonaws.com"});
  EXPECT_EQ(principals.federated, std::vector<std::string>{"accounts.google.com"});
  EXPECT_EQ(principals.canonical, std::vector<std::string>{"79a5"});
  EXPECT_FALSE(principals.everyone);
}

TEST_F(Parsing, what_is_no_json_object_is_no_policy) {
  const std::string message = "Policies must be valid JSON and the first byte must be '{'";
  EXPECT_EQ(fault_of(""), message);
  EXPECT_EQ(fault_of("[]"), message);
  EXPECT_EQ(fault_of("{"), message);
  EXPECT_EQ(fault_of(allow(rest) + "x"), message);
}

TEST_F(Parsing, white_space_may_stand_around_a_policy) {
  EXPECT_EQ(fault_of("\n\t {}"), "Missing required field Statement");
  EXPECT_EQ(fault_of("{} \n"), "Missing required field Statement");
}

TEST_F(Parsing, what_is_missing_is_named) {
  EXPECT_EQ(fault_of("{}"), "Missing required field Statement");
  EXPECT_EQ(fault_of(R"({"Statement":[]})"), "Missing required field Statement");
  EXPECT_EQ(fault_of(statement(rest)), "Missing required field Effect");
  EXPECT_EQ(fault_of(allow(R"("Action":"s3:*","Resource":"*")")),
            "Missing required field Principal");
  EXPECT_EQ(fault_of(allow(R"("Principal":"*","Resource":"*")")), "Missing required field Action");
}

TEST_F(Parsing, what_makes_no_sense_is_refused) {
  EXPECT_EQ(fault_of(R"({"Version":"2013-01-01","Statement":[]})"),
            "The policy must contain a valid version string");
  EXPECT_EQ(fault_of(allow(std::string(R"("Colour":"red",)") + rest)), "Unknown field Colour");
  EXPECT_EQ(fault_of(R"({"Colour":"red"})"), "Unknown field Colour");
  EXPECT_EQ(fault_of(statement(std::string(R"("Effect":"Perhaps",)") + rest)),
            "Invalid effect: Perhaps");
  EXPECT_EQ(fault_of(allow(std::string(R"("NotAction":"s3:*",)") + rest)),
            "Invalid policy syntax: Action");
  EXPECT_EQ(fault_of(allow(R"("Principal":"*","Action":[],"Resource":"*")")),
            "Policy has invalid action");
  EXPECT_EQ(fault_of(on_condition(R"({"StringIs":{"a":"b"}})")),
            "Invalid Condition type : StringIs");
  EXPECT_EQ(fault_of(on_condition(R"({"NullIfExists":{"a":"true"}})")),
            "Invalid Condition type : NullIfExists");
}

TEST_F(Parsing, only_somebody_in_particular_or_everyone_is_a_principal) {
  for (const std::string principal :
       {R"("bob")", R"({"AWS":"bob"})", R"({"AWS":"arn:aws:iam::1:root"})", R"({})",
        R"({"AWS":[]})", R"({"AWS":"arn:aws:iam::111122223333:user/*"})",
        R"({"AWS":"arn:aws:s3:::films"})", R"({"Person":"x"})", R"(["*"])",
        R"({"AWS":"arn:aws:iam::111122223333:group/g"})"})
    EXPECT_EQ(fault_of(allow(R"("Action":"s3:*","Resource":"*","Principal":)" + principal)),
              "Invalid principal in policy")
        << principal;
}

TEST_F(Parsing, values_of_conditions_may_be_numbers_and_booleans) {
  const Document document_read =
      read(on_condition(R"({"Bool":{"A":true},"NumericLessThan":{"B":[1,2.5]}})"));
  const auto& conditions = document_read.statements.front().conditions;
  EXPECT_EQ(conditions[0].values, std::vector<std::string>{"true"});
  EXPECT_EQ(conditions[0].key, "a");
  EXPECT_EQ(conditions[1].values, (std::vector<std::string>{"1", "2.5"}));
}

}  // namespace matinee::policy

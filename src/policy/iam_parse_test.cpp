// Which texts IAM takes for policies, and what it says of others.
#include "policy/places.h"
#include "policy/policy_fixture.h"

namespace matinee::policy {

class IamPolicies : public PolicyTest {
 protected:
  static std::string fault(const std::string& json, Kind kind = Kind::managed) {
    const auto parsed = parse(json, kind);
    return parsed ? "" : parsed.error().message;
  }
  static std::string with(const std::string& members) { return fault(allow(members)); }
  static std::string with_resource(const std::string& resource) {
    return with(R"("Action":"s3:*","Resource":")" + resource + "\"");
  }
  static std::string with_action(const std::string& pattern) {
    return with(R"("Resource":"*","Action":")" + pattern + "\"");
  }
  static std::string trust(const std::string& members) {
    return fault(allow(members), Kind::trust);
  }
};

TEST_F(IamPolicies, what_is_no_policy_has_syntax_errors) {
  for (const std::string text :
       {"", "{", "[]", "{}", "\"x\"", R"({"Version":"2012-10-17"})",
        R"({"Version":"2012-10-17","Statement":[]})", R"({"Version":"2013-01-01","Statement":[]})",
        R"({"Version":"2012-10-17","Statement":"x"})",
        R"({"Version":"2012-10-17","Colour":"red","Statement":[]})"})
    EXPECT_EQ(fault(text), "Syntax errors in policy.") << text;
  EXPECT_EQ(fault(statement(R"("Effect":"Maybe","Action":"*","Resource":"*")")),
            "Syntax errors in policy.");
  EXPECT_EQ(fault(statement(R"("Action":"*","Resource":"*")")), "Syntax errors in policy.");
  EXPECT_EQ(with(R"("Action":"*","NotAction":"*","Resource":"*")"), "Syntax errors in policy.");
  EXPECT_EQ(with(R"("Action":"*","Resource":"*","Condition":{"Is":{"a:b":"c"}})"),
            "Syntax errors in policy.");
  EXPECT_EQ(with(R"("Action":{},"Resource":"*")"), "Syntax errors in policy.");
}

TEST_F(IamPolicies, statements_have_actions_and_resources_and_no_principal) {
  EXPECT_EQ(with(R"("Action":"*","Resource":"*")"), "");
  EXPECT_EQ(with(R"("NotAction":["s3:*"],"NotResource":["arn:aws:s3:::films"])"), "");
  EXPECT_EQ(with(R"("Resource":"*")"), "Policy statement must contain actions.");
  EXPECT_EQ(with(R"("Action":[],"Resource":"*")"), "Policy statement must contain actions.");
  EXPECT_EQ(with(R"("Action":"*")"), "Policy statement must contain resources.");
  EXPECT_EQ(with(R"("Action":"*","Resource":[])"), "Policy statement must contain resources.");
  EXPECT_EQ(with(R"("Principal":"*","Action":"*","Resource":"*")"),
            "Policy document should not specify a principal.");
  EXPECT_EQ(with(R"("NotPrincipal":"bob","Action":"*","Resource":"*")"),
            "Policy document should not specify a principal.");
}

TEST_F(IamPolicies, managed_ones_are_of_the_newer_version_wherever_it_stands) {
  const std::string rest = R"("Statement":{"Effect":"Allow","Action":"*","Resource":"*"})";
  EXPECT_EQ(fault("{" + rest + "}"), "Policy document must be version 2012-10-17 or greater.");
  EXPECT_EQ(fault(R"({"Version":"2008-10-17",)" + rest + "}"),
            "Policy document must be version 2012-10-17 or greater.");
  EXPECT_EQ(fault("{" + rest + "}", Kind::identity), "");
  EXPECT_EQ(fault("{" + rest + R"(,"Version":"2012-10-17"})"), "");
}

TEST_F(IamPolicies, actions_belong_to_a_service) {
  constexpr char no_vendor[] =
      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  EXPECT_EQ(with_action("GetObject"), no_vendor);
  EXPECT_EQ(with_action(""), no_vendor);
  EXPECT_EQ(with_action("s3:Get:Object"), "Actions/Condition can contain only one colon.");
  EXPECT_EQ(with_action("s 3:GetObject"), "Vendor s 3 is not valid");
  EXPECT_EQ(with_action("apigatway:PUT"), "") << "it need not exist";
  EXPECT_EQ(with(R"("Action":"*","Resource":"*","Condition":{"Bool":{"x":"true"}})"), no_vendor);
}

TEST_F(IamPolicies, resources_are_arns) {
  EXPECT_EQ(with_resource("films"), "Resource films must be in ARN format or \"*\".");
  EXPECT_EQ(with_resource(""), "Resource  must be in ARN format or \"*\".");
  EXPECT_EQ(with_resource("arn:moon:s3:::films"),
            "Partition \"moon\" is not valid for resource \"arn:moon:s3:::films\".");
  EXPECT_EQ(with_resource("arn:aws:s?:::films"),
            "Resource vendor must be fully qualified and cannot contain regexes.");
  EXPECT_EQ(with_resource("arn:aws:iam:us-east-1:111122223333:user/bob"),
            "IAM resource arn:aws:iam:us-east-1:111122223333:user/bob cannot contain region "
            "information.");
  EXPECT_TRUE(with_resource("arn:aws:iam::111122223333:bob").starts_with("IAM resource path"));
  for (const std::string fine :
       {"*", "arn:aws:s3", "arn:aws:s3:::films/*", "arn:aws-cn:s3:::films", "arn:*:s3:::films",
        "arn:aws:iam::*:*", "arn:aws:iam::111122223333:r*", "arn:aws:iam::1:role/${aws:username}",
        "arn:aws:sqs:us-east-1:111122223333:a:b"})
    EXPECT_EQ(with_resource(fine), "") << fine;
}

TEST_F(IamPolicies, statements_that_have_names_have_different_ones) {
  const auto two = [](const std::string& one, const std::string& other) {
    const std::string rest = R"(","Effect":"Allow","Action":"*","Resource":"*"})";
    return fault(R"({"Version":"2012-10-17","Statement":[{"Sid":")" + one + rest + R"(,{"Sid":")" +
                 other + rest + "]}");
  };
  EXPECT_EQ(two("a", "b"), "");
  EXPECT_EQ(two("", ""), "");
  EXPECT_EQ(two("a", "a"), "Statement IDs (SID) in a single policy must be unique.");
  EXPECT_TRUE(two("a-1", "b").starts_with("Statement IDs (SID) must be alpha-numeric."));
}

TEST_F(IamPolicies, trust_policies_say_who_may_assume_a_role) {
  EXPECT_EQ(trust(R"("Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole")"), "");
  EXPECT_EQ(trust(R"("Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole"])"), "");
  EXPECT_EQ(fault("{", Kind::trust), "This policy contains invalid Json");
  EXPECT_EQ(trust(R"("Principal":"*","Action":"sts:AssumeRole","Resource":"*")"),
            "Has prohibited field Resource");
  EXPECT_EQ(trust(R"("Action":"sts:AssumeRole")"), "Missing required field Principal");
  EXPECT_EQ(trust(R"("Principal":"*")"), "Missing required field Action");
  EXPECT_EQ(trust(R"("Principal":"*","Action":"s3:GetObject")"),
            "AssumeRole policy may only specify STS AssumeRole actions.");
  EXPECT_EQ(trust(R"("Principal":"*","Action":"*")"),
            "AssumeRole policy may only specify STS AssumeRole actions.");
  EXPECT_EQ(trust(R"("Principal":{"AWS":"bob"},"Action":"sts:AssumeRole")"),
            R"(Invalid principal in policy: "AWS":"bob")");
}

TEST_F(IamPolicies, a_statement_without_a_list_begins_and_ends_behind_its_braces) {
  const std::string text =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"}"}})";
  const auto places = find_places(text);
  ASSERT_EQ(places.size(), 1);
  EXPECT_EQ(places[0].begin.line, 1);
  EXPECT_EQ(places[0].begin.column, 38);
  EXPECT_EQ(text[places[0].end.offset], '}');
  EXPECT_EQ(places[0].end.column, static_cast<int>(places[0].end.offset) + 2);
}

TEST_F(IamPolicies, statements_of_a_list_begin_where_the_reader_stands_before_them) {
  const std::string text =
      R"({"Version":"2012-10-17","Statement":[ {"Action":"]"}, {"Action":["}"]}]})";
  const auto places = find_places(text);
  ASSERT_EQ(places.size(), 2);
  EXPECT_EQ(places[0].begin.column, 38);
  EXPECT_EQ(places[0].end.column, 53);
  EXPECT_EQ(places[1].begin.column, 53);
  EXPECT_EQ(text[places[1].end.offset], '}');
}

TEST_F(IamPolicies, lines_are_counted_from_one) {
  const std::string text =
      "{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\n"
      "            \"Sid\": \"\\\"}\"\n        }\n    ]\n}\n";
  const auto places = find_places(text);
  ASSERT_EQ(places.size(), 1);
  EXPECT_EQ(places[0].begin.line, 3);
  EXPECT_EQ(places[0].begin.column, 19);
  EXPECT_EQ(places[0].end.line, 6);
  EXPECT_EQ(places[0].end.column, 10);
}

TEST_F(IamPolicies, the_keys_that_a_document_asks_for_are_known) {
  const auto document =
      parse(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",)"
            R"("Resource":"arn:aws:s3:::${aws:username}/${*}/${aws:PrincipalTag/Team, 'x'}",)"
            R"("Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"},)"
            R"("StringEquals":{"aws:UserName":"${aws:userid}"}}}]})",
            Kind::managed);
  ASSERT_TRUE(document);
  EXPECT_EQ(context_keys(*document),
            (std::vector<std::string>{"aws:username", "aws:PrincipalTag/Team", "aws:CurrentTime",
                                      "aws:userid"}));
}

TEST_F(IamPolicies, parts_of_arns_are_matched_one_by_one) {
  resource = "arn:aws:sqs:us-east-1:111122223333:a:b";
  const auto about = [&](const std::string& pattern) {
    return allows(allow(R"("Principal":"*","Action":"*","Resource":")" + pattern + "\""));
  };
  EXPECT_TRUE(about("arn:aws:sqs"));
  EXPECT_TRUE(about("arn:aws:s*"));
  EXPECT_FALSE(about("arn:aws:s3"));
  EXPECT_TRUE(about("arn:aws:sqs:*:*:a:*"));
  EXPECT_FALSE(about("arn:aws:sqs:*:b")) << "a star stays within its part";
  EXPECT_FALSE(about("arn:aws:*:a:b"));
  values["aws:requestedregion"] = {"us-east-1"};
  EXPECT_TRUE(about("arn:aws:sqs:${aws:RequestedRegion}:*:a?b"));
  values["aws:requestedregion"] = {"us-east-1:111122223333:a"};
  EXPECT_FALSE(about("arn:aws:sqs:${aws:RequestedRegion}:*"));
  resource = "*";
  EXPECT_TRUE(about("*"));
  EXPECT_FALSE(about("arn:aws:sqs:*:*:*"));
}

}  // namespace matinee::policy

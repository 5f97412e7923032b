// Which policies are public.
#include "policy/publicity.h"

#include "policy/policy_fixture.h"

namespace matinee::policy {

class Publicity : public PolicyTest {
 protected:
  static bool is_public_to(const std::string& principal, const std::string& condition = "{}") {
    return is_public(
        read(allow(R"("Principal":)" + principal +
                   R"(,"Action":"s3:GetObject","Resource":"*","Condition":)" + condition)));
  }
  static bool is_public_on(const std::string& condition) {
    return is_public_to(R"("*")", condition);
  }
};

TEST_F(Publicity, what_everyone_may_do_is_public) {
  EXPECT_TRUE(is_public_to(R"("*")"));
  EXPECT_TRUE(is_public_to(R"({"AWS":"*"})"));
  EXPECT_FALSE(is_public_to(R"({"AWS":"111122223333"})"));
  EXPECT_FALSE(is_public_to(R"({"Service":"s3.amazonaws.com"})"));
}

TEST_F(Publicity, a_denial_is_not_public) {
  EXPECT_FALSE(
      is_public(read(statement(R"("Effect":"Deny","Principal":"*","Action":"*","Resource":"*")"))));
}

TEST_F(Publicity, everyone_but_somebody_is_public) {
  EXPECT_TRUE(is_public(
      read(allow(R"("NotPrincipal":{"AWS":"111122223333"},"Action":"*","Resource":"*")"))));
}

TEST_F(Publicity, a_condition_on_fixed_values_keeps_it_private) {
  EXPECT_FALSE(is_public_on(R"({"StringEquals":{"aws:SourceVpc":"vpc-91237329"}})"));
  EXPECT_FALSE(is_public_on(R"({"StringLike":{"aws:SourceVpc":"vpc-91237329"}})"));
  EXPECT_FALSE(is_public_on(R"({"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:1:t"}})"));
  EXPECT_FALSE(is_public_on(R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"}})"));
  EXPECT_TRUE(is_public_on(R"({"StringLike":{"aws:SourceVpc":"vpc-*"}})"));
  EXPECT_TRUE(is_public_on(R"({"StringEquals":{"aws:SourceVpc":"${aws:SourceVpc}"}})"));
  EXPECT_TRUE(is_public_on(R"({"StringNotEquals":{"aws:SourceVpc":"vpc-91237329"}})"));
  EXPECT_TRUE(is_public_on(R"({"StringEqualsIfExists":{"aws:SourceVpc":"vpc-91237329"}})"));
  EXPECT_TRUE(is_public_on(R"({"StringEquals":{"aws:Referer":"http://example.com"}})"));
  EXPECT_TRUE(is_public_on(R"({"Bool":{"aws:SecureTransport":"true"}})"));
}

TEST_F(Publicity, only_narrow_ranges_of_addresses_keep_it_private) {
  EXPECT_FALSE(is_public_on(R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})"));
  EXPECT_FALSE(is_public_on(R"({"IpAddress":{"aws:SourceIp":["10.0.0.0/8","172.16.0.0/12"]}})"));
  EXPECT_TRUE(is_public_on(R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}})"));
  EXPECT_TRUE(is_public_on(R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/0"]}})"));
  EXPECT_TRUE(is_public_on(R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})"));
}

}  // namespace matinee::policy

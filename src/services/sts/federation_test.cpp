// Sessions of those whom an identity provider knows.
#include "services/sts/saml.h"
#include "services/sts/service_fixture.h"

namespace matinee::sts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class StsFederationTest : public StsTest {
 protected:
  const std::string provider = "arn:aws:iam::222222222222:saml-provider/office";

  std::string assertion(const std::string& more = "", const std::string& end = "2999-01-01") {
    return protocol::base64_encode(
        R"(<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">)"
        R"(<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">)"
        R"(<saml:Issuer>https://office.example/saml</saml:Issuer><saml:Subject>)"
        R"(<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">ann)"
        R"(</saml:NameID>)"
        R"(<saml:SubjectConfirmation><saml:SubjectConfirmationData NotOnOrAfter=")" +
        end +
        R"(T00:00:00Z" Recipient="https://signin.aws.amazon.com/saml"/></saml:SubjectConfirmation>)"
        R"(</saml:Subject><saml:AttributeStatement>)"
        R"(<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">)"
        R"(<saml:AttributeValue>)" +
        role + "," + provider + R"(</saml:AttributeValue></saml:Attribute>)" + more +
        "</saml:AttributeStatement></saml:Assertion></samlp:Response>");
  }
  static std::string attribute(const std::string& name, const std::string& value) {
    return R"(<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/)" + name +
           R"("><saml:AttributeValue>)" + value + "</saml:AttributeValue></saml:Attribute>";
  }
  AssumeRoleWithSAMLRequest request(const std::string& text) {
    return {.role_arn = role, .principal_arn = provider, .saml_assertion = text};
  }
  AssumeRoleWithSAMLResponse assume_with(const std::string& text) {
    return call(&Service::assume_role_with_saml, request(text), Context());
  }
  std::string refusal(const std::string& text) {
    return error_of([&] { assume_with(text); });
  }
};

TEST_F(StsFederationTest, an_assertion_says_who_its_subject_is) {
  const auto response = assume_with(
      assertion(attribute("RoleSessionName", "ann@office") + attribute("SessionDuration", "1800") +
                attribute("PrincipalTag:Team", "films") + attribute("TransitiveTagKeys", "Team") +
                attribute("SourceIdentity", "ann")));
  EXPECT_EQ(response.subject, "ann");
  EXPECT_EQ(response.subject_type, "transient");
  EXPECT_EQ(response.issuer, "https://office.example/saml");
  EXPECT_EQ(response.audience, "https://signin.aws.amazon.com/saml");
  EXPECT_EQ(response.source_identity, "ann");
  EXPECT_EQ(response.name_qualifier,
            name_qualifier("https://office.example/saml", "222222222222", "office"));
  EXPECT_EQ(response.assumed_role_user->arn,
            "arn:aws:sts::222222222222:assumed-role/projector/ann@office");
  const Context session = act_as(*response.credentials);
  EXPECT_THAT(session.session->tags, ElementsAre(Pair("Team", "films")));
  EXPECT_THAT(session.session->transitive_keys, ElementsAre("Team"));
  EXPECT_EQ(session.session->provider, provider);
  EXPECT_THAT(session.session->provider_keys.at("saml:sub"), ElementsAre("ann"));
}

TEST_F(StsFederationTest, the_name_qualifier_is_what_aws_documents) {
  // base64(sha1("https://example.com/saml" + "123456789012" + "/MySAMLIdP"))
  EXPECT_EQ(name_qualifier("https://example.com/saml", "123456789012", "MySAMLIdP").size(), 28u);
}

TEST_F(StsFederationTest, an_assertion_that_is_none_gives_no_credentials) {
  EXPECT_EQ(refusal("@@@@"), "400 InvalidIdentityToken: Invalid base64 SAMLResponse");
  EXPECT_EQ(refusal(protocol::base64_encode("<no")),
            "400 InvalidIdentityToken: Invalid base64 SAMLResponse");
  EXPECT_EQ(refusal(assertion()),
            "400 InvalidIdentityToken: RoleSessionName is required in AuthnResponse");
  EXPECT_EQ(refusal(assertion(attribute("RoleSessionName", "a b"))),
            "400 InvalidIdentityToken: RoleSessionName in AuthnResponse must match "
            "[a-zA-Z_0-9+=,.@-]{2,64}");
  EXPECT_THAT(refusal(assertion(attribute("RoleSessionName", "ann"), "1999-01-01")),
              HasSubstr("400 ExpiredTokenException: "));
  AssumeRoleWithSAMLRequest other = request(assertion(attribute("RoleSessionName", "ann")));
  other.role_arn += "2";
  EXPECT_EQ(error_of([&] { call(&Service::assume_role_with_saml, other, Context()); }),
            "403 AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML");
}

TEST_F(StsFederationTest, claims_of_a_web_identity_become_tags_and_condition_keys) {
  const auto response = assume_with_web_identity(web_request(
      R"({"iss":"https://Id.example/a","sub":"ann","aud":"films","exp":99999999999,)"
      R"("https://aws.amazon.com/tags":{"principal_tags":{"Team":["films"]},)"
      R"("transitive_tag_keys":["Team"]},"https://aws.amazon.com/source_identity":"ann"})"));
  EXPECT_EQ(response.source_identity, "ann");
  const Context session = act_as(*response.credentials);
  EXPECT_THAT(session.session->tags, ElementsAre(Pair("Team", "films")));
  EXPECT_THAT(session.session->provider_keys.at("id.example/a:sub"), ElementsAre("ann"));
}

TEST_F(StsFederationTest, a_signature_is_that_of_a_key_of_the_issuer) {
  // RFC 7515, A.3: ES256.
  const std::string token =
      "eyJhbGciOiJFUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
      "cnVlfQ"
      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const std::string keys =
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
  EXPECT_TRUE(is_signed_by(token, keys));
  std::string changed = token;
  changed[30] = 'A';
  EXPECT_FALSE(is_signed_by(changed, keys));
  EXPECT_FALSE(is_signed_by(token, R"({"keys":[]})"));
  EXPECT_FALSE(is_signed_by("a.b", keys));
}

}  // namespace
}  // namespace matinee::sts

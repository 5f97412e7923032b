// Callers with access keys of IAM's users, and callers who need none.
#include "gateway/authenticate_fixture.h"

namespace matinee::gateway {
namespace {

class InventedKeys final : public services::AccessKeys {
 public:
  std::map<std::string, services::AccessKeyOwner, std::less<>> owners;

  std::optional<services::AccessKeyOwner> find(std::string_view access_key) const override {
    const auto found = owners.find(access_key);
    if (found == owners.end()) return std::nullopt;
    return found->second;
  }
};

class UserKeys : public AuthenticateTest {
 protected:
  UserKeys() {
    invented->owners["AKIAANN"] = {.secret = "hers",
                                   .account = "222222222222",
                                   .user_arn = "arn:aws:iam::222222222222:user/staff/ann",
                                   .user_id = "AIDAANN"};
  }

  std::shared_ptr<InventedKeys> invented = std::make_shared<InventedKeys>();
  Authenticator anybody{{.access_keys = invented}, simulation.loop.clock()};
  Authenticator users{{.check_signatures = true, .access_keys = invented}, simulation.loop.clock()};

  Authenticator trusting{{.check_signatures = true, .trusts_providers = true},
                         simulation.loop.clock()};

  HttpRequest request_of(const std::string& access_key, const std::string& secret,
                         const Target& target) {
    HttpRequest request = make_request("POST", "/bucket/key");
    sigv4::sign(request, {.access_key = access_key, .secret_key = secret},
                {{.region = "eu-west-1", .service = std::string(target.service->name)}, now()});
    return request;
  }
  services::Context identify(const Authenticator& authenticator, const HttpRequest& request,
                             const Target& target) {
    services::Context context;
    authenticator.identify(sigv4::read_claim(request), target, context);
    return context;
  }
};

TEST_F(UserKeys, act_as_their_user_whether_or_not_signatures_are_checked) {
  for (const Authenticator* authenticator : {&anybody, &users}) {
    const HttpRequest request = request_of("AKIAANN", "hers", send_message);
    EXPECT_EQ(check(*authenticator, request, send_message), "");
    const services::Context context = identify(*authenticator, request, send_message);
    EXPECT_EQ(context.account, "222222222222");
    EXPECT_EQ(context.caller_arn, "arn:aws:iam::222222222222:user/staff/ann");
    EXPECT_EQ(context.caller_id, "AIDAANN");
    EXPECT_EQ(context.user_name(), "ann");
    EXPECT_EQ(context.principal, services::PrincipalKind::user);
    EXPECT_EQ(context.session, nullptr);
  }
}

TEST_F(UserKeys, sign_with_their_own_secret) {
  EXPECT_EQ(check(users, request_of("AKIAANN", "guess", get_item), get_item),
            "400 InvalidSignatureException/SignatureDoesNotMatch");
  EXPECT_EQ(check(anybody, request_of("AKIAANN", "guess", get_item), get_item), "");
}

TEST_F(UserKeys, are_refused_while_they_are_inactive) {
  invented->owners["AKIAANN"].active = false;
  EXPECT_EQ(check(users, request_of("AKIAANN", "hers", caller_identity), caller_identity),
            "403 InvalidClientTokenId");
  EXPECT_EQ(check(users, request_of("AKIAANN", "hers", get_item), get_item),
            "400 UnrecognizedClientException/InvalidClientTokenId");
  EXPECT_EQ(check(users, request_of("AKIAANN", "hers", get_object), get_object),
            "403 InvalidAccessKeyId");
  EXPECT_THROW(identify(anybody, request_of("AKIAANN", "hers", get_item), get_item),
               protocol::ServiceError);
}

TEST_F(UserKeys, of_nobody_are_root_where_signatures_are_not_checked) {
  const HttpRequest request = request_of("AKIABOB", "his", get_item);
  EXPECT_EQ(identify(anybody, request, get_item).caller_arn, "arn:aws:iam::000000000000:root");
  EXPECT_EQ(check(users, request, get_item),
            "400 UnrecognizedClientException/InvalidClientTokenId");
}

TEST_F(UserKeys, are_not_needed_by_who_brings_a_token_of_an_identity_provider) {
  const Target form{&sts::model, Protocol::query, nullptr};
  const Target web{&sts::model, Protocol::query, &sts::operations::AssumeRoleWithWebIdentity};
  const Target saml{&sts::model, Protocol::query, &sts::operations::AssumeRoleWithSAML};
  for (const Target& target : {form, web, saml}) {
    EXPECT_NE(check(users, make_request("POST", "/"), target), "");
    EXPECT_EQ(check(trusting, make_request("POST", "/"), target), "");
  }
  // A form tells what it asks for once it has come in.
  for (const Target& target : {caller_identity, send_message})
    EXPECT_NE(check(trusting, make_request("POST", "/"), target), "");
}

}  // namespace
}  // namespace matinee::gateway

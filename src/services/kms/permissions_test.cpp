// Keys where policies decide: for callers who have no policies of their own.
#include <fmt/format.h>

#include "services/authorizer.h"
#include "services/kms/service_fixture.h"

namespace matinee::kms {
namespace {

class Permissions : public KmsTest {
 protected:
  Permissions() {
    endpoint->use(authorizer);
    // Without one it would be a caller in process, who may do everything.
    context.access_key = "000000000000";
  }

  services::Authorizer authorizer{services::IamMode::enforce, machine.loop.clock(), nullptr};
  std::string user = "arn:aws:iam::000000000000:user/u";

  void become_user() {
    context.principal = services::PrincipalKind::user;
    context.caller_arn = user;
  }
  void become_root() {
    context.principal = services::PrincipalKind::root;
    context.caller_arn = "arn:aws:iam::000000000000:root";
  }
  static bool is_denied(const std::string& error) {
    return error.starts_with("AccessDeniedException: User: ");
  }
};

TEST_F(Permissions, of_a_grant_are_for_its_operations_and_context) {
  const std::string key = create().key_id;
  const auto grant = call<CreateGrantResponse>(
      operations::CreateGrant,
      CreateGrantRequest{
          .key_id = key,
          .grantee_principal = user,
          .operations = {"Encrypt"},
          .constraints = GrantConstraints{.encryption_context_subset = {{{"Team", "a"}}}}});
  become_user();
  encrypt(key, "x", EncryptionContext{{"team", "a"}, {"more", "b"}});
  EXPECT_TRUE(is_denied(error_of([&] { encrypt(key, "x", EncryptionContext{{"team", "A"}}); })));
  EXPECT_TRUE(is_denied(error_of([&] { encrypt(key, "x"); })));
  EXPECT_TRUE(is_denied(error_of([&] { describe(key); })));
  become_root();
  call<RevokeGrantResponse>(operations::RevokeGrant,
                            RevokeGrantRequest{.key_id = key, .grant_id = *grant.grant_id});
  become_user();
  EXPECT_TRUE(is_denied(error_of([&] { encrypt(key, "x", EncryptionContext{{"team", "a"}}); })));
}

TEST_F(Permissions, of_a_policy_are_for_whom_it_names_and_an_alias_is_its_key) {
  const std::string policy = fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},)"
      R"("Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*","Condition":{{"StringEquals":)"
      R"({{"kms:EncryptionContext:team":"a"}}}}}}]}})",
      user);
  const KeyMetadata key = create({.policy = policy, .bypass_policy_lockout_safety_check = true});
  call<CreateAliasResponse>(
      operations::CreateAlias,
      CreateAliasRequest{.alias_name = "alias/a", .target_key_id = create().key_id});
  become_user();
  const std::string blob = encrypt(key.key_id, "x", EncryptionContext{{"team", "a"}});
  EXPECT_EQ(decrypt(blob, EncryptionContext{{"team", "a"}}), "x");
  EXPECT_TRUE(is_denied(error_of([&] { decrypt(blob, EncryptionContext{{"team", "b"}}); })));
  EXPECT_TRUE(is_denied(error_of([&] { encrypt("alias/a", "x", {{{"team", "a"}}}); })));
  become_root();
  EXPECT_TRUE(is_denied(error_of([&] { encrypt(key.key_id, "x"); })));
}

TEST_F(Permissions, of_the_keys_of_aws_are_for_what_their_service_does_alone) {
  const auto ask = [&](const std::string& principal) {
    storage::Transaction transaction(*store);
    const std::string arn = service->for_services().require_key(
        context, {.key = "alias/aws/s3", .service = principal, .context = {}});
    transaction.commit();
    return arn;
  };
  become_user();
  EXPECT_NE(ask("s3.amazonaws.com"), "");
  EXPECT_TRUE(is_denied(error_of([&] { ask("sqs.amazonaws.com"); })));
  become_root();
  EXPECT_TRUE(is_denied(error_of([&] { encrypt("alias/aws/s3", "x"); })));
  EXPECT_EQ(describe("alias/aws/s3").key_manager, "AWS");
}

}  // namespace
}  // namespace matinee::kms

#include "services/kms/service_fixture.h"

namespace matinee::kms {
namespace {

TEST_F(KmsTest, what_is_encrypted_is_decrypted_without_naming_the_key) {
  const KeyMetadata key = create();
  const std::string blob = encrypt(key.key_id, "a secret");
  EXPECT_EQ(blob.find("a secret"), std::string::npos);
  EXPECT_EQ(decrypt(blob), "a secret");
}

}  // namespace
}  // namespace matinee::kms

#include "services/iam/pem.h"

#include <gtest/gtest.h>

namespace matinee::iam {
namespace {

/// A key of 1,024 bits, which is too short for anything but a test.
const std::string ssh_key =
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQCGkFJp7W8LCfFlyM424vJLQwAN4Bsu1A7TrdzLLDO+CsedZ5NG1Kx6XDkC"
    "s4lj3G6FNPRXONBI7A8QmcbD4bJY/XJEUszqcf9KFIdq6v8aCYylmWZmzqs2BRK9ExEHIjEXEM9TJ6xDWnqXxkNl"
    "ZBKpuKGrzRppFsdNpPn8PG2l1w== ann@office";

TEST(Pem, an_ssh_key_keeps_its_form_and_comes_back_from_pem) {
  const auto kept = to_ssh_key(ssh_key);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(*kept, ssh_key);
  const std::string pem = ssh_key_to_pem(*kept);
  EXPECT_TRUE(pem.starts_with("-----BEGIN PUBLIC KEY-----\n")) << pem;
  const auto again = to_ssh_key(pem);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again + " ann@office", ssh_key);
  EXPECT_EQ(ssh_fingerprint(*again), ssh_fingerprint(ssh_key));
  EXPECT_EQ(ssh_fingerprint(ssh_key).size(), 47u);
}

TEST(Pem, other_texts_are_no_keys_and_no_certificates) {
  for (const char* text : {"", "ssh-rsa", "ssh-rsa AAAA", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA",
                           "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}) {
    EXPECT_FALSE(to_ssh_key(text).has_value()) << text;
    EXPECT_FALSE(is_private_key(text)) << text;
    EXPECT_FALSE(read_certificate(text).has_value()) << text;
    EXPECT_FALSE(count_certificates(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace matinee::iam

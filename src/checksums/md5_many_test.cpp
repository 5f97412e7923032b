#include "checksums/md5_many.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace matinee::checksums {
namespace {

std::string hex(const Md5Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

TEST(Md5Many, has_the_digests_of_rfc_1321) {
  if (!can_md5_many()) GTEST_SKIP() << "this processor has no AVX2";
  const std::array<std::string_view, 7> texts = {
      "",
      "a",
      "abc",
      "message digest",
      "abcdefghijklmnopqrstuvwxyz",
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890"};
  const std::array<std::string_view, 7> expected = {
      "d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661",
      "900150983cd24fb0d6963f7d28e17f72", "f96b697d7cb7938d525a2f31aaf161d0",
      "c3fcd3d76192e4007dfb496cca67e13b", "d174ab98d277d9f5a5611c2c9f419d9f",
      "57edf4a22be3c955ac49da2e2107b67a"};
  std::array<Md5Digest, 7> digests;
  md5_many(texts, digests);
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(hex(digests[i]), expected[i]);
}

TEST(Md5Many, does_not_depend_on_the_texts_beside_a_text) {
  if (!can_md5_many()) GTEST_SKIP() << "this processor has no AVX2";
  const std::string text(1000, 'x');
  const std::string longer(5000, 'y');
  std::array<Md5Digest, 1> alone;
  md5_many(std::array<std::string_view, 1>{text}, alone);
  for (std::size_t lane = 0; lane < md5_lanes; ++lane) {
    std::array<std::string_view, md5_lanes> texts;
    texts.fill(longer);
    texts[lane] = text;
    std::array<Md5Digest, md5_lanes> digests;
    md5_many(texts, digests);
    EXPECT_EQ(hex(digests[lane]), hex(alone[0]));
  }
}

}  // namespace
}  // namespace matinee::checksums

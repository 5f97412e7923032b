#include "protocol/totp.h"

#include <gtest/gtest.h>

namespace matinee::protocol {
namespace {

using std::chrono::seconds;

/// Of RFC 6238, whose codes have eight digits.
const std::string seed = "12345678901234567890";

runtime::Time at(std::int64_t second) {
  return runtime::Time(seconds(second));
}

TEST(Totp, codes_are_those_of_the_standard) {
  EXPECT_EQ(totp_code(seed, totp_step(at(59))), "287082");
  EXPECT_EQ(totp_code(seed, totp_step(at(1'111'111'109))), "081804");
  EXPECT_EQ(totp_code(seed, totp_step(at(1'234'567'890))), "005924");
  EXPECT_EQ(totp_code(seed, totp_step(at(20'000'000'000))), "353130");
}

TEST(Totp, a_code_is_found_near_its_time_and_once) {
  const std::string code = totp_code(seed, 1'000);
  EXPECT_EQ(find_totp_step(seed, code, at(30'000), 0), 1'000);
  EXPECT_EQ(find_totp_step(seed, code, at(30'060), 0), 1'000);
  EXPECT_EQ(find_totp_step(seed, code, at(30'090), 0), std::nullopt);
  EXPECT_EQ(find_totp_step(seed, code, at(30'000), 1'000), std::nullopt);
}

TEST(Totp, seeds_are_told_in_base32) {
  EXPECT_EQ(base32_encode(""), "");
  EXPECT_EQ(base32_encode("f"), "MY");
  EXPECT_EQ(base32_encode("foobar"), "MZXW6YTBOI");
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    EXPECT_EQ(base32_decode(base32_encode(bytes)), bytes);
  EXPECT_EQ(base32_decode("M1"), std::nullopt);
}

}  // namespace
}  // namespace matinee::protocol

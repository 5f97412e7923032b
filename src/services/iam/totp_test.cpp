#include "services/iam/totp.h"

#include <gtest/gtest.h>

#include "services/iam/qr_code.h"

namespace matinee::iam {
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
}

TEST(QrCode, a_picture_grows_with_its_text) {
  const auto side = [](const std::string& text) {
    const std::string png = qr_code_png(text);
    EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1A\n"));
    // The width, behind the head of the first chunk.
    return static_cast<unsigned char>(png[18]) * 256 + static_cast<unsigned char>(png[19]);
  };
  EXPECT_EQ(side(std::string(17, 'x')), (21 + 8) * 4);
  EXPECT_EQ(side(std::string(18, 'x')), (25 + 8) * 4);
  EXPECT_EQ(side(std::string(858, 'x')), (97 + 8) * 4);
}

}  // namespace
}  // namespace matinee::iam

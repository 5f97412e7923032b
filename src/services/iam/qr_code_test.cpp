#include "services/iam/qr_code.h"

#include <gtest/gtest.h>

namespace matinee::iam {
namespace {

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

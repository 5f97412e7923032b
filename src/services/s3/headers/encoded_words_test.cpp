#include "services/s3/headers/encoded_words.h"

#include <gtest/gtest.h>

namespace matinee::s3 {
namespace {

TEST(HeaderText, is_decoded_from_encoded_words) {
  EXPECT_EQ(decode_header_text("=?UTF-8?B?YWJj?="), "abc");
  EXPECT_EQ(decode_header_text("=?utf-8?q?caf=C3=A9_noir?="), "caf\u00e9 noir");
  EXPECT_EQ(decode_header_text("=?ISO-8859-1?Q?caf=E9?="), "caf\u00e9");
  EXPECT_EQ(decode_header_text("one =?UTF-8?Q?a?= =?UTF-8?Q?b?= two"), "one ab two");
}

TEST(HeaderText, that_only_resembles_an_encoded_word_stays) {
  for (const char* text :
       {"plain", "", "=?", "=?UTF-8?", "=?UTF-8?B?YWJj", "=?UTF-8?X?YWJj?=", "=?UTF-8?Q?=G1?=",
        "=?KOI8-R?Q?=C1?=", "=?UTF-8?Q?=FF?=", "a =?b?= c ", "=?UTF-8?Q?a b?="})
    EXPECT_EQ(decode_header_text(text), text);
}

TEST(HeaderText, in_another_encoding_is_taken_for_latin) {
  EXPECT_EQ(decode_header_text("caf\xE9"), "caf\u00e9");
  EXPECT_EQ(decode_header_text("caf\u00e9"), "caf\u00e9");
}

TEST(HeaderText, outside_of_ascii_becomes_an_encoded_word) {
  EXPECT_EQ(encode_header_text("as it is = _ ?"), "as it is = _ ?");
  EXPECT_EQ(encode_header_text(decode_header_text("=?UTF-8?Q?a=0D=0AX:_b?=")),
            "=?UTF-8?Q?a=0D=0AX:_b?=");
  EXPECT_EQ(encode_header_text("\u00e9 _=?x"), "=?UTF-8?Q?=C3=A9_=5F=3D=3Fx?=");
  EXPECT_EQ(decode_header_text(encode_header_text("\u00e9 _=?\u4e2d")), "\u00e9 _=?\u4e2d");
}

TEST(HeaderText, is_latin_as_far_as_latin_goes) {
  EXPECT_EQ(to_latin1("plain"), "plain");
  EXPECT_EQ(to_latin1("\u00e9\u00ff\u00a0"), "\xE9\xFF\xA0");
  EXPECT_EQ(to_latin1("\u0100"), std::nullopt);
  EXPECT_EQ(to_latin1("\u4e2d"), std::nullopt);
  EXPECT_EQ(to_latin1("\xE9"), std::nullopt);
}

}  // namespace
}  // namespace matinee::s3

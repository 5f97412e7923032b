// Timestamps, base64, UTF-8 and scalars as text.
#include <gtest/gtest.h>

#include "protocol/base64.h"
#include "protocol/sample_shapes.h"
#include "protocol/text_value.h"
#include "protocol/timestamps.h"
#include "protocol/utf8.h"

namespace matinee::protocol {
namespace {

using std::chrono::microseconds;

constexpr Timestamp leap_day{microseconds(1709208000250000)};  // 2024-02-29 12:00:00.25

template <class Append>
std::string written(Append append, Timestamp time) {
  std::string out;
  append(out, time);
  return out;
}

TEST(Timestamps, are_written_in_each_form) {
  EXPECT_EQ(written(append_iso8601_milliseconds, leap_day), "2024-02-29T12:00:00.250Z");
  EXPECT_EQ(written(append_iso8601, leap_day), "2024-02-29T12:00:00.25Z");
  EXPECT_EQ(written(append_http_date, leap_day), "Thu, 29 Feb 2024 12:00:00 GMT");
  EXPECT_EQ(written(append_unix_seconds, leap_day), "1709208000.25");
  EXPECT_EQ(written(append_unix_seconds, Timestamp(microseconds(-1500000))), "-1.5");
  EXPECT_EQ(written(append_iso8601, Timestamp{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(written(append_iso8601, Timestamp(microseconds(-1))), "1969-12-31T23:59:59.999999Z");
}

TEST(Timestamps, are_read_in_each_form) {
  for (const std::string_view text :
       {"2024-02-29T12:00:00.25Z", "2024-02-29T12:00:00.250000Z", "2024-02-29T14:00:00.25+02:00",
        "2024-02-29T06:30:00.25-0530", "1709208000.25"})
    EXPECT_EQ(parse_timestamp(text), leap_day) << text;
  for (const std::string_view text :
       {"Thu, 29 Feb 2024 12:00:00 GMT", "Thursday, 29-Feb-24 12:00:00 GMT",
        "Thu Feb 29 12:00:00 2024", "1709208000", "2024-02-29T12:00:00Z"})
    EXPECT_EQ(parse_timestamp(text), std::chrono::floor<std::chrono::seconds>(leap_day)) << text;
  EXPECT_EQ(parse_iso8601("2024-02-29"),
            Timestamp(std::chrono::sys_days(std::chrono::days(19782))));
}

TEST(Timestamps, that_are_none_are_refused) {
  for (const std::string_view text :
       {"", " ", "x", "2023-02-29T12:00:00Z", "2024-13-01T00:00:00Z", "2024-02-29T25:00:00Z",
        "2024-02-29T12:00:00", "2024-02-29T12:00:00Zx", "2024-02-29T12:00:00.Z", "1e300", "nan",
        "inf", "Thu, 32 Feb 2024 12:00:00 GMT", "Thu, 29 Foo 2024 12:00:00 GMT",
        "Thu, 29 Feb 2024 12:00:00", "0000-01-01T00:00:00Z"})
    EXPECT_FALSE(parse_timestamp(text)) << text;
}

TEST(Base64, bytes_of_every_length_come_back) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(base64_encode("Matinee"), "TWF0aW5lZQ==");
  EXPECT_EQ(base64_encode("movies"), "bW92aWVz");
}

TEST(Base64, what_is_none_is_refused) {
  for (const std::string_view text :
       {"a", "ab", "abc", "abcd=", "a===", "====", "ab=c", "ab\nc", "a-_b", "TQ==TQ=="})
    EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(Utf8, well_formedness_follows_unicode) {
  EXPECT_TRUE(is_utf8("aé€\xF0\x9F\x8E\xAC"));
  for (const std::string_view text :
       {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xf4\x90\x80\x80"})
    EXPECT_FALSE(is_utf8(text));
  EXPECT_EQ(count_characters("aé€\xF0\x9F\x8E\xAC"), 4u);
}

TEST(Utf8, characters_are_taken_and_appended_one_by_one) {
  const std::string text = "aé€\xF0\x9F\x8E\xAC";
  std::string_view rest = text;
  std::string copy;
  while (!rest.empty()) append_character(copy, next_character(rest));
  EXPECT_EQ(copy, text);
}

TEST(Utf8, malformed_bytes_are_taken_one_by_one) {
  std::string_view rest = "\xe2\x82z\xff";
  EXPECT_EQ(next_character(rest), 0xe2u);
  EXPECT_EQ(next_character(rest), 0x82u);
  EXPECT_EQ(next_character(rest), U'z');
  EXPECT_EQ(next_character(rest), 0xffu);
  EXPECT_TRUE(rest.empty());
}

TEST(TextValue, integers_must_be_in_range_and_nothing_else) {
  std::int32_t value = 0;
  EXPECT_TRUE(parse_text(sample::integer_type, "-12", &value));
  EXPECT_EQ(value, -12);
  for (const std::string_view text : {"", " 1", "1 ", "1.0", "2147483648", "0x1", "--1", "+-1"})
    EXPECT_FALSE(parse_text(sample::integer_type, text, &value)) << text;
}

TEST(TextValue, booleans_are_true_or_false) {
  bool value = false;
  EXPECT_TRUE(parse_text(sample::boolean_type, "true", &value));
  EXPECT_TRUE(value);
  EXPECT_FALSE(parse_text(sample::boolean_type, "yes", &value));
}

}  // namespace
}  // namespace matinee::protocol

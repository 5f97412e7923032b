// Percent coding, parameters and header look-up, with the odd forms that clients send.
#include "protocol/http.h"

#include <gtest/gtest.h>

namespace matinee::protocol {
namespace {

TEST(PercentCoding, unreserved_characters_stay_as_they_are) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
}

TEST(PercentCoding, everything_else_is_encoded_with_capital_digits) {
  EXPECT_EQ(percent_encode("a b+c/\xC3\xA9*'"), "a%20b%2Bc%2F%C3%A9%2A%27");
}

TEST(PercentCoding, a_slash_stays_where_the_caller_wants_it) {
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
}

TEST(PercentCoding, decoding_gives_back_every_byte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(bytes)), bytes);
}

TEST(PercentCoding, a_plus_is_a_space_only_in_forms) {
  EXPECT_EQ(percent_decode("a+b%2b"), "a+b+");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
}

TEST(PercentCoding, a_malformed_escape_gives_nothing) {
  EXPECT_EQ(percent_decode("%"), std::nullopt);
  EXPECT_EQ(percent_decode("a%2"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
}

TEST(Parameters, are_split_and_decoded_in_order) {
  EXPECT_EQ(
      parse_parameters("b=1&a=%26&b=2&flag&empty=&=x"),
      (Parameters{{"b", "1"}, {"a", "&"}, {"b", "2"}, {"flag", ""}, {"empty", ""}, {"", "x"}}));
}

TEST(Parameters, are_limited_in_number) {
  std::string text;
  for (std::size_t i = 0; i < most_parameters; ++i) text += "a=b&";
  EXPECT_EQ(parse_parameters(text).value().size(), most_parameters);
  EXPECT_FALSE(parse_parameters(text + "a=b"));
}

TEST(Parameters, empty_parts_are_left_out) {
  EXPECT_EQ(parse_parameters(""), Parameters{});
  EXPECT_EQ(parse_parameters("&&a=1&"), (Parameters{{"a", "1"}}));
}

TEST(Parameters, a_value_keeps_further_equals_signs) {
  EXPECT_EQ(parse_parameters("token=abc=="), (Parameters{{"token", "abc=="}}));
}

TEST(Parameters, a_malformed_escape_refuses_the_whole) {
  EXPECT_EQ(parse_parameters("a=1&b=%g0"), std::nullopt);
}

TEST(Target, is_split_into_raw_path_and_decoded_query) {
  HttpRequest request;
  ASSERT_TRUE(request.set_target("/bucket/a%20b?list-type=2&prefix=x%2Fy"));
  EXPECT_EQ(request.target, "/bucket/a%20b?list-type=2&prefix=x%2Fy");
  EXPECT_EQ(request.path, "/bucket/a%20b");
  EXPECT_EQ(request.query, (Parameters{{"list-type", "2"}, {"prefix", "x/y"}}));
}

TEST(Target, may_be_a_whole_url_as_proxies_send_it) {
  HttpRequest request;
  ASSERT_TRUE(request.set_target("http://localhost:4566/a?b=c"));
  EXPECT_EQ(request.path, "/a");
  ASSERT_TRUE(request.set_target("http://localhost:4566"));
  EXPECT_EQ(request.path, "/");
}

TEST(Target, is_refused_where_it_is_malformed) {
  HttpRequest request;
  EXPECT_FALSE(request.set_target("bucket/key"));
  EXPECT_FALSE(request.set_target("/bucket/%"));
  EXPECT_FALSE(request.set_target("/?a=%1"));
}

TEST(Headers, are_found_without_regard_to_case_and_outer_white_space) {
  Headers headers;
  headers.add("Content-Type", "  text/plain\t");
  headers.add("X-Two", "first");
  headers.add("x-two", "second");
  EXPECT_EQ(headers.find("content-type"), "text/plain");
  EXPECT_EQ(headers.find("X-TWO"), "first");
  EXPECT_EQ(headers.find("x-three"), std::nullopt);
}

TEST(Headers, setting_one_replaces_all_of_its_name) {
  Headers headers;
  headers.add("X-Two", "first");
  headers.add("x-two", "second");
  headers.set("X-TWO", "third");
  EXPECT_EQ(std::distance(headers.begin(), headers.end()), 1);
  EXPECT_EQ(headers.find("x-two"), "third");
}

}  // namespace
}  // namespace matinee::protocol

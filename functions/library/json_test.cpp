#include "library/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lambda {
namespace {

using testing::HasSubstr;

std::string what_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const JsonError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Json, comes_out_as_it_went_in_but_for_white_space) {
  const std::string text =
      R"({"a":[1,-2.50,1e400,9223372036854775808],"b":{"c":null,"d":true,"e":false},"":"ü\"\\"})";
  EXPECT_EQ(Json::parse(text).dump(), text);
  EXPECT_EQ(Json::parse(" [ 1 ,\n\t\"a\" ] ").dump(), R"([1,"a"])");
}

TEST(Json, understands_every_escape_and_replaces_halves_of_pairs) {
  EXPECT_EQ(Json::parse(R"("\"\\\/\b\f\n\r\t\u00fc\ud83c\udfac")").text(),
            "\"\\/\b\f\n\r\tü\U0001f3ac");
  EXPECT_EQ(Json::parse(R"("a\ud83cb")").text(), "a\ufffdb");
  EXPECT_EQ(Json("\x01 \xff").dump(), "\"\\u0001 \ufffd\"");
}

TEST(Json, refuses_what_is_no_json_and_says_where) {
  for (const char* text : {"", "{", "[1,]", "{\"a\" 1}", "nul", "01", "1.", "-", "+1", "\"a", "1 2",
                           "\"\n\"", "[NaN]", "'a'", "\"\\x\"", "\"\\u12g4\"", "\xff", "{1:2}"})
    EXPECT_THROW(Json::parse(text), JsonError) << text;
  EXPECT_EQ(what_of([] { Json::parse("[1, x]"); }), "The JSON is malformed at byte 4.");
  EXPECT_EQ(what_of([] { Json::parse("[1"); }), "The JSON ends too early.");
  EXPECT_EQ(what_of([] { Json::parse(std::string(100'000, '[')); }),
            "The JSON is nested too deeply.");
}

TEST(Json, tells_what_it_is_where_something_else_was_expected) {
  const Json json = Json::parse(R"({"a":{"b":1.5},"n":null,"n":7})");
  EXPECT_EQ(json.at("n").integer(), 7);  // the last of equal names
  EXPECT_EQ(json.at("a").at("b").as_double(), 1.5);
  EXPECT_EQ(json.find("x"), nullptr);
  EXPECT_EQ(json.text_or("x", "none"), "none");
  EXPECT_EQ(what_of([&] { json.at("x"); }), "The JSON lacks \"x\".");
  EXPECT_THAT(what_of([&] { json.at("a").text(); }), HasSubstr("{\"b\":1.5} where a text"));
  EXPECT_THAT(what_of([&] { json.at("a").at("b").integer(); }), HasSubstr("1.5 where a whole"));
  EXPECT_THAT(what_of([] { Json::number("9,2"); }), HasSubstr("\"9,2\" is not a number"));
}

TEST(Json, sets_members_in_order_and_replaces_those_of_the_same_name) {
  Json json = Json::object();
  json.set("b", 1).set("a", Json::number("9.20")).set("b", "two");
  Json list = Json::array();
  list.push(true);
  list.push(Json());
  json.set("list", list);
  EXPECT_EQ(json.dump(), R"({"b":"two","a":9.20,"list":[true,null]})");
}

}  // namespace
}  // namespace lambda

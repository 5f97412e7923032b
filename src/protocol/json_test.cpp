#include "protocol/json.h"

#include <gtest/gtest.h>

#include <cmath>

#include "protocol/error.h"
#include "protocol/sample_shapes.h"

namespace matinee::protocol {
namespace {

using sample::Everything;

Everything read(std::string text, Violations* violations = nullptr) {
  Everything object;
  json::read(Everything::shape, text, &object, violations);
  return object;
}

std::string write(const Everything& object) {
  std::string text;
  json::append_structure(text, Everything::shape, &object);
  return text;
}

/// The message of the SerializationException that reading ends in, or "" where it succeeds.
std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.name(), "SerializationException");
    EXPECT_EQ(error.status(), 400);
    return error.message();
  }
  return "";
}

TEST(Json, what_is_written_reads_back_as_the_same) {
  const Everything object = sample::full();
  EXPECT_EQ(read(write(object)), object);
}

TEST(Json, names_may_begin_with_a_letter_of_either_case_where_that_is_asked_for) {
  std::string text = R"({"name": "Ada"})";
  Everything object;
  Violations violations;
  json::read_in_either_case(Everything::shape, text, &object, &violations);
  EXPECT_EQ(object.name, "Ada");
  EXPECT_NE(read(text).name, "Ada");
  text = R"({"nAME": "Ada"})";
  object = {};
  json::read_in_either_case(Everything::shape, text, &object, &violations);
  EXPECT_NE(object.name, "Ada");
}

TEST(Json, members_are_written_in_the_models_order_and_absent_ones_left_out) {
  Everything object;
  object.name = "n";
  object.count = 3;
  object.created = Timestamp(std::chrono::milliseconds(1500));
  object.data = Blob{"hi"};
  EXPECT_EQ(write(object), R"({"Name":"n","Parts":[],"Count":3,"Data":"aGk=","Created":1.5})");
}

TEST(Json, control_characters_are_escaped) {
  std::string out;
  json::append_string(out, std::string_view("a\n\r\t\b\f\x01\x1f\"\\/\x7f", 12));
  EXPECT_EQ(out, "\"a\\n\\r\\t\\b\\f\\u0001\\u001f\\\"\\\\/\x7f\"");
}

TEST(Json, a_long_text_is_escaped_wherever_the_quote_is) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    text[at] = '"';
    std::string out;
    json::append_string(out, text);
    EXPECT_EQ(out, "\"" + text.substr(0, at) + "\\\"" + text.substr(at + 1) + "\"");
  }
}

TEST(Json, every_escape_is_understood) {
  EXPECT_EQ(read(R"({"Name":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83c\udfac"})").name,
            "\"\\/\b\f\n\r\tAé€\xF0\x9F\x8E\xAC");
}

TEST(Json, half_a_surrogate_pair_is_refused) {
  EXPECT_NE(refusal(R"({"Name":"\ud83c"})"), "");
  EXPECT_NE(refusal(R"({"Name":"\ud83cx"})"), "");
  EXPECT_NE(refusal(R"({"Name":"\ud83c\u0041"})"), "");
  EXPECT_NE(refusal(R"({"Name":"\udfac"})"), "");
  EXPECT_NE(refusal(R"({"Name":"\u12"})"), "");
  EXPECT_NE(refusal(R"({"Name":"\x"})"), "");
}

TEST(Json, members_come_in_any_order_with_unknown_ones_between) {
  const Everything object = read(
      R"({"Count":1,"Unknown":{"a":[1,{"b":null}]},"Parts":[{"Size":2,"Id":"i"}],"Name":"n"})");
  EXPECT_EQ(object.name, "n");
  EXPECT_EQ(object.count, 1);
  EXPECT_EQ(object.parts, (sample::Parts{{"i", 2}}));
}

TEST(Json, a_key_with_escapes_is_the_same_key) {
  EXPECT_EQ(read(R"({"\u004eame":"n"})").name, "n");
}

TEST(Json, null_counts_as_absent) {
  Violations violations;
  const Everything object = read(R"({"Name":null,"Parts":[],"Count":null})", &violations);
  EXPECT_FALSE(object.count);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].path, "Name");
  EXPECT_EQ(violations[0].rule, Rule::required);
}

TEST(Json, of_equal_keys_the_last_counts) {
  const Everything object =
      read(R"({"Name":"a","Parts":[{"Id":"1"}],"Labels":{"k":"1","k":"2"},"Name":"b","Parts":[]})");
  EXPECT_EQ(object.name, "b");
  EXPECT_TRUE(object.parts.empty());
  EXPECT_EQ(object.labels->at("k"), "2");
}

TEST(Json, missing_required_members_are_reported_with_their_path) {
  Violations violations;
  read(R"({"Name":"n","Parts":[{"Id":"1"},{"Size":3}],"Flat":[{}]})", &violations);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].path, "Parts.2.member.Id");
  EXPECT_EQ(violations[0].value, "null");
  EXPECT_EQ(violations[1].path, "Flat.1.member.Id");
}

TEST(Json, an_empty_body_is_an_empty_object) {
  Violations violations;
  read("", &violations);
  EXPECT_EQ(violations.size(), 2u);
}

TEST(Json, wrong_types_are_refused_as_aws_words_it) {
  EXPECT_EQ(refusal(R"({"Name":1})"), "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(refusal(R"({"Name":true})"), "TRUE_VALUE cannot be converted to String");
  EXPECT_EQ(refusal(R"({"Count":"1"})"), "STRING_VALUE cannot be converted to Integer");
  EXPECT_EQ(refusal(R"({"Name":{}})"), "Start of structure or map found where not expected.");
  EXPECT_EQ(refusal(R"({"Parts":"x"})"), "Unexpected field type");
  EXPECT_EQ(refusal(R"({"Labels":3})"), "Unexpected field type");
  EXPECT_NE(refusal(R"({"Enabled":"true"})"), "");
  EXPECT_NE(refusal(R"({"Data":"no base64!"})"), "");
  EXPECT_NE(refusal(R"([])"), "");
  EXPECT_NE(refusal(R"("x")"), "");
}

TEST(Json, integers_must_be_whole_and_in_range) {
  EXPECT_EQ(read(R"({"Count":3.0})").count, 3);
  EXPECT_EQ(read(R"({"Count":-2147483648})").count, INT32_MIN);
  EXPECT_EQ(read(R"({"Total":9223372036854775807})").total, INT64_MAX);
  EXPECT_NE(refusal(R"({"Count":3.5})"), "");
  EXPECT_NE(refusal(R"({"Count":2147483648})"), "");
  EXPECT_NE(refusal(R"({"Total":1e30})"), "");
}

TEST(Json, numbers_that_json_has_no_words_for_are_strings) {
  EXPECT_TRUE(std::isnan(*read(R"({"Ratio":"NaN"})").ratio));
  EXPECT_EQ(read(R"({"Ratio":"-Infinity"})").ratio, -INFINITY);
  EXPECT_EQ(read(R"({"Ratio":1.25e2})").ratio, 125.0);
}

TEST(Json, malformed_text_is_refused) {
  for (const std::string text : {"{",
                                 "}",
                                 "{\"Name\"",
                                 "{\"Name\":",
                                 "{\"Name\":\"a",
                                 "{\"Name\":\"a\"",
                                 "{\"Parts\":[",
                                 "{\"Parts\":[{\"Id\":\"x\"}",
                                 "{\"Parts\":[{\"Id\":\"x\"]}",
                                 "{\"Name\":\"a\"}}",
                                 "{\"Name\":\"a\"} {}",
                                 "{\"Count\":1x}",
                                 "{\"Count\":-}",
                                 "{\"Enabled\":tru}",
                                 "{\"Name\":\"a\" \"Count\":1}",
                                 "{Name:1}",
                                 "nul",
                                 "{\"Name\":nul}",
                                 "\"",
                                 "[",
                                 " "})
    EXPECT_NE(refusal(text), "") << text;
}

TEST(Json, invalid_utf8_is_refused) {
  EXPECT_NE(refusal("{\"Name\":\"\xff\"}"), "");
  EXPECT_NE(refusal("{\"Name\":\"\xed\xa0\x80\"}"), "");
  EXPECT_NE(refusal("{\"Name\":\"line\nbreak\"}"), "");
}

TEST(Json, every_truncation_of_a_document_is_refused) {
  const std::string whole = write(sample::full());
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
}

TEST(Json, deep_nesting_of_what_is_ignored_does_no_harm) {
  const std::string deep = "{\"Unknown\":" + std::string(900, '[') + std::string(900, ']') + "}";
  EXPECT_EQ(refusal(deep), "");
  refusal("{\"Unknown\":" + std::string(100'000, '[') + "}");
}

TEST(Json, an_errors_type_and_message_are_found_under_their_various_names) {
  std::string text = R"({"__type":"a#B","Message":"m","x":[1]})";
  EXPECT_EQ(json::read_error(text).type, "a#B");
  EXPECT_EQ(json::read_error(text).message, "m");
  text = R"({"message":"n","code":"C"})";
  EXPECT_EQ(json::read_error(text).type, "C");
  EXPECT_EQ(json::read_error(text).message, "n");
}

}  // namespace
}  // namespace matinee::protocol

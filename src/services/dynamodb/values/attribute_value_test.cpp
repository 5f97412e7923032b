#include "services/dynamodb/values/attribute_value.h"

#include <gtest/gtest.h>

#include "protocol/error.h"
#include "protocol/json_reader.h"
#include "services/dynamodb/values/size.h"

namespace matinee::dynamodb {
namespace {

AttributeValue read(std::string_view text) {
  const std::string list = "[" + std::string(text) + "]";
  simdjson::padded_string padded(list);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document = parser.iterate(padded);
  AttributeValue result;
  for (simdjson::ondemand::value value : document.get_array())
    attribute_value_access.read_json(&value, &result);
  return result;
}

std::string write(const AttributeValue& value) {
  std::string out;
  attribute_value_access.write_json(&value, out);
  return out;
}

std::string failure(std::string_view text) {
  try {
    require_value(read(text));
  } catch (const protocol::ServiceError& error) {
    return error.code() + ": " + error.message();
  }
  return "accepted";
}

TEST(AttributeValue, json_of_every_type_round_trips) {
  for (const char* text :
       {R"({"S":"text"})", R"({"S":""})", R"({"N":"-12.5"})", R"({"B":"AAEC"})",
        R"({"SS":["a","b"]})", R"({"NS":["1","2.5"]})", R"({"BS":["AA==","AQ=="]})",
        R"({"M":{"a":{"S":"x"},"b":{"NULL":true}}})", R"({"M":{}})", R"({"L":[]})",
        R"({"L":[{"BOOL":true},{"BOOL":false},{"L":[{"N":"1"}]}]})", R"({"NULL":true})"}) {
    EXPECT_EQ(write(read(text)), text);
  }
}

TEST(AttributeValue, values_are_equal_by_content_and_not_by_spelling) {
  EXPECT_EQ(read(R"({"N":"1.0"})"), read(R"({"N":"1"})"));
  EXPECT_EQ(read(R"({"SS":["b","a"]})"), read(R"({"SS":["a","b"]})"));
  EXPECT_NE(read(R"({"L":[{"N":"1"},{"N":"2"}]})"), read(R"({"L":[{"N":"2"},{"N":"1"}]})"));
  EXPECT_NE(read(R"({"S":"1"})"), read(R"({"N":"1"})"));
}

TEST(AttributeValue, what_is_no_value_is_refused_with_dynamodbs_message) {
  const std::string prefix = "ValidationException: ";
  const std::string parameter = prefix + "One or more parameter values were invalid: ";
  EXPECT_EQ(failure("{}"), prefix +
                               "Supplied AttributeValue is empty, must contain exactly one of the "
                               "supported datatypes");
  EXPECT_EQ(failure(R"({"S":"a","N":"1"})"),
            prefix +
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one "
                "of the supported datatypes");
  EXPECT_EQ(write(read(R"({"NULL":false})")), R"({"NULL":true})");
  EXPECT_EQ(failure(R"({"SS":[]})"), parameter + "An string set  may not be empty");
  EXPECT_EQ(failure(R"({"NS":[]})"), parameter + "An number set  may not be empty");
  EXPECT_EQ(failure(R"({"BS":[]})"), parameter + "Binary sets should not be empty");
  EXPECT_EQ(failure(R"({"SS":["a","b","a"]})"),
            parameter + "Input collection [a, b, a] contains duplicates.");
  EXPECT_EQ(failure(R"({"NS":["1","1.0"]})"), prefix + "Input collection contains duplicates");
  EXPECT_EQ(failure(R"({"N":"x"})"),
            prefix + "The parameter cannot be converted to a numeric value: x");
}

TEST(AttributeValue, json_of_other_types_is_a_serialization_error) {
  for (const char* text : {R"({"S":1})", R"({"N":1})", R"({"BOOL":"true"})", R"({"L":{}})",
                           R"({"M":[]})", R"({"SS":"a"})", R"("text")", "[]", R"({"B":"?"})"})
    EXPECT_TRUE(failure(text).starts_with("SerializationException")) << failure(text);
}

TEST(AttributeValue, wrong_json_inside_of_a_value_has_words_of_its_own) {
  const std::string prefix = "SerializationException: ";
  for (const char* text : {R"("text")", R"({"L":"a"})", R"({"M":{"a":1}})", R"({"L":[true]})"})
    EXPECT_EQ(failure(text), prefix + "Unexpected value type in payload") << text;
  for (const char* text : {R"({"S":{}})", R"({"SS":[["a"]]})", R"({"M":{"a":{"N":{}}}})"})
    EXPECT_EQ(failure(text), prefix + "Start of structure or map found where not expected") << text;
  EXPECT_EQ(failure(R"({"S":1})"), prefix + "NUMBER_VALUE cannot be converted to String");
}

TEST(AttributeValue, the_first_thing_that_is_wrong_inside_of_a_value_is_told) {
  const std::string empty =
      "ValidationException: Supplied AttributeValue is empty, must contain exactly one of the "
      "supported datatypes";
  EXPECT_EQ(failure(R"({"M":{"a":{"L":[{"S":"x"},{},{"N":"x"}]}}})"), empty);
  EXPECT_EQ(failure(R"({"L":[{"N":"x"},{}]})"),
            "ValidationException: The parameter cannot be converted to a numeric value: x");
  EXPECT_TRUE(failure(R"({"L":[{},{"S":1}]})").starts_with("SerializationException"));
}

TEST(AttributeValue, nesting_ends_at_thirty_two_levels) {
  const auto nested = [](int levels) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += R"({"L":[)";
    text += R"({"N":"1"})";
    for (int i = 0; i < levels; ++i) text += "]}";
    return text;
  };
  EXPECT_EQ(failure(nested(32)), "accepted");
  EXPECT_EQ(failure(nested(33)),
            "ValidationException: Nesting Levels have exceeded supported limits: Attributes in the "
            "item have nested levels beyond supported limit");
}

TEST(AttributeValue, sizes_follow_dynamodbs_rules) {
  EXPECT_EQ(size_of(read(R"({"S":"äb"})")), 3U);
  EXPECT_EQ(size_of(read(R"({"N":"0"})")), 1U);
  EXPECT_EQ(size_of(read(R"({"N":"1"})")), 2U);
  EXPECT_EQ(size_of(read(R"({"N":"12"})")), 2U);
  EXPECT_EQ(size_of(read(R"({"N":"1.2"})")), 3U);
  EXPECT_EQ(size_of(read(R"({"N":"-123"})")), 4U);
  EXPECT_EQ(size_of(read(R"({"B":"AAEC"})")), 3U);
  EXPECT_EQ(size_of(read(R"({"NULL":true})")), 1U);
  EXPECT_EQ(size_of(read(R"({"L":[]})")), 3U);
  EXPECT_EQ(size_of(read(R"({"M":{"ab":{"S":"c"}}})")), 7U);
  EXPECT_EQ(size_of(Item{{"id", "x"}, {"n", Number(5)}}), 6U);
}

TEST(AttributeValue, description_is_written_as_in_awss_messages) {
  EXPECT_EQ(describe(read(R"({"S":"a"})")), "{S:a}");
  EXPECT_EQ(describe(read(R"({"N":"1.50"})")), "{N:1.5}");
}

}  // namespace
}  // namespace matinee::dynamodb

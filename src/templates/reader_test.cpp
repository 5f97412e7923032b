#include "templates/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace matinee::templates {
namespace {

using ::testing::ElementsAre;

std::string json_of(std::string_view text, Aliases aliases = Aliases::refused) {
  return to_json(read_value(text, aliases));
}

std::string error_of(std::string_view text, Aliases aliases = Aliases::refused) {
  try {
    return "no error, but " + to_json(read_template(text, aliases));
  } catch (const TemplateError& error) {
    return error.message;
  }
}

TEST(Reader, types_plain_scalars_of_yaml_as_cloudformation_does) {
  EXPECT_EQ(json_of("a: true\nb: No\nc: 'true'\nd: 3\ne: 1000.0\nf: 2012-10-17\ng: 0644\n"
                    "h: 12e4567\ni: 0x1F\nj: 12:30:45\nk: ~\nl:\nm: -1.5e+3\nn: +5\no: .5\n"),
            R"({"a":true,"b":false,"c":"true","d":3,"e":1000.0,"f":"2012-10-17","g":"0644",)"
            R"("h":"12e4567","i":"0x1F","j":"12:30:45","k":null,"l":null,"m":-1.5e+3,"n":"+5",)"
            R"("o":".5"})");
}

TEST(Reader, keeps_keys_as_texts) {
  EXPECT_EQ(json_of("yes: 1\n2: 3\n'': 4\n"), R"({"yes":1,"2":3,"":4})");
}

TEST(Reader, reads_tags_of_yaml_itself) {
  EXPECT_EQ(json_of("a: !!str 5\nb: !!int 5\nc: ! 5\nd: !!map {}\ne: !!seq []\n"),
            R"({"a":"5","b":5,"c":"5","d":{},"e":[]})");
  EXPECT_EQ(error_of("a: !!binary aGVsbG8=\n"),
            "Template format error: YAML not well-formed. (line 1, column 4)");
  EXPECT_EQ(error_of("a: !!set {}\n"),
            "Template format error: YAML not well-formed. (line 1, column 4)");
}

TEST(Reader, turns_short_forms_into_long_ones) {
  EXPECT_EQ(json_of("a: !Ref X\nb: !GetAtt X.Outputs.Y\nc: !Condition C\nd: !Sub\n  - t\n  - {}\n"
                    "e: !Join ['', [!Ref X, 5]]\nf: !GetAtt [X, Arn]\ng: !Anything 7\n"),
            R"({"a":{"Ref":"X"},"b":{"Fn::GetAtt":["X","Outputs.Y"]},"c":{"Condition":"C"},)"
            R"("d":{"Fn::Sub":["t",{}]},"e":{"Fn::Join":["",[{"Ref":"X"},5]]},)"
            R"("f":{"Fn::GetAtt":["X","Arn"]},"g":{"Fn::Anything":"7"}})");
}

TEST(Reader, keeps_the_text_of_blocks) {
  EXPECT_EQ(json_of("a: |\n  one\n    two\nb: >-\n  one\n  two\n"),
            R"({"a":"one\n  two\n","b":"one two"})");
}

TEST(Reader, takes_the_last_of_two_members_of_one_name) {
  EXPECT_EQ(json_of("a: 1\nb: 2\na: 3\n"), R"({"a":3,"b":2})");
  EXPECT_EQ(json_of(R"({"a": 1, "b": 2, "a": 3})"), R"({"a":3,"b":2})");
}

TEST(Reader, reads_json_with_its_escapes_and_numbers) {
  EXPECT_EQ(json_of("\xEF\xBB\xBF {\"\\u0061\": \"\\ud83c\\udfac\\/\", \"b\": [1.50, -0, 1e400, "
                    "123456789012345678901234567890, null, true]}\n"),
            "{\"a\":\"\xF0\x9F\x8E\xAC/\",\"b\":[1.50,-0,1e400,"
            "123456789012345678901234567890,null,true]}");
}

TEST(Reader, reads_lists_of_both_languages) {
  EXPECT_EQ(json_of("[\"\\ud83c\\udfac\", 1]"), "[\"\xF0\x9F\x8E\xAC\",1]");
  EXPECT_EQ(json_of("[a, !Ref b]"), R"(["a",{"Ref":"b"}])");
}

TEST(Reader, knows_the_place_of_each_value_and_name) {
  const auto places = [](std::string_view text) {
    const Value root = read_template(text);
    const Member& type = root.find("Resources")->find("Queue")->members().back();
    return std::array{type.place.line, type.place.column, type.value.place().line,
                      type.value.place().column};
  };
  EXPECT_THAT(places("Resources:\n  Queue:\n    \xC3\xA9\xC3\xA9: x\n    Type: A\n"),
              ElementsAre(4, 5, 4, 11));
  EXPECT_THAT(places("Resources: {Queue: {\xC3\xA9: [x], Type: A}}\n"), ElementsAre(1, 29, 1, 35));
  EXPECT_THAT(places("{\"Resources\":\n{\"Queue\":\n   {\"Type\":  \"A\"}}}"),
              ElementsAre(3, 5, 3, 14));
}

TEST(Reader, says_where_a_text_is_not_well_formed) {
  EXPECT_EQ(error_of("a: b\n c: d: e\n"),
            "Template format error: YAML not well-formed. (line 2, column 3)");
  EXPECT_EQ(error_of("a: [1, 2\n"),
            "Template format error: YAML not well-formed. (line 2, column 1)");
  EXPECT_EQ(error_of("a: \xFF\n"),
            "Template format error: YAML not well-formed. (line 1, column 4)");
  EXPECT_EQ(error_of("a: 1\n---\nb: 2\n"),
            "Template format error: YAML not well-formed. (line 2, column 1)");
  EXPECT_EQ(error_of("{\"a\": 1,\n \"b\" 2}"),
            "Template format error: JSON not well-formed. (line 2, column 6)");
  for (const char* number : {"01", "1.", "-", "1e", ".5", "+1", "0x1", "1 2", "NaN"})
    EXPECT_EQ(error_of("{\"a\": " + std::string(number) + "}").substr(0, 43),
              "Template format error: JSON not well-formed")
        << number;
  EXPECT_EQ(error_of("{\"a\": tru}").substr(0, 43), "Template format error: JSON not well-formed");
  EXPECT_EQ(error_of("{} x").substr(0, 43), "Template format error: JSON not well-formed");
}

TEST(Reader, refuses_what_is_no_map) {
  for (const char* text : {"", "  \n", "text", "[1]", "3"})
    EXPECT_EQ(error_of(text), "Template format error: unsupported structure.") << text;
}

TEST(Reader, refuses_aliases_as_cloudformation_does) {
  EXPECT_EQ(error_of("a: &x 1\nb: *x\n"),
            "Template error: YAML aliases are not allowed in CloudFormation templates");
  EXPECT_EQ(json_of("a: &x 1\n"), R"({"a":1})") << "an anchor alone does no harm";
}

TEST(Reader, expands_aliases_and_merge_keys_of_local_files) {
  EXPECT_EQ(json_of("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\nc: [*x]\nd:\n  <<: [*x, {r: 4}]\n",
                    Aliases::expanded),
            R"({"a":{"p":1,"q":2},"b":{"q":3,"p":1},"c":[{"p":1,"q":2}],"d":{"p":1,"q":2,"r":4}})");
  EXPECT_EQ(error_of("a: &x [*x]\n", Aliases::expanded),
            "Template format error: YAML not well-formed. (line 1, column 8)");
}

TEST(Reader, stops_a_bomb_of_aliases) {
  std::string bomb = "a0: &a0 [lol]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string earlier = "*a" + std::to_string(i - 1);
    bomb += name + ": &" + name + " [" + earlier + ", " + earlier + "]\n";
  }
  EXPECT_EQ(error_of(bomb, Aliases::expanded),
            "Template error: YAML aliases make the template too large");
  EXPECT_EQ(error_of(bomb),
            "Template error: YAML aliases are not allowed in CloudFormation templates");
}

TEST(Reader, stops_a_bomb_of_aliases_without_any_text) {
  std::string list = "- &a0 []\n";
  for (int i = 1; i < 22; ++i) {
    const std::string earlier = "*a" + std::to_string(i - 1);
    list += "- &a" + std::to_string(i) + " [" + earlier + ", " + earlier + "]\n";
  }
  EXPECT_THROW(read_value(list, Aliases::expanded), TemplateError);
}

TEST(Reader, refuses_what_is_nested_too_deep) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  EXPECT_EQ(error_of("a: " + deep),
            "Template format error: YAML not well-formed. (line 1, column 203)");
  EXPECT_EQ(error_of("{\"a\": " + deep + "}").substr(0, 43),
            "Template format error: JSON not well-formed");
}

}  // namespace
}  // namespace matinee::templates

#include "templates/language_extensions.h"

#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::templates {
namespace {

Environment environment() {
  return {.parameters = {{"List", Value::list({"a", "b", "c"})},
                         {"Name", Value("n")},
                         {"Secret", Value("hush")},
                         {"Keep", Value("Retain")}},
          .region = "eu-west-1",
          .stack_name = "S"};
}

std::string json_of(std::string_view text) {
  return to_json(expand_language_extensions(read_template(text), environment()));
}

std::string error_of(std::string_view text) {
  try {
    return "no error, but " + json_of(text);
  } catch (const TemplateError& error) {
    return error.message;
  }
}

TEST(LanguageExtensions, repeat_resources_in_the_order_of_the_collection) {
  EXPECT_EQ(json_of("Resources:\n  Fn::ForEach::Topics:\n  - Topic\n  - [B, A]\n"
                    "  - Topic${Topic}:\n      Type: AWS::SNS::Topic\n      Properties:\n"
                    "        TopicName: !Join ['.', [!Ref Topic, fifo]]\n        FifoTopic: true\n"
                    "        DisplayName: !Sub 'my ${Topic} of ${AWS::StackName}'\n"),
            R"({"Resources":{"TopicB":{"Type":"AWS::SNS::Topic","Properties":)"
            R"({"TopicName":"B.fifo","FifoTopic":true,"DisplayName":"my B of S"}},)"
            R"("TopicA":{"Type":"AWS::SNS::Topic","Properties":)"
            R"({"TopicName":"A.fifo","FifoTopic":true,"DisplayName":"my A of S"}}}})");
}

TEST(LanguageExtensions, repeat_within_loops_and_properties_and_over_parameters) {
  EXPECT_EQ(
      json_of("Outputs:\n  Fn::ForEach::Outer:\n  - X\n  - !Ref List\n"
              "  - Fn::ForEach::Inner:\n    - Y\n    - ['1', 2]\n"
              "    - O${X}${Y}: {Value: !GetAtt [!Sub 'R${X}', !Ref Y]}\n"
              "      P${X}${Y}: {Value: !Ref {Fn::Sub: '${X}Id'}}\n")
          .substr(0, 132),
      R"({"Outputs":{"Oa1":{"Value":{"Fn::GetAtt":["Ra","1"]}},"Pa1":{"Value":{"Ref":"aId"}},)"
      R"("Oa2":{"Value":{"Fn::GetAtt":["Ra","2"]}},"Pa2":)");
  EXPECT_EQ(json_of("Resources:\n  R:\n    Type: x\n    Properties:\n      Fn::ForEach::Tags:\n"
                    "      - T\n      - [a]\n      - Var_${T}: !Ref T\n      Other: 1\n"),
            R"({"Resources":{"R":{"Type":"x","Properties":{"Var_a":"a","Other":1}}}})");
}

TEST(LanguageExtensions, leave_plain_texts_alone) {
  EXPECT_EQ(
      json_of("Resources:\n  Fn::ForEach::L:\n  - X\n  - [a-1]\n"
              "  - P&{X}: {Type: x, Properties: {a: '${X}', b: !Sub '${X}&{X}', '${X}': c}}\n"),
      R"({"Resources":{"Pa1":{"Type":"x","Properties":{"a":"${X}","b":"a-1&{X}","${X}":"c"}}}})");
}

TEST(LanguageExtensions, carry_out_what_is_known_and_leave_the_rest) {
  EXPECT_EQ(
      json_of(
          "Mappings: {M: {k: {v: 1}}}\nParameters: {Secret: {Type: String, NoEcho: true}}\n"
          "Resources:\n  R:\n    Type: x\n    DeletionPolicy: !Ref Keep\n    Properties:\n"
          "      a: !Length {Ref: List}\n      b: !ToJsonString {x: [1, !Ref Name]}\n"
          "      c: !ToJsonString {x: !Ref Other}\n"
          "      d: !FindInMap [M, !Sub 'k${Name}', v, DefaultValue: !Ref Name]\n"
          "      e: !Sub '${Other.Arn}-${Name}'\n      f: !If [C, !Ref Name, !Ref AWS::NoValue]\n"
          "      g: !Sub '${Secret}'\n      h: !Select [1, !Ref List]\n"
          "      i: !FindInMap [M, k, v]\n"),
      R"({"Mappings":{"M":{"k":{"v":1}}},"Parameters":{"Secret":{"Type":"String","NoEcho":true}},)"
      R"("Resources":{"R":{"Type":"x","DeletionPolicy":"Retain","Properties":{"a":3,)"
      R"("b":"{\"x\":[1,\"n\"]}","c":{"Fn::ToJsonString":{"x":{"Ref":"Other"}}},"d":"n",)"
      R"("e":{"Fn::Sub":"${Other.Arn}-${Name}"},"f":{"Fn::If":["C","n",{"Ref":"AWS::NoValue"}]},)"
      R"("g":{"Fn::Sub":"${Secret}"},"h":"b","i":1}}}})");
}

TEST(LanguageExtensions, expand_loops_of_conditions) {
  EXPECT_EQ(json_of("Conditions:\n  Fn::ForEach::C:\n  - X\n  - [a]\n"
                    "  - Is${X}: !Equals [!Ref Name, !Ref X]\n"
                    "  Both: !Not [!Condition Isa]\n"),
            R"({"Conditions":{"Isa":{"Fn::Equals":["n","a"]},)"
            R"("Both":{"Fn::Not":[{"Condition":"Isa"}]}}})");
}

TEST(LanguageExtensions, say_what_is_wrong) {
  EXPECT_EQ(error_of("Resources: {R: {Type: x, Properties: {a: !Length {Ref: Other}}}}\n"),
            "The Fn::Length value could not be resolved for properties");
  EXPECT_EQ(error_of("Resources:\n  Fn::ForEach::L: [X, [a]]\n"),
            "Fn::ForEach layout is incorrect");
  EXPECT_EQ(error_of("Resources:\n  Fn::ForEach::L: [X, !GetAtt A.B, {'R${X}': {}}]\n"),
            "Could not find a collection or could not be resolved for Fn::ForEach");
  EXPECT_EQ(error_of("Resources:\n  Fn::ForEach::L: [X, [a-b], {'R${X}': {}}]\n"),
            "OutputKey 'Ra-b' should be alphanumeric");
  EXPECT_EQ(error_of("Resources:\n  Fn::ForEach::L: [X, [a, b], {R: {}}]\n"),
            "Fn::ForEach layout is incorrect: R comes more than once");
  EXPECT_EQ(error_of("Mappings:\n  Fn::ForEach::L: [X, [a], {'R${X}': {}}]\n"),
            "Fn::ForEach is not supported in the Mappings section of a template");
  EXPECT_EQ(error_of("Resources: {R: {Type: x, Properties: {a: !FindInMap [M, b, c]}}}\n"),
            "Template error: Unable to get mapping for M::b::c");
}

TEST(LanguageExtensions, stop_what_grows_without_end) {
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "i" + std::to_string(i) + ",";
  std::string text = "Resources:\n  Fn::ForEach::L0: [X0, [" + hundred + "], ";
  for (int i = 1; i < 5; ++i)
    text += "{'Fn::ForEach::L" + std::to_string(i) + "': [X" + std::to_string(i) + ", [" + hundred +
            "], ";
  const std::string end = "]}]}]}]}]\n";
  EXPECT_EQ(error_of(text + "{'R${X0}${X1}${X2}${X3}${X4}': {}}" + end),
            "The template becomes larger than 1000000 bytes");
  EXPECT_EQ(error_of(text + "{}" + end), "The template becomes larger than 1000000 bytes");
  EXPECT_EQ(error_of(text + "{'Fn::ForEach::L5': [X5, [a], {}]}" + end),
            "Fn::ForEach may be nested 5 times at most");
}

}  // namespace
}  // namespace matinee::templates

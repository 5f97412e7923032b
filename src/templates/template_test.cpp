#include "templates/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::templates {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

std::string error_of(std::string_view text) {
  try {
    check_structure(read_template(text));
    return "no error";
  } catch (const TemplateError& error) {
    return error.message;
  }
}

/// A template with one topic and more.
std::string with(std::string_view more) {
  return "Resources:\n  T:\n    Type: AWS::SNS::Topic\n" + std::string(more);
}

TEST(Structure, reads_all_that_a_resource_says) {
  const Template checked = check_structure(read_template(
      "AWSTemplateFormatVersion: 2010-09-09\nDescription: all\nMetadata: {m: 1}\n"
      "Parameters:\n  P: {Type: String, Default: 5}\n"
      "Mappings: {M: {eu-west-1: {x: [a]}}}\n"
      "Conditions: {C: !Equals [!Ref P, x]}\n"
      "Resources:\n  A:\n    Type: AWS::SNS::Topic\n"
      "  B:\n    Type: AWS::SQS::Queue\n    Condition: C\n    DependsOn: [A, A]\n"
      "    DeletionPolicy: Retain\n    UpdateReplacePolicy: !Ref P\n    Metadata: {x: y}\n"
      "    Properties: {QueueName: !Sub 'x-${P}'}\n"
      "Outputs:\n  O: {Value: !GetAtt A.TopicName, Description: d, Condition: C,\n"
      "    Export: {Name: e}}\n"));
  EXPECT_EQ(checked.description, "all");
  EXPECT_EQ(checked.find_parameter("P")->default_value, "5");
  const Resource* queue = checked.find_resource("B");
  ASSERT_NE(queue, nullptr);
  EXPECT_EQ(queue->type, "AWS::SQS::Queue");
  EXPECT_EQ(queue->condition, "C");
  EXPECT_THAT(queue->depends_on, ElementsAre("A"));
  EXPECT_EQ(queue->deletion_policy.text(), "Retain");
  EXPECT_EQ(to_json(queue->update_replace_policy), R"({"Ref":"P"})");
  EXPECT_EQ(to_json(queue->properties), R"({"QueueName":{"Fn::Sub":"x-${P}"}})");
  const Output* output = checked.find_output("O");
  ASSERT_NE(output, nullptr);
  EXPECT_EQ(to_json(output->value), R"({"Fn::GetAtt":["A","TopicName"]})");
  EXPECT_EQ(output->export_name.text(), "e");
}

TEST(Structure, says_what_is_wrong_in_the_words_of_cloudformation) {
  const std::pair<std::string, std::string> cases[] = {
      {"{}", "Template format error: At least one Resources member must be defined."},
      {"Resources: {}", "Template format error: At least one Resources member must be defined."},
      {"Resources: ''", "Template format error: Any Resources member must be an object."},
      {"Resources: {A: x}",
       "Template format error: [/Resources/A] resource definition is malformed"},
      {"Resources: {A: {Properties: {}}}",
       "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
      {"Resources: {A: {Type: x, Propertys: {}}}",
       "Invalid template resource property 'Propertys'"},
      {"Resources: {a-b: {Type: x}}",
       "Template format error: Resource name a-b is non alphanumeric."},
      {"Resources: {A: {Type: x, Properties: }}",
       "[/Resources/A/Properties] 'null' values are not allowed in templates"},
      {"Resources: {A: {Type: x, DependsOn: {a: b}}}",
       "Template format error: DependsOn must be a string or list of strings."},
      {"Resources: {A: {Type: x, DeletionPolicy: Keep}}",
       "Template format error: Unrecognized DeletionPolicy Keep for resource A"},
      {"Resources: {A: {Type: x, UpdateReplacePolicy: RetainExceptOnCreate}}",
       "Template format error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource "
       "A"},
      {"Resources: {A: {Type: x, DeletionPolicy: [x]}}",
       "Template format error: Every DeletionPolicy member must be a string."},
      {with("Resource: {}"), "Invalid template property or properties [Resource]"},
      {with("AWSTemplateFormatVersion: 2011-01-01"),
       "Template format error: 2011-01-01 is not a supported value for AWSTemplateFormatVersion."},
      {with("Description: [x]"),
       "Template format error: Every Description member must be a string."},
      {with("Outputs: {O: {Value: }}"),
       "[/Outputs/O/Value] 'null' values are not allowed in templates"},
      {with("Outputs: {O: {}}"),
       "Template format error: Every Outputs member must contain a Value object"},
      {with("Outputs: {O: {Value: [x]}}"),
       "Template format error: The Value field of every Outputs member must evaluate to a String."},
      {with("Outputs: {O: {Value: x, Name: y}}"), "Invalid template output property 'Name'"},
      {with("Parameters: {a_b: {Type: String}}"),
       "Template format error: Parameter name a_b is non alphanumeric."},
      {with("Parameters: {A: {Default: x}}"),
       "Template format error: Every Parameters object must contain a Type member."},
      {with("Parameters: {A: {Type: Text}}"),
       "Template format error: Unrecognized parameter type: Text"},
      {with("Parameters: {A: {Type: String, Defalt: x}}"),
       "Invalid template parameter property 'Defalt'"},
      {with("Parameters: {A: {Type: String, Default: [x]}}"),
       "Template format error: Every Default member must be a string."},
      {with("Parameters: {A: {Type: String, Default: ab, MinLength: 12}}"),
       "Parameter 'A' must contain at least 12 characters"},
      {with("Mappings: {M: {k: x}}"),
       "Template format error: Every Mappings member k must be a map"},
      {with("Mappings: {M: {k: {a: {b: c}}}}"),
       "Template format error: Every Mappings attribute must be a String or a List."},
      {with("Mappings: {M: {k: {a: !Ref x}}}"),
       "Template format error: Every Mappings attribute must be a String or a List."},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(error_of(text), message) << text;
}

TEST(Structure, knows_the_form_of_functions) {
  const std::pair<std::string, std::string> cases[] = {
      {"!Ref [a]", "Template error: every Ref object must have a single String value."},
      {"!GetAtt T",
       "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource "
       "name and the resource attribute"},
      {"!Join ['']",
       "Template error: every Fn::Join object requires two parameters, (1) a string "
       "delimiter and (2) a list of strings to be joined or a function that returns "
       "a list of strings (such as Fn::GetAZs) to be joined."},
      {"!Select [0]",
       "Template error: Fn::Select requires a list argument with two elements: an integer index "
       "and a list"},
      {"!FindInMap [a, b]",
       "Template error: every Fn::FindInMap object requires three "
       "parameters, the map name, map key and the attribute for return value"},
      {"!If [a, b]", "Template error: Fn::If requires a list argument with three elements"},
      {"!If [a, b, c]", "Template error: unresolved condition dependency a in Fn::If"},
      {"!Sub '${a b}'",
       "Template error: variable names in Fn::Sub syntax must contain only alphanumeric "
       "characters, underscores, periods, and colons"},
      {"!Sub [a]",
       "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. "
       "Specify a string as first argument, and an optional second argument to specify a mapping "
       "of values to replace in the string"},
      {"!FindInMap [M, a, b]",
       "Template error: Mapping named 'M' is not present in the 'Mappings' "
       "section of template."},
  };
  for (const auto& [value, message] : cases)
    EXPECT_EQ(error_of(with("    Properties: {P: " + value + "}\n")), message) << value;
  EXPECT_THAT(
      error_of(with("    Properties: {P: !Foo x}\n")),
      StartsWith("Template error: Encountered unsupported function: Fn::Foo Supported functions "
                 "are: [Fn::Base64, Fn::GetAtt,"));
  EXPECT_EQ(error_of(with("Conditions: {C: !Equals [a]}\n")),
            "Template error: every Fn::Equals object requires a list of 2 string parameters.");
  EXPECT_EQ(error_of(with("Conditions: {C: !Not [a, b]}\n")),
            "Template error: every Fn::Not object requires one boolean parameter.");
  EXPECT_EQ(error_of(with("Conditions: {C: !And [x]}\n")),
            "Template error: every Fn::And object requires a list of at least 2 and at most 10 "
            "boolean parameters.");
}

TEST(Structure, knows_what_only_language_extensions_bring) {
  const auto error = [](const std::string& value) -> std::string {
    const Value root = read_template(
        with("    Properties: {P: " + value + "}\n" + "Mappings: {M: {a: {b: c}}}\n"));
    check_structure(root);
    try {
      check_structure(root, Extensions::refused);
      return "no error";
    } catch (const TemplateError& fault) {
      return fault.message.substr(0, 66);
    }
  };
  EXPECT_EQ(error("!Length [a]"),
            "Template error: Encountered unsupported function: Fn::Length Suppo");
  EXPECT_EQ(error("!ToJsonString [a]"),
            "Template error: Encountered unsupported function: Fn::ToJsonString");
  EXPECT_EQ(error("!FindInMap [M, a, b, DefaultValue: x]"),
            "Template error: every Fn::FindInMap object requires three paramete");
  EXPECT_EQ(error("!FindInMap [M, a, b]"), "no error");
  EXPECT_EQ(error_of("Resources:\n  Fn::ForEach::L: [X, [a], {'R${X}': {Type: x}}]\n"),
            "Template format error: [/Resources/Fn::ForEach::L] resource definition is malformed");
}

TEST(Structure, finds_what_is_referred_to_and_not_there) {
  EXPECT_EQ(error_of(with("    DependsOn: D\n    Properties: {P: [!Ref A, !GetAtt B.Arn, !Ref A, "
                          "!Sub '${C}${T}${AWS::Region}${x}']}\n")),
            "Template format error: Unresolved resource dependencies [A, B, C, x, D] in the "
            "Resources block of the template");
  EXPECT_EQ(error_of(with("    Properties: {P: !Sub ['${x}${!y}', {x: !Ref AWS::Region}]}\n")),
            "no error");
  EXPECT_EQ(error_of(with("    Properties: {P: !Ref AWS::Nothing}\n")),
            "Template format error: Unresolved resource dependencies [AWS::Nothing] in the "
            "Resources block of the template");
  EXPECT_EQ(error_of(with("Outputs: {O: {Value: !Ref A}}\n")),
            "Unresolved resource dependencies [A] in the Outputs block of the template");
  EXPECT_EQ(error_of(with("Conditions: {C: !Equals [!Ref T, x]}\n")),
            "Template format error: Unresolved dependencies [T]. Cannot reference resources in the "
            "Conditions block of the template");
  EXPECT_EQ(error_of(with("    Condition: C\n")),
            "Template error: unresolved condition dependency C in Condition");
}

TEST(Structure, leaves_properties_alone_that_only_look_like_functions) {
  EXPECT_EQ(error_of(with("    Properties: {Condition: x, Statement: {Condition: {a: b}},\n"
                          "      Both: {Ref: nothing, Other: 1}}\n")),
            "no error");
}

TEST(Structure, has_the_limits_of_cloudformation) {
  std::string many = "Resources:\n";
  for (int i = 0; i < 501; ++i) many += "  R" + std::to_string(i) + ": {Type: x}\n";
  EXPECT_EQ(error_of(many),
            "Template format error: Number of resources, 501, is greater than maximum allowed, "
            "500");
  EXPECT_EQ(error_of(with("Description: " + std::string(1025, 'x'))),
            "Template format error: 'Description' length is greater than 1024.");
}

TEST(Structure, finds_all_faults_at_once_with_their_places) {
  Template checked;
  std::vector<std::uint32_t> lines;
  for (const TemplateError& fault : find_faults(
           read_template(
               "Resources:\n  A:\n    Type: x\n    Other: 1\n  B:\n    Properties:\n"
               "      P: !Ref X\n      Q: !Ref Y\n      R: !Foo z\n      S: !Sub '${a b}'\n"),
           checked))
    lines.push_back(fault.place.line);
  EXPECT_THAT(lines, ElementsAre(4, 5, 9, 10, 7, 8));
  EXPECT_NE(checked.find_resource("A"), nullptr);
}

TEST(Structure, tells_an_unknown_name_at_each_place) {
  Template checked;
  std::vector<std::uint32_t> lines;
  const std::string text =
      "Resources:\n  A:\n    Type: x\n    Properties:\n      P: !Ref X\n      Q: !Ref X\n"
      "      R: !Sub '${X} ${X}'\n";
  for (const TemplateError& fault : find_faults(read_template(text), checked))
    lines.push_back(fault.place.line);
  EXPECT_THAT(lines, ElementsAre(5, 6, 7));
  EXPECT_EQ(error_of(text),
            "Template format error: Unresolved resource dependencies [X] in the Resources block of "
            "the template");
}

}  // namespace
}  // namespace matinee::templates

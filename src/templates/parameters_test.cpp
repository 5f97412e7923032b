#include "templates/parameters.h"

#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::templates {
namespace {

Parameter parameter(std::string_view properties) {
  return read_parameters(read_template("Parameters:\n  P: {" + std::string(properties) + "}\n"))
      .front();
}

std::string error_of(std::string_view properties, const std::string& text) {
  try {
    check_value(parameter(properties), text);
    return "right";
  } catch (const TemplateError& error) {
    return error.message;
  }
}

TEST(Parameters, are_held_to_their_constraints) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"Type: String, AllowedValues: [a, true]", "true", "right"},
      {"Type: String, AllowedValues: [a, b]", "c", "Parameter 'P' must be one of AllowedValues"},
      {"Type: String, AllowedPattern: '[A-Za-z0-9]+'", "a b",
       "Parameter 'P' must match pattern [A-Za-z0-9]+"},
      {"Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: only small letters", "A",
       "Parameter 'P' failed to satisfy constraint: only small letters"},
      {"Type: String, MinLength: 2", "\xC3\xA9",
       "Parameter 'P' must contain at least 2 characters"},
      {"Type: String, MaxLength: '2'", "abc", "Parameter 'P' must contain at most 2 characters"},
      {"Type: Number", "1e3", "right"},
      {"Type: Number", "x", "Parameter 'P' must be a number"},
      {"Type: Number", "", "Parameter 'P' must be a number"},
      {"Type: Number, MinValue: 1.5, MaxValue: 1.5", "1.50", "right"},
      {"Type: Number, MinValue: 1.5", "1.4", "Parameter 'P' must be a number not less than 1.5"},
      {"Type: Number, MaxValue: 10", "11", "Parameter 'P' must be a number not greater than 10"},
      {"Type: List<Number>, MaxValue: 10", "1, 2,3", "right"},
      {"Type: List<Number>, MaxValue: 10", "1,11",
       "Parameter 'P' must be a number not greater than 10"},
      {"Type: CommaDelimitedList, AllowedValues: [a, b]", "a, b", "right"},
      {"Type: CommaDelimitedList, AllowedValues: [a, b]", "a,c",
       "Parameter 'P' must be one of AllowedValues"},
  };
  for (const auto& [properties, text, expected] : cases)
    EXPECT_EQ(error_of(properties, text), expected) << properties;
  EXPECT_EQ(error_of("Type: String", std::string(4097, 'x')),
            "Parameter 'P' must contain at most 4096 bytes");
}

TEST(Parameters, know_lists_and_what_is_stored) {
  const Parameter stored = parameter("Type: 'AWS::SSM::Parameter::Value<List<String>>'");
  EXPECT_TRUE(stored.is_stored());
  EXPECT_EQ(stored.value_type(), "List<String>");
  EXPECT_TRUE(is_list_type(stored.value_type()));
  EXPECT_FALSE(parameter("Type: AWS::SSM::Parameter::Name").is_stored());
  EXPECT_EQ(to_json(parameter_value("List<AWS::EC2::Subnet::Id>", "a, b ,c")), R"(["a","b","c"])");
  EXPECT_EQ(to_json(parameter_value("Number", "1000.0")), R"("1000.0")");
  EXPECT_TRUE(parameter("Type: String, NoEcho: true").no_echo);
  EXPECT_TRUE(parameter("Type: String, NoEcho: 'True'").no_echo);
  EXPECT_FALSE(parameter("Type: String, NoEcho: false").no_echo);
}

TEST(Parameters, have_the_types_that_cloudformation_knows) {
  for (const char* type : {"String", "Number", "List<Number>", "CommaDelimitedList",
                           "AWS::EC2::KeyPair::KeyName", "List<AWS::EC2::VPC::Id>",
                           "AWS::SSM::Parameter::Name", "AWS::SSM::Parameter::Value<String>",
                           "AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>"})
    EXPECT_EQ(parameter("Type: '" + std::string(type) + "'").type, type);
  for (const char* type : {"string", "List<Text>", "AWS::SSM::Parameter::Value<Number>",
                           "List<AWS::SSM::Parameter::Value<String>>", "Boolean"})
    EXPECT_THROW(parameter("Type: '" + std::string(type) + "'"), TemplateError) << type;
}

TEST(Parameters, have_no_patterns_that_take_long) {
  const std::string text(4000, 'a');
  for (const std::string& pattern : std::vector<std::string>{
           "((a?){99}){99}", "((((a{99}){99}){99}){99})", "a{10000}", std::string(5000, '|')})
    EXPECT_EQ(error_of("Type: String, AllowedPattern: '" + pattern + "'", text),
              "Parameter 'P' has an AllowedPattern that is too complex")
        << pattern;
  EXPECT_EQ(error_of("Type: String, AllowedPattern: '(a*)*b?'", text), "right");
}

TEST(Parameters, values_of_the_types_of_aws_have_their_form) {
  EXPECT_TRUE(may_be_of_type("AWS::EC2::VPC::Id", "vpc-0a1b"));
  EXPECT_FALSE(may_be_of_type("AWS::EC2::VPC::Id", "vpc-"));
  EXPECT_FALSE(may_be_of_type("AWS::EC2::VPC::Id", "subnet-0a1b"));
  EXPECT_TRUE(may_be_of_type("List<AWS::EC2::Subnet::Id>", "subnet-1"));
  EXPECT_FALSE(may_be_of_type("List<AWS::EC2::Subnet::Id>", ""));
  EXPECT_TRUE(may_be_of_type("AWS::EC2::AvailabilityZone::Name", "us-gov-west-1c"));
  EXPECT_FALSE(may_be_of_type("AWS::EC2::AvailabilityZone::Name", "us-east-1"));
  EXPECT_TRUE(may_be_of_type("AWS::EC2::KeyPair::KeyName", "any name"));
  EXPECT_TRUE(may_be_of_type("String", ""));
}

}  // namespace
}  // namespace matinee::templates

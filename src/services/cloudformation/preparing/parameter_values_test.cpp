#include "services/cloudformation/preparing/parameter_values.h"

#include <gtest/gtest.h>

#include "services/cloudformation/preparing/preparing_fixture.h"
#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

using templates::read_value;

const char* const declared_text = R"({"Parameters": {
    "Given": {"Type": "String"},
    "Kept": {"Type": "String", "Default": "new", "NoEcho": true},
    "Other": {"Type": "CommaDelimitedList", "Default": "a, b"}}})";

std::vector<templates::Parameter> declared() {
  return templates::read_parameters(read_value(declared_text));
}

std::string refusal(const std::vector<GivenParameter>& given,
                    const PreviousTemplate* previous = nullptr) {
  try {
    choose_values(declared(), given, previous);
  } catch (const protocol::ServiceError& error) {
    return error.message();
  }
  return "no error";
}

TEST(ParameterValues, are_given_or_those_of_before_or_defaults) {
  const PreviousTemplate previous{.parameters = {{.name = "Kept", .given = "old"}}};
  const auto values = choose_values(
      declared(), {{.name = "Kept", .uses_previous = true}, {.name = "Given", .value = "1"}},
      &previous);
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].given, "1");
  EXPECT_EQ(values[1].given, "old");
  EXPECT_TRUE(values[1].no_echo);
  EXPECT_EQ(templates::to_json(reference_value(values[2])), R"(["a","b"])");
}

TEST(ParameterValues, are_refused_in_the_words_of_aws) {
  EXPECT_EQ(refusal({}), "Parameters: [Given] must have values");
  EXPECT_EQ(refusal({{.name = "Given", .value = "1"}, {.name = "X", .value = "1"}}),
            "Parameters: [X] do not exist in the template");
  EXPECT_EQ(refusal({{.name = "Given", .uses_previous = true}}),
            "Invalid input for parameter key Given. Cannot specify usePreviousValue as true for a "
            "parameter key not in the previous template");
}

TEST(ParameterValues, of_ssm_are_names_whose_values_are_looked_up) {
  ToldCalls calls;
  calls.answers["ssm:GetParameters"] = [](const Value&) {
    return read_value(R"({"Parameters": [{"Name": "/a", "Type": "StringList", "Value": "x,y"},
                                         {"Name": "/b", "Type": "SecureString", "Value": "?"}],
                          "InvalidParameters": []})");
  };
  std::vector<ParameterValue> values = {
      {.name = "A", .type = "AWS::SSM::Parameter::Value<List<String>>", .given = "/a"},
      {.name = "B", .type = "AWS::SSM::Parameter::Name", .given = "/b"},
      {.name = "C", .type = "String", .given = "/c"}};
  const auto look = [&] {
    std::string message = "no error";
    runtime::start(look_up(calls, values), [&](const std::exception_ptr& failure) {
      if (!failure) return;
      try {
        std::rethrow_exception(failure);
      } catch (const protocol::ServiceError& error) {
        message = error.message();
      }
    });
    return message;
  };
  EXPECT_EQ(look(), "no error");
  EXPECT_EQ(templates::to_json(reference_value(values[0])), R"(["x","y"])");
  EXPECT_EQ(templates::to_json(reference_value(values[1])), R"("/b")");
  EXPECT_EQ(templates::to_json(calls.made[0].second), R"({"Names":["/a","/b"]})");
  values[2].type = "AWS::SSM::Parameter::Value<String>";
  EXPECT_EQ(look(), "Parameter C should either have input value or default value");
  values[2].given = "/b";
  EXPECT_EQ(look(),
            "Parameters [/b] referenced by template have types not supported by CloudFormation.");
}

TEST(ParameterValues, of_the_types_of_aws_that_cannot_be_there_are_named) {
  EXPECT_EQ(find_unknown_value(
                {{.name = "V", .type = "AWS::EC2::VPC::Id", .given = "vpc-1"},
                 {.name = "S", .type = "List<AWS::EC2::Subnet::Id>", .given = "subnet-1, x"}}),
            "Parameter validation failed: parameter value x for parameter name S does not exist");
  EXPECT_EQ(find_unknown_value({{.name = "I",
                                 .type = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
                                 .given = "/image",
                                 .resolved = "no image",
                                 .no_echo = true}}),
            "Parameter validation failed: parameter value **** for parameter name I does not "
            "exist");
  EXPECT_EQ(find_unknown_value({{.name = "T", .type = "String", .given = "anything"}}), "");
}

}  // namespace
}  // namespace matinee::cloudformation

#include "services/cloudformation/preparing/dynamic_values.h"

#include <gtest/gtest.h>

#include "services/cloudformation/preparing/preparing_fixture.h"
#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

using templates::read_value;
using templates::Value;

class DynamicValues : public testing::Test {
 protected:
  ToldCalls calls;

  DynamicValues() {
    calls.answers["ssm:GetParameter"] = [](const Value& request) {
      const std::string name = request.text_or("Name");
      if (name == "missing") throw protocol::ServiceError("ParameterNotFound", 400, "");
      Value parameter = Value::map("Value", "value of " + name);
      parameter.set("Type", name == "secure" ? "SecureString" : "String");
      return Value::map("Parameter", parameter);
    };
    calls.answers["secretsmanager:GetSecretValue"] = [](const Value& request) {
      const bool is_json = request.text_or("SecretId") == "json";
      return Value::map("SecretString", is_json ? R"({"key": "p\\30", "number": 5})" : "p\\30\\a");
    };
  }
  std::string resolve(std::string_view text, std::string type = "AWS::SQS::Queue") {
    try {
      return templates::to_json(
          result_of(resolve_dynamic_references(calls, read_value(text), std::move(type))));
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
  }
};

TEST_F(DynamicValues, are_put_in_wherever_they_stand_and_read_once) {
  EXPECT_EQ(resolve(R"({"A": ["x{{resolve:ssm:n:2}}y"], "B": "{{resolve:ssm:n:2}}"})"),
            R"({"A":["xvalue of n:2y"],"B":"value of n:2"})");
  EXPECT_EQ(calls.made.size(), 1U);
  EXPECT_EQ(resolve(R"({"A": "plain"})"), R"({"A":"plain"})");
  EXPECT_EQ(calls.made.size(), 1U);
}

TEST_F(DynamicValues, a_parameter_that_is_missing_is_named) {
  EXPECT_EQ(resolve(R"({"A": "{{resolve:ssm:missing}}"})"),
            "Parameters: [ssm:missing] cannot be found.");
}

TEST_F(DynamicValues, secrets_are_put_in_verbatim_as_a_whole_or_by_their_keys) {
  EXPECT_EQ(resolve(R"({"A": "{{resolve:secretsmanager:text}}"})"), R"({"A":"p\\30\\a"})");
  EXPECT_EQ(resolve(R"({"A": "{{resolve:secretsmanager:json:SecretString:key}}"})"),
            R"({"A":"p\\30"})");
  EXPECT_EQ(resolve(R"({"A": "{{resolve:secretsmanager:json:SecretString:number:AWSPREVIOUS:}}"})"),
            R"({"A":"5"})");
  EXPECT_EQ(calls.made.back().second.text_or("VersionStage"), "AWSPREVIOUS");
  EXPECT_EQ(resolve(R"({"A": "{{resolve:secretsmanager:json:SecretString:none}}"})"),
            "Could not find a value associated with JSONKey in SecretString");
  EXPECT_EQ(resolve(R"({"A": "{{resolve:secretsmanager:text:SecretString:none}}"})"),
            "Could not parse SecretString JSON");
}

TEST_F(DynamicValues, secure_parameters_stand_only_where_aws_lets_them) {
  EXPECT_EQ(resolve(R"({"A": "{{resolve:ssm:secure}}"})"),
            "Non-secure ssm prefix was used for secure parameter: secure");
  EXPECT_EQ(resolve(R"({"A": ["{{resolve:ssm-secure:secure}}"]})"),
            "SSM Secure reference is not supported in: [AWS::SQS::Queue/Properties/A/0]");
  EXPECT_EQ(resolve(R"({"LoginProfile": {"Password": "{{resolve:ssm-secure:secure}}"}})",
                    "AWS::IAM::User"),
            R"({"LoginProfile":{"Password":"value of secure"}})");
  EXPECT_EQ(calls.made.back().second.text_or("WithDecryption"), "true");
}

}  // namespace
}  // namespace matinee::cloudformation

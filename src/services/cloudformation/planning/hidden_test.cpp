#include "services/cloudformation/planning/hidden.h"

#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

using templates::read_value;

TEST(Hidden, an_attribute_that_is_a_hidden_property_is_hidden) {
  const auto attributes = read_value(R"({"Value": "hush", "Arn": "arn"})");
  const auto properties = read_value(R"({"Value": "hush", "Deep": {"Key": "hush"}, "Name": "n"})");
  const auto shown = read_value(R"({"Value": "****", "Deep": "****", "Name": "n"})");
  const auto told = [&](std::string_view path) {
    return shown_attribute(attributes, properties, shown, path)->text();
  };
  EXPECT_EQ(told("Value"), "****");
  EXPECT_EQ(told("Deep.Key"), "****");
  EXPECT_EQ(told("Name"), "n");
  EXPECT_EQ(told("Arn"), "arn");
  EXPECT_FALSE(shown_attribute(attributes, properties, shown, "Nothing"));
}

TEST(Hidden, texts_with_references_to_secrets_are_hidden) {
  const auto value = read_value(
      R"({"A": ["x-{{resolve:secretsmanager:s:SecretString:k}}", 1],
          "B": "{{resolve:ssm-secure:p}}", "C": "{{resolve:ssm:p}}"})");
  EXPECT_EQ(templates::to_json(with_references_hidden(value)),
            R"({"A":["****",1],"B":"****","C":"{{resolve:ssm:p}}"})");
}

}  // namespace
}  // namespace matinee::cloudformation

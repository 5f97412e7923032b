#include "templates/dynamic_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matinee::templates {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;

using Service = DynamicReference::Service;

std::string error_of(const char* text) {
  try {
    find_dynamic_references(Value(text));
    return "no error";
  } catch (const TemplateError& error) {
    return error.message;
  }
}

auto is_ssm(const char* id, const char* version) {
  return AllOf(Field(&DynamicReference::service, Service::ssm),
               Field(&DynamicReference::id, std::string(id)),
               Field(&DynamicReference::version, std::string(version)));
}

TEST(DynamicReferences, are_found_with_their_parts_each_once) {
  Value value;
  value.set("a", "x {{resolve:ssm:/a/b:2}} {{resolve:ssm:c}}");
  value["list"].append("{{resolve:ssm:/a/b:2}}");
  value.set("b", "{{resolve:ssm-secure:p:1}}").set("c", 5);
  const std::vector<DynamicReference> found = find_dynamic_references(value);
  ASSERT_EQ(found.size(), 3);
  EXPECT_THAT(found[0], is_ssm("/a/b", "2"));
  EXPECT_EQ(found[0].text, "{{resolve:ssm:/a/b:2}}");
  EXPECT_THAT(found[1], is_ssm("c", ""));
  EXPECT_EQ(found[2].service, Service::ssm_secure);
  EXPECT_TRUE(has_dynamic_references(value));
  EXPECT_FALSE(has_dynamic_references(Value("{{other}}")));
}

TEST(DynamicReferences, to_secrets_may_have_arns_and_empty_segments) {
  const auto parts = [](const char* text) {
    const DynamicReference reference = find_dynamic_references(Value(text)).front();
    return std::vector{reference.id, reference.json_key, reference.version_stage,
                       reference.version};
  };
  EXPECT_THAT(parts("{{resolve:secretsmanager:s}}"), ElementsAre("s", "", "", ""));
  EXPECT_THAT(parts("{{resolve:secretsmanager:s:SecretString:::}}"), ElementsAre("s", "", "", ""));
  EXPECT_THAT(parts("{{resolve:secretsmanager:s:SecretString:k:AWSPREVIOUS}}"),
              ElementsAre("s", "k", "AWSPREVIOUS", ""));
  EXPECT_THAT(parts("{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:s-AbCdEf"
                    ":SecretString:k::id}}"),
              ElementsAre("arn:aws:secretsmanager:eu-west-1:1:secret:s-AbCdEf", "k", "", "id"));
  EXPECT_THAT(parts("{{resolve:ssm:arn:aws:ssm:eu-west-1:1:parameter/p:3}}"),
              ElementsAre("arn:aws:ssm:eu-west-1:1:parameter/p", "", "", "3"));
}

TEST(DynamicReferences, are_refused_where_their_form_is_wrong) {
  EXPECT_EQ(error_of("{{resolve:ssm:}}"),
            "Incorrect format is used in the following SSM reference: [{{resolve:ssm:}}]");
  EXPECT_EQ(error_of("{{resolve:ssm:a:b}}"),
            "Incorrect format is used in the following SSM reference: [{{resolve:ssm:a:b}}]");
  EXPECT_EQ(error_of("{{resolve:secretsmanager:s:SecretBinary}}"),
            "Incorrect format is used in the following Secrets Manager reference: "
            "[{{resolve:secretsmanager:s:SecretBinary}}]");
  EXPECT_EQ(error_of("{{resolve:other:x}} {{resolve:ssm:unclosed"), "no error");
}

TEST(DynamicReferences, are_replaced_verbatim_and_once) {
  Value value;
  value.set("a", "<{{resolve:ssm:x}}{{resolve:ssm:y}}{{resolve:ssm:z}}>")
      .set("b", Value::list({1}));
  value = replace_dynamic_references(
      std::move(value), [](const DynamicReference& reference) -> std::optional<std::string> {
        if (reference.id == "x") return "{{resolve:ssm:y}}";
        if (reference.id == "y") return "p\\30\\n";
        return std::nullopt;
      });
  EXPECT_EQ(value.find("a")->text(), "<{{resolve:ssm:y}}p\\30\\n{{resolve:ssm:z}}>");
  EXPECT_EQ(value.find("b")->elements().front().text(), "1");
}

}  // namespace
}  // namespace matinee::templates

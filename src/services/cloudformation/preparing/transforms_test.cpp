#include "services/cloudformation/preparing/transforms.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/base64.h"
#include "services/cloudformation/preparing/preparing_fixture.h"
#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

using templates::read_value;
using templates::to_json;
using testing::HasSubstr;

class Transforms : public testing::Test {
 protected:
  ToldCalls calls;
  ToldObjects objects;
  TemplateSources sources{
      .calls = calls,
      .objects = objects,
      .caller = {.account = "111122223333", .request_id = "request-1"},
      .find_macro = [](std::string_view name) { return name == "Upper" ? "arn:upper" : ""; }};
  std::vector<Value> events;

  Transforms() {
    calls.answers["lambda:Invoke"] = [this](const Value& request) {
      events.push_back(read_value(protocol::base64_decode(request.text_or("Payload")).value()));
      Value answer = Value::map("requestId", events.back().text_or("requestId"));
      answer.set("status", "SUCCESS");
      answer.set("fragment", answer_to(events.back()));
      return Value::map("Payload", protocol::base64_encode(to_json(answer)));
    };
  }
  std::function<Value(const Value& event)> answer_to = [](const Value& event) {
    Value fragment = *event.find("fragment");
    fragment.set("Seen", "yes");
    return fragment;
  };

  std::string carry_out(std::string_view text) {
    TransformTools tools{.sources = sources};
    tools.evaluate = [](const Value& value) {
      const std::string json = to_json(value);
      return json.find("\"Ref\"") == std::string::npos ? value : Value::map("Location", "s3://b/k");
    };
    tools.parameter_values = Value::map("Size", "5");
    tools.carry_out_own = [](std::string_view name, Value root) {
      if (root.find("Bad")) throw std::runtime_error("it is bad");
      root.set("Own", name);
      return root;
    };
    return to_json(result_of(carry_out_transforms(std::move(tools), read_value(text))));
  }
  std::string failure(std::string_view text) {
    try {
      return carry_out(text);
    } catch (const TransformFailure& error) {
      return error.reason;
    }
  }
};

TEST_F(Transforms, macro_gets_what_stands_beside_it_and_its_answer_takes_that_place) {
  EXPECT_EQ(carry_out(R"({"A": {"Fn::Transform": {"Name": "Upper", "Parameters": {"P": "1"}},
                                "B": {"Ref": "X"}}})"),
            R"({"A":{"B":{"Ref":"X"},"Seen":"yes"}})");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(to_json(events[0]),
            R"({"accountId":"111122223333","fragment":{"B":{"Ref":"X"}},)"
            R"("transformId":"111122223333::Upper","requestId":"request-1","region":"us-east-1",)"
            R"("params":{"P":"1"},"templateParameterValues":{"Size":"5"}})");
  EXPECT_EQ(calls.made[0].second.text_or("FunctionName"), "arn:upper");
}

TEST_F(Transforms, inner_ones_come_first_then_outer_ones_then_those_of_the_whole_in_their_order) {
  carry_out(R"({"Transform": ["AWS::LanguageExtensions", {"Name": "Upper"}],
                "A": {"Fn::Transform": {"Name": "Upper"}, "Place": "outer",
                      "B": {"Fn::Transform": "Upper", "Place": "inner"}}})");
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].find("fragment")->text_or("Place"), "inner");
  EXPECT_EQ(events[1].find("fragment")->text_or("Place"), "outer");
  EXPECT_EQ(events[2].find("fragment")->text_or("Own"), "AWS::LanguageExtensions");
  EXPECT_FALSE(events[2].find("fragment")->find("Transform"));
}

TEST_F(Transforms, what_a_macro_makes_is_not_expanded_again) {
  answer_to = [](const Value&) {
    return read_value(R"({"C": {"Fn::Transform": {"Name": "Upper"}}})");
  };
  carry_out(R"({"A": {"Fn::Transform": {"Name": "Upper"}}})");
  EXPECT_EQ(events.size(), 1U);
}

TEST_F(Transforms, failures_of_macros_are_told_in_the_words_of_aws) {
  const char* with_macro = R"({"A": {"Fn::Transform": {"Name": "Upper"}}})";
  EXPECT_EQ(failure(R"({"Transform": "Other"})"), "No transform named 111122223333::Other found.");
  EXPECT_EQ(failure(R"({"Transform": "AWS::Other"})"), "No transform named AWS::Other found.");
  const auto answer = [this](std::string text) {
    calls.answers["lambda:Invoke"] = [text](const Value&) {
      return Value::map("Payload", protocol::base64_encode(text));
    };
  };
  answer(R"({"requestId": "request-1", "status": "failure", "errorMessage": "no way"})");
  EXPECT_EQ(failure(with_macro), "Transform 111122223333::Upper failed with: no way");
  answer(R"({"requestId": "request-1", "status": "failure"})");
  EXPECT_EQ(failure(with_macro), "Transform 111122223333::Upper failed without an error message.");
  answer(R"({"requestId": "other", "status": "success", "fragment": {}})");
  EXPECT_EQ(failure(with_macro), "Received malformed response from transform 111122223333::Upper");
  answer("null");
  EXPECT_EQ(failure(with_macro), "Received malformed response from transform 111122223333::Upper");
}

TEST_F(Transforms, includes_are_merged_and_replace_members_of_their_name) {
  objects.texts["b/k"] = "B: {Type: new}\nC: {Type: c}\n";
  EXPECT_EQ(carry_out(R"({"Resources": {
      "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}},
      "A": {"Type": "a"}, "B": {"Type": "b"}}})"),
            R"({"Resources":{"A":{"Type":"a"},"B":{"Type":"new"},"C":{"Type":"c"}}})");
  EXPECT_EQ(carry_out(R"({"V": {"Fn::Transform": {"Name": "AWS::Include",
                                "Parameters": {"Location": {"Ref": "Where"}}}}})"),
            R"({"V":{"B":{"Type":"new"},"C":{"Type":"c"}}})");
}

TEST_F(Transforms, an_include_of_the_whole_adds_to_its_sections) {
  objects.texts["b/k"] = R"({"Outputs": {"O": {"Value": "1"}}, "Resources": {"B": {}}})";
  EXPECT_EQ(carry_out(R"({"Transform": {"Name": "AWS::Include",
                                         "Parameters": {"Location": "s3://b/k"}},
                          "Resources": {"A": {}}})"),
            R"({"Resources":{"A":{},"B":{}},"Outputs":{"O":{"Value":"1"}}})");
}

TEST_F(Transforms, an_include_may_be_a_text_where_it_stands_alone) {
  objects.texts["b/k"] = "\"text\"";
  EXPECT_EQ(carry_out(R"({"V": {"Fn::Transform": {"Name": "AWS::Include",
                                "Parameters": {"Location": "s3://b/k"}}}})"),
            R"({"V":"text"})");
}

TEST_F(Transforms, what_cannot_be_included_is_told) {
  const auto include = [](std::string_view location) {
    return fmt::format(R"({{"V": {{"Fn::Transform": {{"Name": "AWS::Include",
                               "Parameters": {{"Location": "{}"}}}}}}}})",
                       location);
  };
  EXPECT_EQ(failure(include("s3://b/missing")),
            "Transform AWS::Include failed with: S3 error: The specified key does not exist.");
  EXPECT_EQ(failure(include("https://b/k")),
            "Transform AWS::Include failed with: The location parameter is not a valid S3 uri.");
  objects.texts["b/k"] = "{ not: [closed";
  EXPECT_THAT(failure(include("s3://b/k")), HasSubstr("content should be valid Yaml/JSON"));
}

TEST_F(Transforms, many_includes_end_at_the_limit_of_a_template) {
  objects.texts["b/k"] = "{\"text\": \"" + std::string(400'000, 'x') + "\"}";
  std::string text = "{";
  for (int i = 0; i < 100; ++i)
    text += fmt::format(R"({}"V{}": {{"Fn::Transform": {{"Name": "AWS::Include",
                               "Parameters": {{"Location": "s3://b/k"}}}}}})",
                        i == 0 ? "" : ",", i);
  EXPECT_THAT(failure(text + "}"), HasSubstr("may not exceed"));
}

TEST_F(Transforms, what_an_own_transform_refuses_is_told_with_its_name) {
  EXPECT_EQ(failure(R"({"Transform": "AWS::Serverless-2016-10-31", "Bad": 1})"),
            "Transform AWS::Serverless-2016-10-31 failed with: it is bad");
}

}  // namespace
}  // namespace matinee::cloudformation

#include "protocol/base64.h"
#include "services/cloudformation/special/special_fixture.h"

namespace matinee::cloudformation {
namespace {

using std::chrono::seconds;
using templates::read_value;
using templates::to_json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* type_name = "Custom::Thing";
constexpr const char* properties =
    R"({"ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:f", "Size": 5,
        "Deep": {"On": true, "List": [1, "two"]}})";

class CustomResources : public OwnTypesTest {
 protected:
  CustomResources() {
    calls.answers["lambda:Invoke"] = [](const Value&) { return Value::map("StatusCode", 202); };
    calls.answers["sns:Publish"] = [](const Value&) { return Value::map("MessageId", "m"); };
  }
  /// What the function was told last.
  Value request() const {
    return read_value(
        protocol::base64_decode(calls.made.back().second.text_or("Payload")).value_or("{}"));
  }
  /// As a function answers to that.
  int answer(const std::string& status, const std::string& more) {
    const Value told = request();
    Value document = read_value(more);
    document.set("Status", status);
    for (const char* name : {"StackId", "RequestId", "LogicalResourceId"})
      document.set(name, told.text_or(name));
    return put(told.text_or("ResponseURL"), to_json(document));
  }
};

TEST_F(CustomResources, function_is_told_what_to_make_in_texts) {
  create(type_name, properties);
  EXPECT_EQ(calls.made[0].first, "lambda:Invoke");
  EXPECT_EQ(calls.made[0].second.text_or("InvocationType"), "Event");
  EXPECT_EQ(to_json(request()),
            std::string(
                R"({"RequestType":"Create",)"
                R"("ServiceToken":"arn:aws:lambda:us-east-1:111122223333:function:f",)"
                R"("ResponseURL":"http://127.0.0.1:4566/_matinee/cloudformation/answers/token-1",)"
                R"("StackId":")") +
                stack_id +
                R"(","RequestId":"token-1","LogicalResourceId":"Thing",)"
                R"("ResourceType":"Custom::Thing","ResourceProperties":{)"
                R"("ServiceToken":"arn:aws:lambda:us-east-1:111122223333:function:f",)"
                R"("Size":"5","Deep":{"On":"true","List":["1","two"]}}})");
}

TEST_F(CustomResources, answer_gives_the_id_and_the_attributes) {
  const auto end = create(type_name, properties);
  EXPECT_FALSE(end->made);
  EXPECT_EQ(
      answer("SUCCESS", R"({"PhysicalResourceId": "thing-1", "Data": {"A": 1, "B": {"C": "x"}}})"),
      200);
  ASSERT_TRUE(end->made) << end->failure;
  EXPECT_EQ(end->made->id, "thing-1");
  EXPECT_EQ(to_json(end->made->attributes), R"({"A":"1","B.C":"x"})");
  EXPECT_THAT(noted, ElementsAre("thing-1"));
}

TEST_F(CustomResources, refusal_is_told_and_leaves_an_id_for_the_rollback) {
  const auto end = create(type_name, properties);
  answer("FAILED", R"({"Reason": "no", "PhysicalResourceId": "half-1"})");
  EXPECT_EQ(end->code, "");
  EXPECT_EQ(end->failure,
            "Received response status [FAILED] from custom resource. Message returned: no "
            "(RequestId: token-1)");
  EXPECT_THAT(noted, ElementsAre("half-1"));
}

TEST_F(CustomResources, without_an_answer_the_time_out_ends_the_waiting) {
  const auto end =
      create(type_name,
             R"({"ServiceToken": "arn:aws:lambda:us-east-1:1:function:f", "ServiceTimeout": 30})");
  machine.loop.advance(seconds(29));
  EXPECT_EQ(end->failure, "");
  machine.loop.advance(seconds(2));
  EXPECT_THAT(end->failure, HasSubstr("CloudFormation did not receive a response"));
  EXPECT_THAT(noted, ElementsAre("parent-Thing-TOKEN1"));
}

TEST_F(CustomResources, answer_of_before_a_restart_counts_and_nothing_is_asked_twice) {
  create(type_name, properties);
  kill_and_restart();
  const auto again = create(type_name, properties, "token-1", true);
  EXPECT_EQ(calls.made.size(), 1U);
  answer("SUCCESS", R"({"PhysicalResourceId": "thing-1"})");
  ASSERT_TRUE(again->made);
  kill_and_restart();
  const auto third = create(type_name, properties, "token-1", true);
  ASSERT_TRUE(third->made);
  EXPECT_EQ(third->made->id, "thing-1");
  EXPECT_EQ(calls.made.size(), 1U);
}

TEST_F(CustomResources, functions_that_reach_awss_host_are_asked_to_answer_there) {
  const std::string token = "arn:aws:lambda:us-east-1:111122223333:function:f";
  answers->use_function_endpoint([&](const std::string& function) {
    return function == token ? "https://answers.amazonaws.com" : "";
  });
  const auto made = create(type_name, properties);
  const std::string url = request().text_or("ResponseURL");
  EXPECT_EQ(url, "https://answers.amazonaws.com/_matinee/cloudformation/answers/token-1");
  EXPECT_EQ(Answers::box_of(url), "token-1");
  answer("SUCCESS", R"({"PhysicalResourceId": "thing-1"})");
  EXPECT_TRUE(made->made);
  EXPECT_EQ(answers->url_for("token-1", "arn:aws:sns:us-east-1:111122223333:others"),
            answers->url_of("token-1"));
}

TEST_F(CustomResources, server_that_has_another_port_after_a_restart_asks_again) {
  create(type_name, properties);
  const std::string id = request().text_or("RequestId");
  kill_and_restart();
  answers->use_endpoint("http://127.0.0.1:4567");
  const auto again = create(type_name, properties, "token-1", true);
  ASSERT_EQ(calls.made.size(), 2U);
  EXPECT_EQ(request().text_or("ResponseURL"), answers->url_of("token-1"));
  EXPECT_EQ(request().text_or("RequestId"), id);
  answer("SUCCESS", R"({"PhysicalResourceId": "thing-1"})");
  ASSERT_TRUE(again->made);
  kill_and_restart();
  answers->use_endpoint("http://127.0.0.1:4568");
  EXPECT_TRUE(create(type_name, properties, "token-1", true)->made);
  EXPECT_EQ(calls.made.size(), 2U);
}

TEST_F(CustomResources, topics_are_told_by_messages) {
  create(type_name, R"({"ServiceToken": "arn:aws:sns:us-east-1:111122223333:t"})");
  EXPECT_EQ(calls.made[0].first, "sns:Publish");
  EXPECT_EQ(read_value(calls.made[0].second.text_or("Message")).text_or("RequestType"), "Create");
}

TEST_F(CustomResources, other_tokens_are_refused) {
  for (const char* token : {"arn:aws:sqs:us-east-1:1:q", "f"})
    EXPECT_EQ(
        create(type_name, std::string(R"({"ServiceToken": ")") + token + "\"}", token)->failure,
        "Invalid service token.");
  EXPECT_THAT(create(type_name, R"({"ServiceToken": "arn:aws:lambda:eu-west-1:1:function:f"})", "t")
                  ->failure,
              HasSubstr("region of the stack"));
}

TEST_F(CustomResources, answers_of_other_requests_and_long_ones_fail) {
  const auto other = create(type_name, properties, "one");
  put(answers->url_of("one"), R"({"Status": "SUCCESS", "StackId": "x"})");
  EXPECT_THAT(other->failure, HasSubstr("Invalid StackId"));
  const auto longer = create(type_name, properties, "two");
  put(answers->url_of("two"), std::string(4097, 'x'));
  EXPECT_EQ(longer->failure, "Response object is too long.");
  EXPECT_EQ(put(answers->url_of("nobody"), "{}"), 404);
}

TEST_F(CustomResources, stack_that_gives_up_is_not_waited_for) {
  const auto end = create(type_name, properties);
  halt.set();
  machine.loop.run_until_idle();
  EXPECT_EQ(end->code, "OperationCancelled");
}

TEST_F(CustomResources, removal_is_asked_for_by_the_id) {
  const auto end = remove(type_name, "thing-1", properties, "token-9");
  EXPECT_EQ(request().text_or("RequestType"), "Delete");
  EXPECT_EQ(request().text_or("PhysicalResourceId"), "thing-1");
  answer("SUCCESS", "{}");
  EXPECT_TRUE(end->made);
}

TEST_F(CustomResources, change_tells_the_old_properties_and_may_give_another_id) {
  const auto end =
      begin("token-2", [this](resources::Subject& step) -> runtime::Task<resources::Made> {
        const Value before = read_value(properties);
        Value after = before;
        after.set("Size", 6);
        const std::string id = "thing-1";
        co_return co_await type(type_name).update(step, id, before, after);
      });
  EXPECT_EQ(request().find("OldResourceProperties")->text_or("Size"), "5");
  EXPECT_EQ(request().find("ResourceProperties")->text_or("Size"), "6");
  answer("SUCCESS", R"({"PhysicalResourceId": "thing-2"})");
  ASSERT_TRUE(end->made);
  EXPECT_EQ(end->made->id, "thing-2");
}

TEST_F(CustomResources, names_of_types_are_those_that_aws_allows) {
  EXPECT_TRUE(types->find("Custom::a_b@c-9"));
  EXPECT_TRUE(types->find("AWS::CloudFormation::CustomResource"));
  EXPECT_FALSE(types->find("Custom::"));
  EXPECT_FALSE(types->find("Custom::a b"));
  EXPECT_FALSE(types->find("Custom::" + std::string(61, 'a')));
  EXPECT_FALSE(types->find("AWS::SQS::Queue"));
}

}  // namespace
}  // namespace matinee::cloudformation

#include "services/cloudformation/special/nested_stack.h"

#include "services/cloudformation/special/special_fixture.h"

namespace matinee::cloudformation {
namespace {

using templates::to_json;
using testing::ElementsAre;

constexpr const char* child = "arn:aws:cloudformation:us-east-1:111122223333:stack/child/1";

class NestedStacks : public OwnTypesTest {
 protected:
  StackState state{.status = "CREATE_IN_PROGRESS"};
  std::vector<std::pair<std::string, std::string>> adopted;

  NestedStacks() {
    stacks->use({.state = [this](const std::string&) { return state; },
                 .heritage =
                     [](const std::string&) {
                       return StackHeritage{.capabilities = {"CAPABILITY_IAM"}, .role = "role"};
                     },
                 .adopt = [this](const std::string& id,
                                 const std::string& parent) { adopted.emplace_back(id, parent); }});
    for (const char* name : {"cloudformation:CreateStack", "cloudformation:UpdateStack"})
      calls.answers[name] = [](const Value&) { return Value::map("StackId", child); };
    calls.answers["cloudformation:DeleteStack"] = [](const Value&) { return Value::map(); };
  }
  void become(const std::string& status, const std::string& reason = "") {
    state.status = status;
    state.reason = reason;
    stacks->status_changed(child);
    machine.loop.run_until_idle();
  }
};

TEST_F(NestedStacks, are_made_with_what_their_stack_hands_on) {
  const auto end = create(NestedStack::name,
                          R"({"TemplateURL": "https://s3.amazonaws.com/b/k",
                              "Parameters": {"Size": 5}, "TimeoutInMinutes": 3})",
                          "aaaabbbb-cccc-dddd");
  EXPECT_EQ(to_json(calls.made[0].second),
            R"({"TemplateURL":"https://s3.amazonaws.com/b/k",)"
            R"("Parameters":[{"ParameterKey":"Size","ParameterValue":"5"}],"Tags":[],)"
            R"("Capabilities":["CAPABILITY_IAM"],"RoleARN":"role",)"
            R"("StackName":"parent-Thing-AAAABBBBCCCC","DisableRollback":false,)"
            R"("TimeoutInMinutes":3})");
  EXPECT_THAT(adopted, ElementsAre(std::pair<std::string, std::string>(child, stack_id)));
  EXPECT_THAT(noted, ElementsAre(child));
  EXPECT_FALSE(end->made);
  state.outputs = {{"Url", "http://x"}};
  become("CREATE_COMPLETE");
  ASSERT_TRUE(end->made) << end->failure;
  EXPECT_EQ(to_json(end->made->attributes), R"({"Outputs.Url":"http://x"})");
}

TEST_F(NestedStacks, failure_is_told_with_its_reason) {
  const auto end = create(NestedStack::name, R"({"TemplateURL": "u"})");
  become("ROLLBACK_IN_PROGRESS");
  EXPECT_EQ(end->failure, "");
  become("ROLLBACK_COMPLETE", "because");
  EXPECT_EQ(end->failure,
            std::string("Embedded stack ") + child + " was not successfully created: because");
}

TEST_F(NestedStacks, one_of_before_a_restart_is_found_by_its_name) {
  calls.answers["cloudformation:CreateStack"] = [](const Value&) -> Value {
    throw protocol::ServiceError("AlreadyExistsException", 400, "Stack [x] already exists");
  };
  calls.answers["cloudformation:DescribeStacks"] = [](const Value&) {
    return templates::read_value(std::string(R"({"Stacks": [{"StackId": ")") + child + "\"}]}");
  };
  state.status = "CREATE_COMPLETE";
  EXPECT_EQ(create(NestedStack::name, R"({"TemplateURL": "u"})", "t", false)->code,
            "AlreadyExistsException");
  const auto again = create(NestedStack::name, R"({"TemplateURL": "u"})", "t", true);
  ASSERT_TRUE(again->made) << again->failure;
  EXPECT_EQ(again->made->id, child);
  EXPECT_THAT(noted, ElementsAre(child));
}

TEST_F(NestedStacks, removal_ends_when_the_stack_is_gone) {
  state.status = "CREATE_COMPLETE";
  calls.answers["cloudformation:DeleteStack"] = [this](const Value&) {
    state.status = "DELETE_IN_PROGRESS";
    return Value::map();
  };
  const auto end = remove(NestedStack::name, child, "{}", "t");
  EXPECT_FALSE(end->made);
  become("DELETE_COMPLETE");
  EXPECT_TRUE(end->made);
  const auto failed = [&] {
    state.status = "CREATE_COMPLETE";
    const auto second = remove(NestedStack::name, child, "{}", "t2");
    become("DELETE_FAILED", "stuck");
    return second->failure;
  }();
  EXPECT_EQ(failed,
            std::string("Embedded stack ") + child + " was not successfully deleted: stuck");
}

TEST_F(NestedStacks, attributes_are_outputs) {
  const resources::Schema& schema = type(NestedStack::name).schema();
  EXPECT_TRUE(schema.has_attribute("Outputs.Url"));
  EXPECT_FALSE(schema.has_attribute("Outputs."));
  EXPECT_FALSE(schema.has_attribute("Arn"));
}

TEST_F(NestedStacks, macros_are_found_by_their_names) {
  const auto end = create(MacroType::name, R"({"Name": "M", "FunctionName": "f"})", "t");
  ASSERT_TRUE(end->made) << end->failure;
  EXPECT_EQ(macros->function_of({"111122223333", "us-east-1", "M"}), "f");
  EXPECT_EQ(macros->function_of({"111122223333", "eu-west-1", "M"}), "");
  EXPECT_TRUE(create(MacroType::name, R"({"Name": "M", "FunctionName": "f"})", "t", true)->made);
  EXPECT_EQ(create(MacroType::name, R"({"Name": "M", "FunctionName": "g"})", "t2")->code,
            "AlreadyExists");
  remove(MacroType::name, "M", "{}", "t3");
  EXPECT_EQ(macros->function_of({"111122223333", "us-east-1", "M"}), "");
}

}  // namespace
}  // namespace matinee::cloudformation

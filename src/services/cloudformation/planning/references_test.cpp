#include "services/cloudformation/planning/references.h"

#include <gtest/gtest.h>

#include "services/cloudformation/preparing/preparing_fixture.h"

namespace matinee::cloudformation {
namespace {

/// What a template with those resources is refused for, where SSM has "there" and "denied".
std::string refusal(const std::string& resources) {
  ToldCalls calls;
  calls.answers["ssm:GetParameter"] = [](const Value& request) {
    const std::string name = request.text_or("Name");
    if (name == "denied") throw protocol::ServiceError("AccessDeniedException", 400, name);
    if (name != "there") throw protocol::ServiceError("ParameterNotFound", 400, "");
    return Value::map("Parameter", Value::map());
  };
  const Prepared prepared = restore(R"({"Resources": {)" + resources + "}}", {}, {});
  std::string reason;
  runtime::start(require_parameters(calls, prepared), [&](const std::exception_ptr& error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const protocol::ServiceError& failure) {
      reason = failure.code() + ": " + failure.message();
    }
  });
  return reason;
}

std::string queue(const std::string& name, const std::string& value) {
  return "\"" + name + R"(": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": )" + value +
         "}}";
}

TEST(References, all_parameters_that_are_missing_are_named) {
  EXPECT_EQ(refusal(queue("A", R"("x{{resolve:ssm:/b}}")") + "," +
                    queue("B", R"({"Fn::Join": ["", ["{{resolve:ssm:", "/a:3}}"]]})") + "," +
                    queue("C", R"("{{resolve:ssm:there}}")")),
            "ValidationError: Parameters: [ssm:/a:3, ssm:/b] cannot be found.");
}

TEST(References, what_cannot_be_known_yet_is_left_to_the_resource) {
  EXPECT_EQ(refusal(queue("A", R"("{{resolve:ssm:there}}")") + "," +
                    queue("B", R"("{{resolve:ssm:denied}}")") + "," +
                    queue("C", R"("{{resolve:ssm-secure:none}}")") + "," +
                    queue("D", R"({"Fn::Sub": "{{resolve:ssm:${A.Arn}}}"})")),
            "");
}

}  // namespace
}  // namespace matinee::cloudformation

// The role of a function that brings none.
#include <algorithm>

#include "templates/sam/functions/function.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

Value trust_in(std::string_view service) {
  Value statement;
  statement.set("Action", list_of({"sts:AssumeRole"})).set("Effect", "Allow");
  statement.set("Principal", Value::map("Service", list_of({service})));
  Value document;
  document.set("Version", "2012-10-17");
  return std::move(document.set("Statement", list_of({std::move(statement)})));
}

void append_managed(Value& managed, std::string arn) {
  const Value value(std::move(arn));
  if (std::ranges::find(managed.elements(), value) == managed.elements().end())
    managed.append(value);
}

Value managed_policies_of(const Function& function) {
  const Translation& translation = function.translation;
  Value managed = list_of(
      {translation.managed_policy(is_nothing(function.find("DurableConfig"))
                                      ? "service-role/AWSLambdaBasicExecutionRole"
                                      : "service-role/AWSLambdaBasicDurableExecutionRolePolicy")});
  const Value* tracing = function.find("Tracing");
  if (tracing && *tracing != Value("Disabled"))
    managed.append(translation.managed_policy(translation.context().partition == "aws"
                                                  ? "AWSXrayWriteOnlyAccess"
                                                  : "AWSXRayDaemonWriteAccess"));
  if (!is_nothing(function.find("VpcConfig")))
    managed.append(translation.managed_policy("service-role/AWSLambdaVPCAccessExecutionRole"));
  return managed;
}

bool has_document(const Value& policies, const Value& policy) {
  return std::ranges::any_of(policies.elements(), [&](const Value& other) {
    const Value* document = other.find("PolicyDocument");
    return document && *document == *policy.find("PolicyDocument");
  });
}

Value make_role(const Function& function) {
  Value role = function.make("AWS::IAM::Role");
  Value& properties = role["Properties"];
  const Value* trust = function.find("AssumeRolePolicyDocument");
  properties.set("AssumeRolePolicyDocument", trust ? *trust : trust_in("lambda.amazonaws.com"));
  Value managed = managed_policies_of(function);
  Value policies = Value::list();
  for (const Value& policy : function.policies) policies.append(policy);
  read_policies(function, policies, managed);
  for (const std::string& arn : function.event_managed_policies) append_managed(managed, arn);
  for (const Value& policy : function.event_policies)
    if (!has_document(policies, policy)) policies.append(policy);
  properties.set("ManagedPolicyArns", std::move(managed));
  if (!policies.elements().empty()) properties.set("Policies", std::move(policies));
  const Value* path = function.find("RolePath");
  if (!is_nothing(path)) properties.set("Path", *path);
  const Value* boundary = function.find("PermissionsBoundary");
  if (!is_nothing(boundary)) properties.set("PermissionsBoundary", *boundary);
  Value tags = own_tags(function);
  if (!tags.elements().empty()) properties.set("Tags", std::move(tags));
  return role;
}

}  // namespace

Value add_role(const Function& function) {
  const std::string id = function.id + "Role";
  const Value* given = function.find("Role");
  const Value::List* choice = given ? find_choice(*given) : nullptr;
  const bool is_made_for_yes = choice && is_no_value((*choice)[1]);
  const bool is_made_for_no = choice && is_no_value((*choice)[2]);
  if (!is_nothing(given) && !is_made_for_yes && !is_made_for_no) return *given;
  Value role = make_role(function);
  if (choice) {
    std::string condition = (*choice)[0].text();
    if (is_made_for_no) {
      function.translation.add_condition(
          "NOT" + condition, Value::map("Fn::Not", list_of({Value::map("Condition", condition)})));
      condition = "NOT" + condition;
    }
    role.set("Condition", condition);
  }
  function.translation.add(id, std::move(role));
  if (!choice) return get_att(id, "Arn");
  return choose((*choice)[0].text(), is_made_for_yes ? get_att(id, "Arn") : (*choice)[1],
                is_made_for_no ? get_att(id, "Arn") : (*choice)[2]);
}

}  // namespace matinee::templates::sam

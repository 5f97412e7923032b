// DeploymentPreference: the alias moves by a deployment of CodeDeploy. One application and one role
// serve all functions of the template.
#include <algorithm>
#include <array>
#include <set>

#include "templates/sam/functions/function.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

constexpr std::string_view application_id = "ServerlessDeploymentApplication";
constexpr std::string_view role_id = "CodeDeployServiceRole";
constexpr std::string_view any_condition = "ServerlessCodeDeployCondition";

constexpr auto configurations = std::to_array<std::string_view>(
    {"Canary10Percent5Minutes", "Canary10Percent10Minutes", "Canary10Percent15Minutes",
     "Canary10Percent30Minutes", "Linear10PercentEvery10Minutes", "Linear10PercentEvery1Minute",
     "Linear10PercentEvery2Minutes", "Linear10PercentEvery3Minutes", "AllAtOnce"});

Value with_alarms(const Value& alarms) {
  Value names = Value::list();
  for (const Value& alarm : alarms.elements()) names.append(Value::map("Name", alarm));
  Value configuration;
  configuration.set("Enabled", true);
  return std::move(configuration.set("Alarms", std::move(names)));
}

Value read_alarms(const Function& function, const Value& alarms) {
  if (const Value::List* choice = find_choice(alarms))
    return choose((*choice)[0].text(), read_alarms(function, (*choice)[1]),
                  read_alarms(function, (*choice)[2]));
  if (is_no_value(alarms)) return alarms;
  if (!alarms.is_list()) function.refuse("Alarms must be a list", alarms);
  return with_alarms(alarms);
}

Value name_configuration(const Value& type) {
  if (std::ranges::find(configurations, type.text()) == configurations.end()) return type;
  return Value::map("Fn::Sub", list_of({"CodeDeployDefault.Lambda${ConfigName}",
                                        Value::map("ConfigName", type)}));
}

void add_group(const Function& function, const Value& preference) {
  Value group;
  group.set("Type", "AWS::CodeDeploy::DeploymentGroup");
  if (!is_nothing(preference.find("PassthroughCondition")))
    set_given(group, "Condition", find_given(function.source, "Condition"));
  Value& properties = group["Properties"];
  const Value* alarms = preference.find("Alarms");
  if (!is_nothing(alarms)) properties.set("AlarmConfiguration", read_alarms(function, *alarms));
  properties.set("ApplicationName", ref_to(application_id));
  properties["AutoRollbackConfiguration"].set("Enabled", true);
  properties["AutoRollbackConfiguration"].set(
      "Events",
      list_of({"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}));
  properties.set("DeploymentConfigName", name_configuration(*preference.find("Type")));
  properties["DeploymentStyle"].set("DeploymentType", "BLUE_GREEN");
  properties["DeploymentStyle"].set("DeploymentOption", "WITH_TRAFFIC_CONTROL");
  const Value* role = preference.find("Role");
  properties.set("ServiceRoleArn", is_nothing(role) ? get_att(role_id, "Arn") : *role);
  set_given(properties, "TriggerConfigurations", find_given(preference, "TriggerConfigurations"));
  function.translation.add(function.id + "DeploymentGroup", std::move(group));
}

/// What all of them have for a condition: one, any of some, or none.
Value shared_condition(Translation& translation, const std::set<std::string>& conditions) {
  if (conditions.contains("")) return {};
  if (conditions.size() == 1) return *conditions.begin();
  Value any = Value::list();
  for (const std::string& condition : conditions) any.append(Value::map("Condition", condition));
  translation.add_condition(any_condition, Value::map("Fn::Or", std::move(any)));
  return any_condition;
}

Value make_application() {
  Value application;
  application.set("Type", "AWS::CodeDeploy::Application");
  application["Properties"].set("ComputePlatform", "Lambda");
  return application;
}

Value make_role(const Translation& translation) {
  Value role;
  role.set("Type", "AWS::IAM::Role");
  Value statement;
  statement.set("Action", list_of({"sts:AssumeRole"})).set("Effect", "Allow");
  statement.set("Principal", Value::map("Service", list_of({"codedeploy.amazonaws.com"})));
  Value& trust = role["Properties"]["AssumeRolePolicyDocument"];
  trust.set("Version", "2012-10-17").set("Statement", list_of({std::move(statement)}));
  role["Properties"].set(
      "ManagedPolicyArns",
      list_of({translation.managed_policy("service-role/AWSCodeDeployRoleForLambda")}));
  return role;
}

}  // namespace

bool wants_deployment(const Function& function, const Value* preference) {
  if (is_nothing(preference)) return false;
  const Value* enabled = find_given(*preference, "Enabled");
  if (!enabled) return true;
  const Value known = function.translation.resolve(*enabled);
  return !is_nothing(&known) && known != Value("false") && known != Value("False");
}

Value read_deployment(const Function& function) {
  const Value* preference = function.find("DeploymentPreference");
  if (!wants_deployment(function, preference)) return {};
  if (is_nothing(preference->find("Type")))
    function.refuse("'DeploymentPreference' is missing required Property 'Type'", *preference);
  const Value* hooks = find_given(*preference, "Hooks");
  if (hooks && !hooks->is_map())
    function.refuse("'Hooks' property of 'DeploymentPreference' must be a dictionary", *hooks);
  add_group(function, *preference);
  Value update;
  update.set("ApplicationName", ref_to(application_id));
  update.set("DeploymentGroupName", ref_to(function.id + "DeploymentGroup"));
  if (hooks) {
    set_given(update, "BeforeAllowTrafficHook", find_given(*hooks, "PreTraffic"));
    set_given(update, "AfterAllowTrafficHook", find_given(*hooks, "PostTraffic"));
  }
  return Value::map("CodeDeployLambdaAliasUpdate", std::move(update));
}

void add_deployments(Translation& translation) {
  std::set<std::string> conditions;
  std::set<std::string> of_role;
  for (const Member& made : translation.made()) {
    if (made.value.text_or("Type") != "AWS::CodeDeploy::DeploymentGroup" ||
        !made.name.ends_with("DeploymentGroup"))
      continue;
    const std::string condition = made.value.text_or("Condition");
    conditions.insert(condition);
    if (*made.value.find("Properties")->find("ServiceRoleArn") == get_att(role_id, "Arn"))
      of_role.insert(condition);
  }
  if (conditions.empty()) return;
  const Value condition = shared_condition(translation, conditions);
  Value application = make_application();
  if (!condition.is_null()) application.set("Condition", condition);
  translation.add(application_id, std::move(application));
  if (of_role.empty()) return;
  Value role = make_role(translation);
  if (!condition.is_null()) role.set("Condition", condition);
  translation.add(role_id, std::move(role));
}

}  // namespace matinee::templates::sam

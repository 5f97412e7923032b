// FunctionUrlConfig: the URL of a function, and who may call it.
#include <algorithm>
#include <array>

#include "templates/sam/functions/function.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

constexpr auto cors_members =
    std::to_array<std::string_view>({"AllowCredentials", "AllowHeaders", "AllowMethods",
                                     "AllowOrigins", "ExposeHeaders", "MaxAge"});

void check(const Function& function, const Value& config) {
  const Value* type = config.find("AuthType");
  const bool is_known =
      type && (is_function(*type) || *type == Value("AWS_IAM") || *type == Value("NONE"));
  if (!is_known)
    function.refuse(
        "AuthType is required to configure function property `FunctionUrlConfig`. "
        "Please provide either AWS_IAM or NONE.",
        config);
  const Value* cors = find_given(config, "Cors");
  if (is_nothing(cors) || is_function(*cors)) return;
  if (!cors->is_map()) function.refuse("Property 'FunctionUrlConfig.Cors' should be a map.", *cors);
  for (const Member& member : cors->members())
    if (std::ranges::find(cors_members, member.name) == cors_members.end())
      function.refuse(member.name + " is not a valid property for configuring Cors.", member.value);
}

Value permission(const Function& function, std::string_view action) {
  Value made = function.make("AWS::Lambda::Permission");
  made["Properties"].set("Action", action).set("FunctionName", function.name());
  made["Properties"].set("Principal", "*");
  return made;
}

}  // namespace

void add_url(const Function& function) {
  const Value* config = function.find("FunctionUrlConfig");
  if (is_nothing(config)) return;
  if (!is_function(*config)) check(function, *config);
  Value url = function.make("AWS::Lambda::Url");
  Value& properties = url["Properties"];
  properties.set("TargetFunctionArn", function.name());
  for (const std::string_view name : {"AuthType", "Cors", "InvokeMode"})
    set_given(properties, name, find_given(*config, name));
  function.translation.add(function.id + "Url", std::move(url));
  const Value* type = config->find("AuthType");
  if (!type || *type != Value("NONE")) return;
  Value of_url = permission(function, "lambda:InvokeFunctionUrl");
  of_url["Properties"].set("FunctionUrlAuthType", "NONE");
  function.translation.add(function.id + "UrlPublicPermissions", std::move(of_url));
  Value of_function = permission(function, "lambda:InvokeFunction");
  of_function["Properties"].set("InvokedViaFunctionUrl", true);
  function.translation.add(function.id + "URLInvokeAllowPublicAccess", std::move(of_function));
}

}  // namespace matinee::templates::sam

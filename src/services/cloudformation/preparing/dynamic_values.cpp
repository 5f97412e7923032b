#include "services/cloudformation/preparing/dynamic_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

#include "services/cloudformation/preparing/faults.h"
#include "templates/dynamic_references.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

using templates::DynamicReference;
using templates::Value;

namespace {

using Service = DynamicReference::Service;

/// Of the types here that AWS lists, the one property that may hold what is secret in SSM.
constexpr std::string_view user_type = "AWS::IAM::User";
constexpr std::string_view user_password = "/LoginProfile/Password";

bool is_secure(const DynamicReference& reference) {
  return reference.service == Service::ssm_secure;
}

/// Appends "TYPE/Properties/PATH" of each text with a reference that may not stand there.
void find_forbidden(const Value& value, std::string_view type, const std::string& path,
                    std::vector<std::string>& found) {
  if (value.is_string() && !(type == user_type && path == user_password)) {
    for (const DynamicReference& reference : templates::find_dynamic_references(value))
      if (is_secure(reference)) {
        found.push_back(fmt::format("{}/Properties{}", type, path));
        break;
      }
  }
  for (std::size_t i = 0; i < value.elements().size(); ++i)
    find_forbidden(value.elements()[i], type, fmt::format("{}/{}", path, i), found);
  for (const templates::Member& member : value.members())
    find_forbidden(member.value, type, fmt::format("{}/{}", path, member.name), found);
}

runtime::Task<std::string> read_parameter(resources::Calls& calls,
                                          const DynamicReference& reference) {
  const std::string name = reference.version.empty()
                               ? reference.id
                               : fmt::format("{}:{}", reference.id, reference.version);
  Value request = Value::map("Name", name);
  request.set("WithDecryption", is_secure(reference));
  Value response;
  bool is_missing = false;
  try {
    response = co_await calls.call("ssm:GetParameter", std::move(request));
  } catch (const protocol::ServiceError& error) {
    is_missing = error.code() == "ParameterNotFound" || error.code() == "ParameterVersionNotFound";
    if (!is_missing) throw;
  }
  // SSM says nothing of it but the code.
  if (is_missing)
    throw invalid(fmt::format("Parameters: [{}:{}] cannot be found.",
                              is_secure(reference) ? "ssm-secure" : "ssm", name));
  const Value* parameter = response.find("Parameter");
  if (!parameter) throw invalid(fmt::format("Parameter {} cannot be read.", name));
  if (parameter->text_or("Type") == "SecureString" && !is_secure(reference))
    throw invalid(
        fmt::format("Non-secure ssm prefix was used for secure parameter: {}", reference.id));
  co_return parameter->text_or("Value");
}

std::string value_of_key(const std::string& secret, const std::string& key) {
  Value document;
  try {
    document = templates::read_json(secret);
  } catch (const templates::TemplateError&) {
    throw invalid("Could not parse SecretString JSON");
  }
  if (!document.is_map()) throw invalid("Could not parse SecretString JSON");
  const Value* found = document.find(key);
  if (!found) throw invalid("Could not find a value associated with JSONKey in SecretString");
  return found->is_scalar() ? found->text() : templates::to_json(*found);
}

runtime::Task<std::string> read_secret(resources::Calls& calls, const DynamicReference& reference) {
  Value request = Value::map("SecretId", reference.id);
  if (!reference.version.empty()) request.set("VersionId", reference.version);
  if (!reference.version_stage.empty()) request.set("VersionStage", reference.version_stage);
  const Value response = co_await calls.call("secretsmanager:GetSecretValue", std::move(request));
  const Value* text = response.find("SecretString");
  if (!text) throw invalid(fmt::format("The secret {} has no SecretString.", reference.id));
  if (reference.json_key.empty()) co_return text->text();
  co_return value_of_key(text->text(), reference.json_key);
}

}  // namespace

runtime::Task<Value> resolve_dynamic_references(resources::Calls& calls, Value properties,
                                                std::string type) {
  const std::vector<DynamicReference> all = templates::find_dynamic_references(properties);
  if (all.empty()) co_return properties;
  std::vector<std::string> forbidden;
  find_forbidden(properties, type, "", forbidden);
  if (!forbidden.empty())
    throw invalid(
        fmt::format("SSM Secure reference is not supported in: [{}]", fmt::join(forbidden, ", ")));
  std::map<std::string, std::string> values;
  for (const DynamicReference& reference : all) {
    const bool is_secret = reference.service == Service::secretsmanager;
    std::string value = is_secret ? co_await read_secret(calls, reference)
                                  : co_await read_parameter(calls, reference);
    values.emplace(reference.text, std::move(value));
  }
  co_return templates::replace_dynamic_references(
      std::move(properties), [&](const DynamicReference& reference) -> std::optional<std::string> {
        return values.at(reference.text);
      });
}

runtime::Task<std::map<std::string, std::string>> read_latest_values(resources::Calls& calls,
                                                                     Value properties) {
  std::map<std::string, std::string> values;
  for (const DynamicReference& reference : templates::find_dynamic_references(properties)) {
    if (reference.service != Service::ssm || !reference.version.empty()) continue;
    try {
      values.emplace(reference.text, co_await read_parameter(calls, reference));
    } catch (const protocol::ServiceError&) {
      // Who needs it is told when it is put in.
    }
  }
  co_return values;
}

Value with_latest_values(Value properties, const std::map<std::string, std::string>& values) {
  if (values.empty()) return properties;
  return templates::replace_dynamic_references(
      std::move(properties), [&](const DynamicReference& reference) -> std::optional<std::string> {
        const auto found = values.find(reference.text);
        if (found == values.end()) return std::nullopt;
        return found->second;
      });
}

}  // namespace matinee::cloudformation

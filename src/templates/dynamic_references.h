// {{resolve:ssm:...}}, {{resolve:ssm-secure:...}} and {{resolve:secretsmanager:...}} in texts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/template_error.h"
#include "templates/tree.h"

namespace matinee::templates {

struct DynamicReference {
  enum class Service : std::uint8_t { ssm, ssm_secure, secretsmanager };
  Service service;
  std::string text;  // the whole, with its braces
  /// Name of the parameter; name or ARN of the secret.
  std::string id;
  // Empty where they are not said.
  std::string version;        // ssm: a number; secretsmanager: the version's id
  std::string json_key = {};  // secretsmanager
  std::string version_stage = {};
};

/// All in the texts of a tree, each text once, in their order. Throws TemplateError where one is
/// not of the right form.
std::vector<DynamicReference> find_dynamic_references(const Value& value);
bool has_dynamic_references(const Value& value);

/// Puts in what `resolve` gives, verbatim; nothing: the reference stays as it is. What is put in is
/// not looked through again.
using ResolveReference = std::function<std::optional<std::string>(const DynamicReference&)>;
Value replace_dynamic_references(Value value, const ResolveReference& resolve);

}  // namespace matinee::templates

#include "services/cloudformation/planning/references.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string>

#include "services/cloudformation/planning/evaluating.h"
#include "services/cloudformation/preparing/faults.h"
#include "templates/dynamic_references.h"

namespace matinee::cloudformation {

namespace {

using templates::DynamicReference;

/// "NAME" or "NAME:VERSION" of each.
std::set<std::string> parameters_in(const Prepared& prepared) {
  std::set<std::string> names;
  for (const std::string& id : prepared.selection.resources) {
    try {
      const templates::Resource& resource = *prepared.checked->find_resource(id);
      const Value properties = evaluate_resource(resource, prepared.environment).properties;
      for (const DynamicReference& reference : templates::find_dynamic_references(properties)) {
        if (reference.service != DynamicReference::Service::ssm) continue;
        if (reference.id.find(templates::known_after_apply) != std::string::npos) continue;
        names.insert(reference.version.empty() ? reference.id
                                               : reference.id + ":" + reference.version);
      }
    } catch (const templates::TemplateError&) {
      // The resource says so itself.
      continue;
    }
  }
  return names;
}

bool is_not_found(const protocol::ServiceError& error) {
  return error.code() == "ParameterNotFound" || error.code() == "ParameterVersionNotFound";
}

}  // namespace

runtime::Task<> require_parameters(resources::Calls& calls, const Prepared& prepared) {
  std::vector<std::string> missing;
  for (const std::string& name : parameters_in(prepared)) {
    try {
      co_await calls.call("ssm:GetParameter", Value::map("Name", name));
    } catch (const protocol::ServiceError& error) {
      if (is_not_found(error)) missing.push_back("ssm:" + name);
    }
  }
  if (!missing.empty())
    throw invalid(fmt::format("Parameters: [{}] cannot be found.", fmt::join(missing, ", ")));
}

}  // namespace matinee::cloudformation

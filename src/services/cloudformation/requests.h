// What requests that make and change stacks have in common, read into what is kept and prepared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudformation/errors.h"
#include "cloudformation/shapes.h"
#include "services/cloudformation/catalog/catalog.h"
#include "services/cloudformation/preparing/prepared.h"

namespace matinee::cloudformation {

Pairs pairs_of(const std::optional<std::vector<Tag>>& tags);
std::vector<GivenParameter> given_parameters(const std::optional<std::vector<Parameter>>& given);
/// Throws ValidationError for triggers that are none.
RollbackRecord rollback_record(const std::optional<RollbackConfiguration>& configuration);
RollbackConfiguration told_rollback(const RollbackRecord& record);
std::vector<Parameter> told_parameters(const std::vector<ParameterValue>& parameters);
std::vector<Tag> told_tags(const Pairs& tags);

/// Of CreateStack, UpdateStack and CreateChangeSet, whose members have the same names.
template <class Request>
TemplateRequest template_request(const Request& request, const StackKey& key) {
  TemplateRequest made{.body = request.template_body,
                       .url = request.template_url,
                       .parameters = given_parameters(request.parameters),
                       .resource_types = request.resource_types,
                       .stack_name = name_of(key),
                       .stack_id = arn_of(key)};
  if constexpr (requires { request.use_previous_template; })
    made.uses_previous = request.use_previous_template.value_or(false);
  if (request.capabilities) made.capabilities = *request.capabilities;
  if (request.notification_ar_ns) made.notification_arns = *request.notification_ar_ns;
  return made;
}

/// What it says beside the template; what it does not say stays as it was in `before`.
template <class Request>
DefinitionRecord definition_of(const Request& request, const Prepared& prepared,
                               const DefinitionRecord* before) {
  DefinitionRecord definition;
  if (before) definition = *before;
  definition.description = prepared.checked->description;
  definition.parameters = prepared.parameters;
  definition.has_transforms = prepared.has_transforms;
  if (request.tags) definition.tags = pairs_of(request.tags);
  if (request.capabilities && !request.capabilities->empty())
    definition.capabilities = *request.capabilities;
  if (request.notification_ar_ns) definition.notification_arns = *request.notification_ar_ns;
  if (request.rollback_configuration)
    definition.rollback = rollback_record(request.rollback_configuration);
  return definition;
}

/// "EXPRESS"; empty where it is not said.
inline std::string mode_of(const std::optional<DeploymentConfig>& config) {
  return config ? config->mode.value_or("") : "";
}
inline bool disables_rollback(const std::optional<DeploymentConfig>& config) {
  return config && config->disable_rollback.value_or(false);
}

/// Prepares a stack. What a transform or a parameter of AWS's types fails for is no error of the
/// call: it becomes `failure`, the reason of a stack that fails, and there is the text only.
runtime::Task<Prepared> prepare_stack(TemplateSources sources, TemplateRequest request,
                                      const PreviousTemplate* previous, std::string& failure);

/// Throws ValidationError.
void check_stack_name(const std::string& name);

/// Whether nothing is done on a stack in that status, and it may be updated.
bool is_updatable(std::string_view status);

/// "Stack:ARN is in STATUS state and can not be updated."
ValidationError not_updatable(const FoundStack& stack);

}  // namespace matinee::cloudformation

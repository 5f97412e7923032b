#include "services/cloudformation/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/arn.h"
#include "services/cloudformation/preparing/parameter_values.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view hidden = "****";

bool is_name(const std::string& name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Pairs pairs_of(const std::optional<std::vector<Tag>>& tags) {
  Pairs pairs;
  if (!tags) return pairs;
  for (const Tag& tag : *tags) pairs.emplace_back(tag.key, tag.value);
  return pairs;
}

std::vector<GivenParameter> given_parameters(const std::optional<std::vector<Parameter>>& given) {
  std::vector<GivenParameter> parameters;
  if (!given) return parameters;
  for (const Parameter& parameter : *given)
    parameters.push_back({.name = parameter.parameter_key.value_or(""),
                          .value = parameter.parameter_value,
                          .uses_previous = parameter.use_previous_value.value_or(false)});
  return parameters;
}

RollbackRecord rollback_record(const std::optional<RollbackConfiguration>& configuration) {
  RollbackRecord record;
  if (!configuration) return record;
  record.monitoring_minutes = configuration->monitoring_time_in_minutes;
  if (!configuration->rollback_triggers) return record;
  for (const RollbackTrigger& trigger : *configuration->rollback_triggers) {
    if (trigger.type != "AWS::CloudWatch::Alarm" &&
        trigger.type != "AWS::CloudWatch::CompositeAlarm")
      throw ValidationError("Rollback Trigger Type not supported");
    const std::optional<services::Arn> arn = services::parse_arn(trigger.arn);
    if (!arn || !arn->resource.starts_with("alarm:"))
      throw ValidationError("RelativeId of a Rollback Trigger's ARN is incorrect");
    record.triggers.emplace_back(trigger.arn, trigger.type);
  }
  return record;
}

RollbackConfiguration told_rollback(const RollbackRecord& record) {
  RollbackConfiguration told{.rollback_triggers = std::nullopt,
                             .monitoring_time_in_minutes = record.monitoring_minutes};
  for (const auto& [arn, type] : record.triggers) {
    if (!told.rollback_triggers) told.rollback_triggers.emplace();
    told.rollback_triggers->push_back({.arn = arn, .type = type});
  }
  return told;
}

std::vector<Parameter> told_parameters(const std::vector<ParameterValue>& parameters) {
  std::vector<Parameter> told;
  for (const ParameterValue& parameter : parameters) {
    Parameter one{.parameter_key = parameter.name,
                  .parameter_value = parameter.no_echo ? std::string(hidden) : parameter.given,
                  .use_previous_value = std::nullopt,
                  .resolved_value = parameter.resolved};
    if (parameter.no_echo && parameter.resolved) one.resolved_value = std::string(hidden);
    told.push_back(std::move(one));
  }
  return told;
}

std::vector<Tag> told_tags(const Pairs& tags) {
  std::vector<Tag> told;
  for (const auto& [key, value] : tags) told.push_back({.key = key, .value = value});
  return told;
}

runtime::Task<Prepared> prepare_stack(TemplateSources sources, TemplateRequest request,
                                      const PreviousTemplate* previous, std::string& failure) {
  const std::vector<GivenParameter> given = request.parameters;
  try {
    co_return co_await prepare(std::move(sources), std::move(request), previous);
  } catch (const TransformFailure& error) {
    failure = error.reason + ". ";
    // The stack tells of its parameters what was given for them.
    const Value root = templates::read_template(error.original);
    co_return Prepared{
        .original = error.original,
        .processed = "",
        .has_transforms = true,
        .root = Value(),
        .parameters = choose_values(templates::read_parameters(root), given, previous),
        .checked = std::make_shared<const templates::Template>()};
  }
}

void check_stack_name(const std::string& name) {
  constexpr std::size_t longest = 128;
  if (!is_name(name))
    throw ValidationError(fmt::format(
        "1 validation error detected: Value '{}' at 'stackName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: "
        "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*",
        name));
  if (name.size() > longest)
    throw ValidationError(
        fmt::format("1 validation error detected: Value '{}' at 'stackName' failed to satisfy "
                    "constraint: Member must have length less than or equal to {}",
                    name, longest));
}

bool is_updatable(std::string_view status) {
  constexpr std::array<std::string_view, 7> updatable = {
      "CREATE_COMPLETE", "UPDATE_COMPLETE",          "UPDATE_ROLLBACK_COMPLETE",
      "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "CREATE_FAILED",
      "UPDATE_FAILED"};
  return std::ranges::find(updatable, status) != updatable.end();
}

ValidationError not_updatable(const FoundStack& stack) {
  return ValidationError(fmt::format("Stack:{} is in {} state and can not be updated.",
                                     arn_of(stack.key), stack.record.status));
}

}  // namespace matinee::cloudformation

// Templates as they are told: those of stacks and change sets, and what is in one, before a stack
// is made of it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "services/cloudformation/preparing/capabilities.h"
#include "services/cloudformation/preparing/prepared.h"
#include "services/cloudformation/preparing/trees.h"
#include "services/cloudformation/requests.h"
#include "services/cloudformation/service.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

namespace {

using templates::Value;

constexpr std::string_view processed_stage = "Processed";

/// As AWS writes the section Metadata of a template: {'Name': 'value', 'List': [1, True]}.
void append_metadata(std::string& out, const Value& value) {
  if (value.is_map() || value.is_list()) {
    const bool is_map = value.is_map();
    out += is_map ? '{' : '[';
    std::string_view separator;
    for (const templates::Member& member : value.members()) {
      out += fmt::format("{}'{}': ", std::exchange(separator, ", "), member.name);
      append_metadata(out, member.value);
    }
    for (const Value& element : value.elements()) {
      out += std::exchange(separator, ", ");
      append_metadata(out, element);
    }
    out += is_map ? '}' : ']';
  } else if (value.is_string()) {
    out += fmt::format("'{}'", value.text());
  } else if (value.kind() == Value::Kind::boolean) {
    out += value.truth() ? "True" : "False";
  } else {
    out += value.is_null() ? "None" : value.text();
  }
}

ParameterDeclaration declaration_of(const templates::Parameter& parameter) {
  ParameterDeclaration declaration{.parameter_key = parameter.name,
                                   .default_value = parameter.default_value,
                                   .parameter_type = parameter.type,
                                   .no_echo = parameter.no_echo,
                                   .description = parameter.description,
                                   .parameter_constraints = ParameterConstraints()};
  if (!parameter.allowed_values.empty())
    declaration.parameter_constraints->allowed_values = parameter.allowed_values;
  return declaration;
}

/// The properties by which resources of a type are imported: "/properties/QueueUrl" without its
/// path.
std::optional<std::vector<std::string>> identifiers_of(const resources::ResourceType* type) {
  if (!type || type->schema().primary_identifier().empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const std::string& path : type->schema().primary_identifier())
    names.push_back(path.substr(path.rfind('/') + 1));
  return names;
}

/// What AWS says of the resources: their types, and which are of which.
void add_resources(const Value& root, const FindType& find_type,
                   GetTemplateSummaryResponse& response) {
  response.resource_types.emplace();
  response.resource_identifier_summaries.emplace();
  auto& summaries = *response.resource_identifier_summaries;
  for (const templates::Member& member : member_of(root, "Resources").members()) {
    const std::string type = member.value.text_or("Type");
    if (type.empty()) continue;
    auto known = std::ranges::find(summaries, std::optional(type),
                                   &ResourceIdentifierSummary::resource_type);
    if (known == summaries.end()) {
      response.resource_types->push_back(type);
      summaries.push_back({.resource_type = type,
                           .logical_resource_ids = std::vector<std::string>(),
                           .resource_identifiers = identifiers_of(find_type(type))});
      known = std::prev(summaries.end());
    }
    known->logical_resource_ids->push_back(member.name);
  }
}

/// Those that there are not; transforms may know all that a template with them has.
std::vector<std::string> unrecognized_types(const Value& root,
                                            const GetTemplateSummaryResponse& response,
                                            const FindType& find_type) {
  std::vector<std::string> unknown;
  if (!declared_transforms(root).empty()) return unknown;
  for (const std::string& type : *response.resource_types)
    if (!find_type(type)) unknown.push_back(type);
  std::ranges::sort(unknown);
  return unknown;
}

/// A template that was not transformed yet cannot be checked further than its form.
Value read_checked(const std::string& text) {
  try {
    Value root = templates::read_template(text);
    if (declared_transforms(root).empty()) {
      static_cast<void>(templates::check_structure(root, templates::Extensions::refused));
    } else {
      static_cast<void>(templates::read_parameters(root));
    }
    return root;
  } catch (const templates::TemplateError& error) {
    throw ValidationError(error.message);
  }
}

std::optional<std::string> text_of(const Value& root, std::string_view section) {
  const Value* value = root.find(section);
  if (!value || !value->is_scalar()) return std::nullopt;
  return value->text();
}

/// The members that both operations tell.
template <class Response>
void add_common(const Value& root, Response& response) {
  response.description = text_of(root, "Description");
  const NeededCapabilities needed = needed_capabilities(root);
  const std::vector<std::string> names = needed.names();
  if (!names.empty()) {
    response.capabilities = names;
    response.capabilities_reason = needed.reason();
  }
  const std::vector<std::string> transforms = declared_transforms(root);
  if (!transforms.empty()) response.declared_transforms = transforms;
}

}  // namespace

TemplateRecord Service::find_template(const Context& context,
                                      const GetTemplateRequest& request) const {
  if (request.change_set_name) {
    if (!request.change_set_name->starts_with("arn:") && !request.stack_name)
      throw ValidationError("StackName is a required parameter.");
    const auto found =
        catalog_.find_change_set(context, *request.change_set_name, request.stack_name);
    if (!found)
      throw ChangeSetNotFoundException(
          fmt::format("ChangeSet [{}] does not exist", *request.change_set_name));
    const auto& [stack, uuid] = found->key;
    return catalog_.templates.find({stack, uuid}).value_or(TemplateRecord());
  }
  if (!request.stack_name)
    throw ValidationError("StackName is required if ChangeSetName is not specified.");
  const FoundStack stack = require_with_id(context, *request.stack_name);
  return catalog_.templates.find({stack.key, current_slot}).value_or(TemplateRecord());
}

GetTemplateResponse Service::get_template(const Context& context,
                                          const GetTemplateRequest& request) {
  TemplateRecord record = find_template(context, request);
  // Transforms that have failed leave nothing else.
  if (record.processed.empty()) record.processed = record.original;
  const bool is_processed = request.template_stage == processed_stage;
  return {.template_body = is_processed ? std::move(record.processed) : std::move(record.original),
          .stages_available = std::vector<std::string>{"Original", std::string(processed_stage)}};
}

runtime::Task<std::string> Service::read_text(const Context& context,
                                              std::optional<std::string> body,
                                              std::optional<std::string> url) {
  if (body.has_value() == url.has_value())
    throw ValidationError(body ? "Only one of TemplateBody and TemplateURL may be given."
                               : "Either Template URL or Template Body must be specified.");
  if (url) {
    const std::unique_ptr<resources::Calls> calls = neighbours_.calls->calls_as(context);
    co_return co_await read_url(
        {.calls = *calls, .objects = *neighbours_.objects, .caller = context}, *std::move(url),
        templates::max_template_bytes);
  }
  if (body->size() > templates::max_body_bytes)
    throw ValidationError(
        fmt::format("1 validation error detected: Value '{}' at 'templateBody' failed to satisfy "
                    "constraint: Member must have length less than or equal to {}",
                    *body, templates::max_body_bytes));
  co_return *std::move(body);
}

runtime::Task<GetTemplateSummaryResponse> Service::get_template_summary(
    const Context& context, const GetTemplateSummaryRequest& request) {
  std::string text;
  if (request.stack_set_name) throw ValidationError("Stack sets are not served here.");
  if (request.stack_name) {
    if (request.template_body || request.template_url)
      throw ValidationError("Only one of StackName, TemplateBody and TemplateURL may be given.");
    text = find_template(context, {.stack_name = request.stack_name}).original;
  } else {
    text = co_await read_text(context, request.template_body, request.template_url);
  }
  const Value root = read_checked(text);
  GetTemplateSummaryResponse response{.parameters = std::vector<ParameterDeclaration>()};
  for (const templates::Parameter& parameter : templates::read_parameters(root))
    response.parameters->push_back(declaration_of(parameter));
  add_common(root, response);
  response.version = text_of(root, "AWSTemplateFormatVersion");
  if (const Value* metadata = root.find("Metadata"))
    append_metadata(response.metadata.emplace(), *metadata);
  const FindType find_any = [this](std::string_view name) { return find_type(name); };
  add_resources(root, find_any, response);
  const auto& config = request.template_summary_config;
  const std::vector<std::string> unknown = unrecognized_types(root, response, find_any);
  if (!unknown.empty()) {
    if (!config || !config->treat_unrecognized_resource_types_as_warnings.value_or(false))
      throw ValidationError(fmt::format("Template format error: Unrecognized resource types: [{}]",
                                        fmt::join(unknown, ", ")));
    response.warnings = Warnings{.unrecognized_resource_types = unknown};
  }

  co_return response;
}

runtime::Task<ValidateTemplateResponse> Service::validate_template(
    const Context& context, const ValidateTemplateRequest& request) {
  const std::string text = co_await read_text(context, request.template_body, request.template_url);
  const Value root = read_checked(text);
  ValidateTemplateResponse response{.parameters = std::vector<TemplateParameter>()};
  for (const templates::Parameter& parameter : templates::read_parameters(root))
    response.parameters->push_back({.parameter_key = parameter.name,
                                    .default_value = parameter.default_value,
                                    .no_echo = parameter.no_echo,
                                    .description = parameter.description});
  add_common(root, response);
  co_return response;
}

/// Nothing costs anything here: what AWS would ask for it is for its calculator to say. The
/// template and its parameters are looked at as if a stack were made of them.
runtime::Task<EstimateTemplateCostResponse> Service::estimate_template_cost(
    const Context& context, const EstimateTemplateCostRequest& request) {
  TemplateRequest wish{
      .body = request.template_body,
      .url = request.template_body ? std::nullopt : request.template_url,
      .parameters = given_parameters(request.parameters),
      .capabilities = {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}};
  const std::unique_ptr<resources::Calls> calls = calls_as(context, "");
  try {
    const Prepared prepared =
        co_await prepare(sources_of(context, *calls), std::move(wish), nullptr);
    require_known_types(prepared);
  } catch (const TransformFailure& failure) {
    throw ValidationError(failure.reason);
  }
  co_return EstimateTemplateCostResponse{
      .url = fmt::format("http://calculator.s3.amazonaws.com/calc5.html?key=cloudformation/{}",
                         runtime_.random.uuid())};
}

}  // namespace matinee::cloudformation

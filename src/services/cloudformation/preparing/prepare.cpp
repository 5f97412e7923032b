#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "services/cloudformation/preparing/capabilities.h"
#include "services/cloudformation/preparing/faults.h"
#include "services/cloudformation/preparing/parameter_values.h"
#include "services/cloudformation/preparing/prepared.h"
#include "services/cloudformation/preparing/transforms.h"
#include "templates/language_extensions.h"
#include "templates/reader.h"
#include "templates/sam/transform.h"

namespace matinee::cloudformation {

namespace {

using templates::TemplateError;

protocol::ServiceError insufficient(const std::vector<std::string>& missing) {
  constexpr int bad_request = 400;
  return {"InsufficientCapabilitiesException", bad_request,
          fmt::format("Requires capabilities : [{}]", fmt::join(missing, ", "))};
}

/// Whether CloudFormation knows that as an own transform, of which a template's parameters and
/// mappings are all that it has to know.
struct OwnTransforms {
  const TemplateSources& sources;
  std::vector<ParameterValue> parameters;
  templates::Environment environment;

  Value operator()(std::string_view name, const Value& root) const {
    if (name == templates::language_extensions_name)
      return templates::expand_language_extensions(root, environment);
    templates::sam::SamContext context{.region = environment.region,
                                       .partition = environment.partition,
                                       .find_managed_policy = sources.find_managed_policy};
    for (const ParameterValue& parameter : parameters) {
      const bool is_stored = parameter.resolved.has_value();
      context.parameters.emplace(parameter.name,
                                 is_stored ? Value(parameter.given) : reference_value(parameter));
    }
    return templates::sam::transform(root, context);
  }
};

templates::Environment environment_of(const StackIdentity& stack,
                                      const std::vector<ParameterValue>& parameters) {
  templates::Environment environment;
  environment.account = stack.account;
  environment.region = stack.region;
  environment.stack_name = stack.stack_name;
  environment.stack_id = stack.stack_id;
  environment.notification_arns = stack.notification_arns;
  for (const ParameterValue& parameter : parameters)
    environment.parameters.emplace(parameter.name, reference_value(parameter));
  return environment;
}

/// What follows from the template after its transforms, and the values of its parameters.
void examine(Prepared& prepared, const StackIdentity& stack) {
  prepared.checked =
      std::make_shared<const templates::Template>(templates::check_structure(prepared.root));
  prepared.environment = environment_of(stack, prepared.parameters);
  prepared.environment.mappings = &prepared.checked->mappings;
  prepared.environment.conditions =
      templates::evaluate_conditions(*prepared.checked, prepared.environment);
  templates::check_rules(*prepared.checked, prepared.environment);
  prepared.selection = templates::select(*prepared.checked, prepared.environment);
}

/// "AWS::EC2::*", "AWS::*", "Custom::*", or a type.
bool allows(const std::string& pattern, std::string_view type) {
  if (!pattern.ends_with('*')) return pattern == type;
  return type.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

void check_types(const Prepared& prepared, const TemplateRequest& request) {
  if (!request.resource_types) return;
  for (const templates::Resource& resource : prepared.checked->resources) {
    const bool is_allowed = std::ranges::any_of(
        *request.resource_types,
        [&](const std::string& pattern) { return allows(pattern, resource.type); });
    if (!is_allowed)
      throw invalid(fmt::format("Resource type {} is not allowed by parameter ResourceTypes [{}]",
                                resource.type, fmt::join(*request.resource_types, ", ")));
  }
}

void count_dynamic_references(const Value& value, std::size_t& count) {
  constexpr std::string_view begin = "{{resolve:";
  if (value.is_string())
    for (std::size_t at = value.text().find(begin); at != std::string::npos;
         at = value.text().find(begin, at + 1))
      ++count;
  for (const Value& element : value.elements()) count_dynamic_references(element, count);
  for (const templates::Member& member : value.members())
    count_dynamic_references(member.value, count);
}

/// As they stand there; those that functions put together are not counted.
void check_dynamic_references(const Value& root) {
  constexpr std::size_t most = 60;
  std::size_t count = 0;
  if (const Value* resources = root.find("Resources")) count_dynamic_references(*resources, count);
  if (count > most)
    throw invalid(
        fmt::format("Template error: the template has {} dynamic references, and may have "
                    "{} at most",
                    count, most));
}

runtime::Task<std::string> find_text(const TemplateSources& sources, const TemplateRequest& request,
                                     const PreviousTemplate* previous) {
  const int ways = static_cast<int>(request.body.has_value()) +
                   static_cast<int>(request.url.has_value()) +
                   static_cast<int>(request.uses_previous);
  if (ways == 0) throw invalid("Either Template URL or Template Body must be specified.");
  if (ways > 1)
    throw invalid("Only one of TemplateBody, TemplateURL and UsePreviousTemplate may be given.");
  if (request.body) {
    if (request.body->size() > templates::max_body_bytes)
      throw invalid(
          fmt::format("1 validation error detected: Value '{}' at 'templateBody' failed "
                      "to satisfy constraint: Member must have length less than or equal "
                      "to {}",
                      *request.body, templates::max_body_bytes));
    co_return *request.body;
  }
  if (request.url)
    co_return co_await read_url(sources, *request.url, templates::max_template_bytes);
  if (!previous) throw invalid("There is no previous template to be used.");
  co_return previous->original;
}

class Preparation {
 public:
  Preparation(TemplateSources sources, TemplateRequest request, const PreviousTemplate* previous)
      : sources_(std::move(sources)),
        request_(std::move(request)),
        previous_(previous),
        stack_{.account = sources_.caller.account,
               .region = sources_.caller.region,
               .stack_name = request_.stack_name,
               .stack_id = request_.stack_id,
               .notification_arns = request_.notification_arns} {}

  runtime::Task<Prepared> prepare() {
    Prepared prepared;
    prepared.capabilities = request_.capabilities;
    prepared.original = co_await find_text(sources_, request_, previous_);
    prepared.root = templates::read_template(prepared.original);
    prepared.transforms = declared_transforms(prepared.root);
    prepared.has_transforms = !prepared.transforms.empty();
    if (!prepared.has_transforms)
      static_cast<void>(templates::check_structure(prepared.root, templates::Extensions::refused));
    prepared.parameters =
        choose_values(templates::read_parameters(prepared.root), request_.parameters, previous_);
    co_await look_up(sources_.calls, prepared.parameters);
    if (std::string unknown = find_unknown_value(prepared.parameters); !unknown.empty())
      throw TransformFailure(std::move(unknown), prepared.original);
    if (prepared.has_transforms) {
      co_await transform(prepared);
    } else {
      prepared.processed = prepared.original;
      finish(prepared);
    }
    co_return prepared;
  }

 private:
  TemplateSources sources_;
  TemplateRequest request_;
  const PreviousTemplate* previous_;
  StackIdentity stack_;

  /// What is found wrong from here on is no mistake of the call, but what comes of a transform.
  runtime::Task<> transform(Prepared& prepared) {
    if (request_.must_allow_expansion) {
      NeededCapabilities needed;
      needed.auto_expand = true;
      const std::vector<std::string> missing = missing_capabilities(needed, request_.capabilities);
      if (!missing.empty()) throw insufficient(missing);
    }
    std::string reason;
    try {
      prepared.root = co_await carry_out_transforms(tools_for(prepared), std::move(prepared.root));
      prepared.processed = templates::to_json(prepared.root);
      add_parameters(prepared);
      finish(prepared);
      co_return;
    } catch (const TransformFailure& failure) {
      reason = failure.reason;
    } catch (const TemplateError& error) {
      reason = error.message;
    } catch (const protocol::ServiceError& error) {
      reason = error.message();
    }
    throw TransformFailure(reason, prepared.original);
  }

  TransformTools tools_for(const Prepared& prepared) const {
    templates::Environment environment = environment_of(stack_, prepared.parameters);
    TransformTools tools{.sources = sources_};
    // The mappings of this moment: transforms may bring others.
    const auto mappings = std::make_shared<Value>();
    if (const Value* section = prepared.root.find("Mappings")) *mappings = *section;
    tools.evaluate = [environment, mappings](const Value& value) mutable {
      environment.mappings = mappings.get();
      return templates::evaluate(value, environment).value;
    };
    for (const ParameterValue& parameter : prepared.parameters)
      tools.parameter_values.set(parameter.name, reference_value(parameter));
    tools.carry_out_own = OwnTransforms{sources_, prepared.parameters, environment};
    return tools;
  }

  /// Those that transforms have brought have their defaults.
  static void add_parameters(Prepared& prepared) {
    std::vector<ParameterValue> all;
    std::vector<templates::Parameter> brought;
    for (templates::Parameter& parameter : templates::read_parameters(prepared.root)) {
      const auto known =
          std::ranges::find(prepared.parameters, parameter.name, &ParameterValue::name);
      if (known == prepared.parameters.end()) {
        brought.push_back(std::move(parameter));
      } else {
        all.push_back(*known);
      }
    }
    std::ranges::move(choose_values(brought, {}, nullptr), std::back_inserter(all));
    prepared.parameters = std::move(all);
  }

  void finish(Prepared& prepared) const {
    examine(prepared, stack_);
    templates::check_values(*prepared.checked, prepared.selection, prepared.environment);
    check_types(prepared, request_);
    check_dynamic_references(prepared.root);
    NeededCapabilities needed = needed_capabilities(prepared.root);
    needed.auto_expand = false;  // looked at before
    const std::vector<std::string> missing = missing_capabilities(needed, request_.capabilities);
    if (!missing.empty()) throw insufficient(missing);
  }
};

}  // namespace

runtime::Task<Prepared> prepare(TemplateSources sources, TemplateRequest request,
                                const PreviousTemplate* previous) {
  Preparation preparation(std::move(sources), std::move(request), previous);
  try {
    co_return co_await preparation.prepare();
  } catch (const TemplateError& error) {
    throw invalid(error.message);
  }
}

Prepared restore(std::string processed, std::vector<ParameterValue> parameters,
                 const StackIdentity& stack) {
  Prepared prepared;
  prepared.root = templates::read_template(processed);
  prepared.original = processed;
  prepared.processed = std::move(processed);
  prepared.parameters = std::move(parameters);
  examine(prepared, stack);
  return prepared;
}

}  // namespace matinee::cloudformation

// What a request to make or change a stack becomes before anything is planned: its template read,
// its parameters' values found, its transforms carried out.
//
// A static mistake of the template or of the request is the operation's own error. What a transform
// or macro fails for is told later, as the reason of the change set or the stack: TransformFailure.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resources/calls.h"
#include "runtime/task.h"
#include "services/cloudformation/catalog/parameters.h"
#include "services/context.h"
#include "services/object_reader.h"
#include "templates/graph.h"
#include "templates/intrinsics.h"
#include "templates/template.h"
#include "templates/tree.h"

namespace matinee::cloudformation {

using templates::Value;

/// One of the request's `Parameters`.
struct GivenParameter {
  std::string name;
  std::optional<std::string> value = std::nullopt;
  bool uses_previous = false;
};

/// What the stack has so far, for UsePreviousTemplate and UsePreviousValue.
struct PreviousTemplate {
  std::string original;  // as it was sent
  std::vector<ParameterValue> parameters;
};

/// What a request says of the stack that it wants, and which stack that is.
struct TemplateRequest {
  std::optional<std::string> body = std::nullopt;
  std::optional<std::string> url = std::nullopt;
  bool uses_previous = false;
  std::vector<GivenParameter> parameters = {};
  std::vector<std::string> capabilities = {};
  /// Whether transforms need CAPABILITY_AUTO_EXPAND: in CreateStack and UpdateStack, not for change
  /// sets.
  bool must_allow_expansion = true;
  /// ResourceTypes: all are allowed where it is missing.
  std::optional<std::vector<std::string>> resource_types = std::nullopt;

  std::string stack_name;
  std::string stack_id;
  std::vector<std::string> notification_arns = {};
};

/// What preparing asks of others, in the name of who makes the stack. All must outlive it.
struct TemplateSources {
  resources::Calls& calls;          // macros, parameters in SSM
  services::ObjectReader& objects;  // TemplateURL, AWS::Include
  services::Context caller;
  /// The ARN of the function behind a macro of the caller's account and region; empty where there
  /// is no such macro.
  std::function<std::string(std::string_view name)> find_macro = nullptr;
  /// The ARN of a policy of AWS by its name; nothing where there is none.
  std::function<std::optional<std::string>(std::string_view name)> find_managed_policy = nullptr;
};

/// Which stack a template is of: what the pseudo parameters give.
struct StackIdentity {
  std::string account;
  std::string region;
  std::string stack_name;
  std::string stack_id;
  std::vector<std::string> notification_arns = {};
};

struct Prepared {
  std::string original;   // as it was sent: YAML stays YAML
  std::string processed;  // JSON after the transforms; the same as `original` where there are none
  bool has_transforms = false;
  std::vector<std::string> transforms = {};  // their names, in the order in which they stand
  /// After the transforms, with their sections gone.
  Value root;
  /// In the order in which the template declares them. Values are checked against constraints.
  std::vector<ParameterValue> parameters = {};
  std::vector<std::string> capabilities = {};  // as they were given

  std::shared_ptr<const templates::Template> checked = nullptr;
  /// With parameters, mappings (of `checked`), conditions and pseudo parameters; nothing of
  /// resources and imports is known in it.
  templates::Environment environment = {};
  templates::Selection selection = {};  // which resources are made
};

/// A transform or macro has failed, or what a parameter of AWS's types names cannot exist: the
/// change set's StatusReason, or the stack's.
class TransformFailure : public std::exception {
 public:
  TransformFailure(std::string reason, std::string original)
      : reason(std::move(reason)), original(std::move(original)) {}
  const char* what() const noexcept override { return reason.c_str(); }

  std::string reason;
  std::string original;  // the template as it was sent
};

/// Reads, checks and transforms. `previous` is null for a stack that is made. Throws
/// protocol::ServiceError (ValidationError, InsufficientCapabilitiesException), TransformFailure.
runtime::Task<Prepared> prepare(TemplateSources sources, TemplateRequest request,
                                const PreviousTemplate* previous);

/// The same of what is kept of a stack: its template after the transforms, and the values of its
/// parameters. Pure. Throws templates::TemplateError, which cannot be for what was prepared once.
Prepared restore(std::string processed, std::vector<ParameterValue> parameters,
                 const StackIdentity& stack);

/// What a URL of a template or a stack policy names, read from S3 as its caller. Throws
/// protocol::ServiceError.
runtime::Task<std::string> read_url(TemplateSources sources, std::string url,
                                    std::size_t most_bytes);

}  // namespace matinee::cloudformation

#include "templates/sam/functions/function.h"

#include <fmt/format.h>

#include <array>

#include "templates/sam/code_location.h"
#include "templates/sam/properties.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

/// Of the same name at AWS::Lambda::Function.
constexpr auto passed = std::to_array<std::string_view>({"PackageType",
                                                         "Description",
                                                         "FunctionName",
                                                         "Handler",
                                                         "MemorySize",
                                                         "ReservedConcurrentExecutions",
                                                         "Runtime",
                                                         "Timeout",
                                                         "VpcConfig",
                                                         "Environment",
                                                         "KmsKeyArn",
                                                         "Layers",
                                                         "FileSystemConfigs",
                                                         "ImageConfig",
                                                         "CodeSigningConfigArn",
                                                         "Architectures",
                                                         "EphemeralStorage",
                                                         "SnapStart",
                                                         "RuntimeManagementConfig",
                                                         "LoggingConfig",
                                                         "RecursiveLoop",
                                                         "TenancyConfig",
                                                         "DurableConfig",
                                                         "PublishToLatestPublished"});

void check_packaging(const Function& function) {
  const Value* package = function.find("PackageType");
  const bool is_image = package && *package == Value("Image");
  const bool has_handler = function.find("Handler") && function.find("Runtime");
  if (is_image && (function.find("Handler") || function.find("Runtime") || function.find("Layers")))
    function.refuse(
        "Runtime, Handler, Layers cannot be present when PackageType is of type `Image`", *package);
  if (is_image) return;
  if (!has_handler)
    function.refuse("Runtime and Handler needs to be present when PackageType is of type `Zip`",
                    function.properties);
  if (!is_nothing(function.find("ImageConfig")))
    function.refuse("ImageUri or ImageConfig cannot be present when PackageType is of type `Zip`",
                    *function.find("ImageConfig"));
}

/// The permission to send there goes to the role.
void set_dead_letters(Function& function, Value& properties) {
  const Value* queue = function.find("DeadLetterQueue");
  if (is_nothing(queue)) return;
  const Value* type = queue->find("Type");
  const Value* target = queue->find("TargetArn");
  if (is_nothing(type) || is_nothing(target))
    function.refuse("'DeadLetterQueue' requires Type and TargetArn properties to be specified.",
                    *queue);
  if (!type->is_string())
    function.refuse("Property 'DeadLetterQueue.Type' should be a string.", *type);
  if (type->text() != "SQS" && type->text() != "SNS")
    function.refuse("'DeadLetterQueue' requires Type of ['SQS', 'SNS']", *type);
  properties["DeadLetterConfig"].set("TargetArn", *target);
  const char* action = type->text() == "SQS" ? "sqs:SendMessage" : "sns:Publish";
  Value policy = role_policy("DeadLetterQueuePolicy", list_of({allowing(action, *target)}));
  policy["PolicyDocument"].set("Version", "2012-10-17");
  function.policies.push_back(std::move(policy));
}

void refuse_what_is_not_served(const Function& function) {
  for (const std::string_view name : {"CapacityProviderConfig", "FunctionScalingConfig"})
    if (const Value* value = function.find(name); !is_nothing(value))
      function.refuse("Property '" + std::string(name) +
                          "' is not served here: there are no capacity providers.",
                      *value);
}

/// What functions that keep their tenants apart cannot have.
void check_tenancy(const Function& function) {
  if (is_nothing(function.find("TenancyConfig"))) return;
  constexpr std::string_view end =
      " not supported for functions enabled with tenancy configuration.";
  constexpr auto refused = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"ProvisionedConcurrencyConfig", "Provisioned concurrency is"},
       {"FunctionUrlConfig", "Function URL is"},
       {"SnapStart", "SnapStart is"}});
  for (const auto& [property, name] : refused)
    if (const Value* value = function.find(property); !is_nothing(value))
      function.refuse(fmt::format("{}{}", name, end), *value);
  const Value* events = function.find("Events");
  if (!events) return;
  for (const Member& event : events->members())
    function.refuse(
        fmt::format("Event source '{}' is{} Only Api and HttpApi event sources are supported.",
                    event.value.text_or("Type"), end),
        event.value);
}

/// What only an alias can have.
void check_needs_no_alias(const Function& function) {
  const Value* deletion = function.find("VersionDeletionPolicy");
  if (deletion && !function.find("AutoPublishAlias"))
    function.refuse("'VersionDeletionPolicy' requires 'AutoPublishAlias'.", *deletion);
  if (const Value* provisioned = function.find("ProvisionedConcurrencyConfig");
      !is_nothing(provisioned))
    function.refuse(
        "To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function",
        *provisioned);
  if (const Value* preference = function.find("DeploymentPreference");
      wants_deployment(function, preference))
    function.refuse("'DeploymentPreference' requires AutoPublishAlias property to be specified.",
                    *preference);
}

/// Lambda makes no new version of a function that has not changed: with the hash of its code in the
/// description it has.
Value describe_with_sha(const Function& function) {
  const std::string sha = read_code_sha(function);
  const Value* given = function.find("Description");
  if (is_nothing(given)) return sha;
  Value description = function.translation.resolve(*given);
  if (is_nothing(&description)) return sha;
  if (description.is_string()) return description.text() + " " + sha;
  return Value::map("Fn::Join", list_of({" ", list_of({std::move(description), sha})}));
}

Value make_function(Function& function) {
  Value made = make_main_resource("AWS::Lambda::Function", function.source);
  for (const std::string_view attribute : {"Metadata", "UpdatePolicy"})
    set_given(made, attribute, find_given(function.source, attribute));
  Value properties = Value::map();
  properties.set("Code", read_code(function));
  check_packaging(function);
  check_tenancy(function);
  for (const std::string_view name : passed) set_given(properties, name, function.find(name));
  set_dead_letters(function, properties);
  Value tags = own_tags(function);
  if (!tags.elements().empty()) properties.set("Tags", std::move(tags));
  const Value* tracing = function.find("Tracing");
  if (tracing && *tracing != Value("Disabled")) properties["TracingConfig"].set("Mode", *tracing);
  if (!function.alias.empty() && !is_nothing(function.find("AutoPublishCodeSha256")))
    properties.set("Description", describe_with_sha(function));
  made.set("Properties", std::move(properties));
  return made;
}

}  // namespace

std::string Function::alias_id() const {
  return id + "Alias" + id_part(alias);
}

Value Function::name() const {
  return alias.empty() ? ref_to(id) : ref_to(alias_id());
}

Value Function::arn() const {
  return alias.empty() ? get_att(id, "Arn") : ref_to(alias_id());
}

const Value* Function::find(std::string_view property) const {
  return find_given(properties, property);
}

void Function::refuse(std::string message, const Value& at) const {
  throw SamFault{id, std::move(message), at.place()};
}

Value own_tags(const Function& function) {
  const Value* tags = function.find("Tags");
  std::vector<Member> marks;
  if (is_nothing(tags) || is_nothing(function.find("PropagateTags")))
    marks.push_back({"lambda:createdBy", "SAM"});
  return list_tags(function.id, tags, std::move(marks));
}

Value read_code(const Function& function) {
  const Value* package = function.find("PackageType");
  if (package && *package != Value("Zip") && *package != Value("Image"))
    function.refuse(
        "invalid 'PackageType' : " + (package->is_scalar() ? package->text() : to_json(*package)),
        *package);
  if (package && *package == Value("Image")) {
    const Value* image = function.find("ImageUri");
    if (is_nothing(image)) function.refuse("'ImageUri' must be set.", function.properties);
    return Value::map("ImageUri", *image);
  }
  const Value* inlined = function.find("InlineCode");
  const Value* location = function.find("CodeUri");
  if (!inlined && !location)
    function.refuse("Only one of 'InlineCode' or 'CodeUri' can be set.", function.properties);
  Value code = inlined ? Value::map("ZipFile", *inlined)
                       : read_code_location(function.id, "CodeUri", *location);
  set_given(code, "SourceKMSKeyArn", function.find("SourceKMSKeyArn"));
  return code;
}

void translate_function(Translation& translation, const std::string& id, const Value& source) {
  const Value none = Value::map();
  const Value* given = source.find("Properties");
  Function function{.translation = translation,
                    .id = id,
                    .source = source,
                    .properties = given ? *given : none,
                    .alias = {},
                    .policies = {},
                    .managed_policies = {},
                    .event_policies = {},
                    .event_managed_policies = {}};
  check_properties({id, "AWS::Serverless::Function", given}, rules_of_resource("Function"));
  refuse_what_is_not_served(function);
  if (!is_nothing(function.find("AutoPublishAlias"))) function.alias = read_alias(function);
  Value made = make_function(function);
  add_destinations(function);
  add_events(function);
  Value role = add_role(function);
  // The version goes by a role that the author names, not by one that is made.
  set_given(made["Properties"], "Role", function.find("Role"));
  if (!function.alias.empty()) {
    add_version_and_alias(function, made);
  } else {
    check_needs_no_alias(function);
  }
  made["Properties"].set("Role", std::move(role));
  add_url(function);
  translation.add(id, std::move(made));
}

}  // namespace matinee::templates::sam

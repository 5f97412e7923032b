#include "templates/sam/globals.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <span>

#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

constexpr std::string_view prefix = "AWS::Serverless::";
/// See max_made_bytes of the translation: Globals are copied into every resource.
constexpr std::size_t max_copied_bytes = std::size_t{16} << 20;

struct Section {
  std::string_view name;
  std::string_view properties;  // in the order in which the translator lists them
};

constexpr auto sections = std::to_array<Section>({
    {"Api",
     "Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables "
     "EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors "
     "GatewayResponses AccessLogSetting CanarySetting TracingEnabled OpenApiVersion Domain "
     "AlwaysDeploy PropagateTags SecurityPolicy EndpointAccessMode"},
    {"CapacityProvider",
     "VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn PropagateTags "
     "LoggingConfig ManagedResourceTags"},
    {"Function",
     "Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig "
     "Environment Tags PropagateTags Tracing KmsKeyArn AutoPublishAlias "
     "AutoPublishAliasAllProperties Layers DeploymentPreference RolePath PermissionsBoundary "
     "ReservedConcurrentExecutions ProvisionedConcurrencyConfig AssumeRolePolicyDocument "
     "EventInvokeConfig FileSystemConfigs CodeSigningConfigArn Architectures SnapStart "
     "EphemeralStorage FunctionUrlConfig RuntimeManagementConfig LoggingConfig RecursiveLoop "
     "SourceKMSKeyArn TenancyConfig DurableConfig CapacityProviderConfig FunctionScalingConfig "
     "PublishToLatestPublished VersionDeletionPolicy"},
    {"HttpApi",
     "Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain "
     "RouteSettings FailOnWarnings PropagateTags"},
    {"LayerVersion", "PublishLambdaVersion"},
    {"MicrovmImage",
     "BuildRoleArn BaseImageArn BaseImageVersion Logging EgressNetworkConnectors "
     "CpuConfigurations Resources AdditionalOsCapabilities Hooks EnvironmentVariables Tags "
     "PropagateTags"},
    {"NetworkConnector", "OperatorRole Tags PropagateTags"},
    {"SimpleTable", "SSESpecification"},
    {"StateMachine", "PropagateTags"},
    {"WebSocketApi",
     "AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings "
     "DisableExecuteApiEndpoint DisableSchemaValidation Domain FailOnWarnings IpAddressType "
     "PropagateTags RouteSelectionExpression RouteSettings StageVariables Tags"},
});

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const auto word : std::views::split(text, ' ')) words.emplace_back(word);
  return words;
}

const Section* find_section(std::string_view name) {
  const auto found = std::ranges::find(sections, name, &Section::name);
  return found == sections.end() ? nullptr : &*found;
}

std::string quoted(std::span<const std::string_view> names) {
  std::vector<std::string> all;
  for (const std::string_view name : names) all.push_back(fmt::format("'{}'", name));
  return fmt::format("[{}]", fmt::join(all, ", "));
}

SamFault fault_of(const std::string& message, Place place) {
  return {"", "'Globals' section is invalid. " + message, place};
}

/// What is wrong with a section. What of it cannot be used is taken out of `good`.
std::vector<SamFault> look_at_section(const Member& given, Value& good) {
  std::vector<SamFault> faults;
  const Section* section = find_section(given.name);
  if (!section) {
    std::vector<std::string_view> names;
    for (const Section& known : sections) names.push_back(known.name);
    faults.push_back(
        fault_of(fmt::format("'{}' is not supported. Must be one of the following values - {}",
                             given.name, quoted(names)),
                 given.place));
    good.erase(given.name);
    return faults;
  }
  if (!given.value.is_map()) {
    faults.push_back(fault_of("Value of ${section} must be a dictionary", given.value.place()));
    good.erase(given.name);
    return faults;
  }
  const std::vector<std::string_view> known = words_of(section->properties);
  for (const Member& property : given.value.members()) {
    if (std::ranges::find(known, property.name) != known.end()) continue;
    faults.push_back(fault_of(
        fmt::format("'{}' is not a supported property of '{}'. Must be one of the following "
                    "values - {}",
                    property.name, given.name, quoted(known)),
        property.place));
    good[given.name].erase(property.name);
  }
  return faults;
}

bool is_plain_map(const Value& value) {
  return value.is_map() && !is_function(value);
}

/// Maps become one, lists are put together; of everything else that of the resource counts.
Value merge(const Value& global, const Value& local) {
  if (global.is_list() && local.is_list()) {
    Value both = global;
    both.set_place(local.place());
    for (const Value& element : local.elements()) both.append(element);
    return both;
  }
  if (!is_plain_map(global) || !is_plain_map(local)) return local;
  Value both = global;
  if (local.place().line != 0) both.set_place(local.place());
  std::vector<Member>& members = both.members();
  for (const Member& member : local.members()) {
    const auto shared = std::ranges::find(members, member.name, &Member::name);
    if (shared == members.end()) {
      members.push_back(member);
      continue;
    }
    // A function has one architecture.
    shared->value =
        member.name == "Architectures" ? member.value : merge(shared->value, member.value);
    shared->place = member.place;
  }
  return both;
}

/// What of the section the resource wants.
Value wanted_globals(const Member& resource, const Section& section, const Value& globals) {
  const Value* ignored = resource.value.find("IgnoreGlobals");
  if (!ignored) return globals;
  const std::string refusal =
      fmt::format("Resource {} has invalid resource attribute 'IgnoreGlobals'", resource.name);
  if (*ignored == Value("*")) return Value::map();
  if (!ignored->is_list()) throw SamFault{resource.name, refusal + ".", ignored->place()};
  const std::vector<std::string_view> known = words_of(section.properties);
  Value wanted = globals;
  for (const Value& name : ignored->elements()) {
    if (std::ranges::find(known, name.text()) == known.end())
      throw SamFault{resource.name, fmt::format("{} on item '{}'.", refusal, name.text()),
                     name.place()};
    wanted.erase(name.text());
  }
  return wanted;
}

}  // namespace

std::vector<SamFault> take_bad_globals(Value& root) {
  const Value* globals = root.find("Globals");
  if (!globals) return {};
  std::vector<SamFault> faults;
  if (!globals->is_map() || globals->members().empty()) {
    faults.push_back(fault_of("It must be a non-empty dictionary", globals->place()));
    root.erase("Globals");
    return faults;
  }
  Value good = *globals;
  for (const Member& section : globals->members())
    std::ranges::move(look_at_section(section, good), std::back_inserter(faults));
  if (!faults.empty()) root.set("Globals", std::move(good));
  return faults;
}

void apply_globals(Value& root) {
  const Value* globals = root.find("Globals");
  if (!globals) return;
  std::size_t copied = 0;
  for (Member& resource : root["Resources"].members()) {
    const std::string type = resource.value.text_or("Type");
    if (!type.starts_with(prefix)) continue;
    const std::string_view name = std::string_view(type).substr(prefix.size());
    const Value* section = globals->find(name);
    if (!section) continue;
    copied += to_json(*section).size();
    if (copied > max_copied_bytes)
      throw SamFault{"", "Transformed template is too large", section->place()};
    const Value wanted = wanted_globals(resource, *find_section(name), *section);
    resource.value.erase("IgnoreGlobals");
    const Value* properties = resource.value.find("Properties");
    if (properties && !properties->is_map()) continue;
    resource.value.set("Properties", merge(wanted, properties ? *properties : Value::map()));
  }
  root.erase("Globals");
}

}  // namespace matinee::templates::sam

// AutoPublishAlias: a version of the function with its code, and the alias that points to it.
#include <fmt/format.h>

#include <algorithm>

#include "templates/sam/functions/function.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

constexpr std::size_t suffix_size = 10;

bool is_alias_name(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !std::ranges::all_of(name, is_digit) && std::ranges::all_of(name, [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

void merge_members(Value& into, const Value* from) {
  if (!from) return;
  for (const Member& member : from->members()) into.set(member.name, member.value);
}

/// With what is said of layers of the template that want new versions of functions when they change
/// (PublishLambdaVersion).
Value with_layers(const Function& function, Value properties) {
  const Value* layers = function.find("Layers");
  if (!layers) return properties;
  for (const Value& layer : layers->elements()) {
    const Value* name = is_function(layer, "Ref") ? layer.find("Ref") : nullptr;
    const Value* source = name ? function.translation.find_source(name->text()) : nullptr;
    if (!source || source->text_or("Type") != "AWS::Serverless::LayerVersion") continue;
    const Value* of_layer = find_given(*source, "Properties");
    if (of_layer && !is_nothing(of_layer->find("PublishLambdaVersion")))
      properties.set(name->text(), *of_layer);
  }
  return properties;
}

/// What a new version comes of: the code, and some properties; or all of them.
std::string version_suffix(const Function& function, const Value& properties) {
  if (const std::string sha = read_code_sha(function); !sha.empty())
    return sha.substr(0, suffix_size);
  const Value* all = function.find("AutoPublishAliasAllProperties");
  if (!is_nothing(all)) return suffix_of(with_layers(function, properties));
  Value hashed = *properties.find("Code");
  merge_members(hashed, properties.find("Environment"));
  const Value* memory = properties.find("MemorySize");
  if (!is_nothing(memory)) hashed.set("MemorySize", *memory);
  const Value* snap_start = properties.find("SnapStart");
  // Only what is switched on asks for a version, of which a snapshot is made.
  const Value* snapped = is_nothing(snap_start) ? nullptr : snap_start->find("ApplyOn");
  if (snapped && *snapped != Value("None")) hashed.set("SnapStart", *snap_start);
  return suffix_of(hashed);
}

Value make_version(const Function& function) {
  Value version = function.make("AWS::Lambda::Version");
  version["Properties"].set("FunctionName", ref_to(function.id));
  set_given(version["Properties"], "Description", function.find("VersionDescription"));
  const Value* deletion = function.find("VersionDeletionPolicy");
  if (deletion && *deletion != Value("Retain") && *deletion != Value("Delete"))
    function.refuse(
        "Property 'VersionDeletionPolicy' should be a one of the strings: 'Delete' or 'Retain'.",
        *deletion);
  if (!version.find("DeletionPolicy"))
    version.set("DeletionPolicy", deletion ? *deletion : Value("Retain"));
  return version;
}

}  // namespace

std::string read_alias(const Function& function) {
  const Value* given = function.find("AutoPublishAlias");
  const Value alias = function.translation.resolve(*given);
  if (!alias.is_string())
    function.refuse("'AutoPublishAlias' must be a string or a Ref to a template parameter", *given);
  if (!is_alias_name(alias.text()))
    function.refuse(
        fmt::format("AutoPublishAlias name ('{}') must contain only alphanumeric characters, "
                    "hyphens, or underscores matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern.",
                    alias.text()),
        *given);
  return alias.text();
}

std::string read_code_sha(const Function& function) {
  const Value* given = function.find("AutoPublishCodeSha256");
  if (is_nothing(given)) return {};
  const Value sha = function.translation.resolve(*given);
  if (!sha.is_string()) function.refuse("AutoPublishCodeSha256 must be a string", *given);
  return sha.text();
}

void add_version_and_alias(Function& function, Value& made) {
  // A parameter often says where the code is: only its value tells that there is other code.
  Value& of_function = made["Properties"];
  of_function.set("Code", function.translation.resolve(*of_function.find("Code")));
  const std::string version_id = function.id + "Version" + version_suffix(function, of_function);
  function.translation.add(version_id, make_version(function));
  Value alias = function.make("AWS::Lambda::Alias");
  Value& properties = alias["Properties"];
  properties.set("Name", function.alias).set("FunctionName", ref_to(function.id));
  properties.set("FunctionVersion", get_att(version_id, "Version"));
  const Value* provisioned = function.find("ProvisionedConcurrencyConfig");
  if (!is_nothing(provisioned)) properties.set("ProvisionedConcurrencyConfig", *provisioned);
  Value deployment = read_deployment(function);
  if (!deployment.is_null()) alias.set("UpdatePolicy", std::move(deployment));
  function.translation.add(function.alias_id(), std::move(alias));
  function.translation.name_property(function.id, "Version", version_id);
  function.translation.name_property(function.id, "Alias", function.alias_id());
}

}  // namespace matinee::templates::sam

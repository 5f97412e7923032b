// AWS::Serverless::LayerVersion: a layer whose id changes with all that is said of it, so that
// another version is made beside the old one.
#include <algorithm>
#include <array>

#include "templates/sam/code_location.h"
#include "templates/sam/others/others.h"
#include "templates/sam/properties.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

constexpr std::string_view choices = "['Retain', 'Delete']";

std::string read_retention(const std::string& id, const Value& given) {
  const std::string options(choices);
  if (is_function(given))
    throw SamFault{id,
                   "'RetentionPolicy' does not accept intrinsic functions, please use one of the "
                   "following options: " +
                       options,
                   given.place()};
  if (!given.is_string())
    throw SamFault{
        id, "Invalid 'RetentionPolicy' type, please use one of the following options: " + options,
        given.place()};
  std::string policy = given.text();
  std::ranges::transform(policy, policy.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  if (policy == "retain") return "Retain";
  if (policy == "delete") return "Delete";
  throw SamFault{id, "'RetentionPolicy' must be one of the following options: " + options + ".",
                 given.place()};
}

void check_architectures(const std::string& id, const Value& given) {
  for (const Value& one : given.elements())
    if (!is_function(one) && one != Value("x86_64") && one != Value("arm64"))
      throw SamFault{id, "CompatibleArchitectures needs to be a list of 'x86_64' or 'arm64'",
                     one.place()};
  if (given.is_map() && !is_function(given))
    throw SamFault{id, "CompatibleArchitectures needs to be a list of 'x86_64' or 'arm64'",
                   given.place()};
}

/// The id goes by the resource as it is written, with parameters in their places, but for what says
/// how long it is kept.
std::string make_id(const std::string& id, const Value& source, const Value& properties) {
  Value hashed;
  for (const std::string_view attribute : {"Type", "Condition", "DependsOn", "UpdatePolicy"})
    set_given(hashed, attribute, find_given(source, attribute));
  hashed.set("Properties", properties);
  return id + suffix_of(Value::map(id, std::move(hashed)));
}

}  // namespace

void translate_layer(Translation& translation, const std::string& id, const Value& source) {
  const Value* given = source.find("Properties");
  check_properties({id, "AWS::Serverless::LayerVersion", given}, rules_of_resource("LayerVersion"));
  Value wanted = *given;
  for (const std::string_view name : {"LayerName", "LicenseInfo", "Description", "RetentionPolicy"})
    if (const Value* value = find_given(wanted, name))
      wanted.set(name, translation.resolve(*value));
  const Value* retention = find_given(wanted, "RetentionPolicy");
  const std::string kept = retention ? read_retention(id, *retention) : "";
  const std::string made_id = make_id(id, source, wanted);
  Value layer = make_main_resource("AWS::Lambda::LayerVersion", source);
  if (!kept.empty())
    layer.set("DeletionPolicy", kept);
  else if (!layer.find("DeletionPolicy"))
    layer.set("DeletionPolicy", "Retain");
  Value& properties = layer["Properties"];
  properties.set("Content",
                 read_code_location(made_id, "ContentUri", *find_given(wanted, "ContentUri")));
  const Value* name = find_given(wanted, "LayerName");
  properties.set("LayerName", is_nothing(name) ? Value(id) : *name);
  if (const Value* architectures = find_given(wanted, "CompatibleArchitectures"))
    check_architectures(made_id, *architectures);
  for (const std::string_view passed :
       {"Description", "CompatibleArchitectures", "CompatibleRuntimes", "LicenseInfo"})
    set_given(properties, passed, find_given(wanted, passed));
  translation.add(made_id, std::move(layer));
  translation.rename(id, made_id);
}

}  // namespace matinee::templates::sam

#include "services/cloudformation/preparing/capabilities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "services/cloudformation/preparing/trees.h"

namespace matinee::cloudformation {

using templates::Member;
using templates::Value;

namespace {

constexpr std::string_view capability_iam = "CAPABILITY_IAM";
constexpr std::string_view capability_named_iam = "CAPABILITY_NAMED_IAM";
constexpr std::string_view capability_auto_expand = "CAPABILITY_AUTO_EXPAND";

struct Identity {
  std::string_view type;
  std::string_view name;  // the property that names it; empty where none counts
};

// As AWS's guide lists them ("Acknowledging IAM resources in CloudFormation templates").
constexpr std::array<Identity, 8> identities = {
    {{"AWS::IAM::AccessKey", ""},
     {"AWS::IAM::Group", "GroupName"},
     {"AWS::IAM::InstanceProfile", "InstanceProfileName"},
     {"AWS::IAM::ManagedPolicy", "ManagedPolicyName"},
     {"AWS::IAM::Policy", ""},
     {"AWS::IAM::Role", "RoleName"},
     {"AWS::IAM::User", "UserName"},
     {"AWS::IAM::UserToGroupAddition", ""}}};

void add_once(std::vector<std::string>& names, std::string_view name) {
  if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
}

void add_transforms_of(const Value& value, std::vector<std::string>& names) {
  if (value.is_string()) add_once(names, value.text());
  if (value.is_map()) {
    if (const std::string name = value.text_or("Name"); !name.empty()) add_once(names, name);
  }
  for (const Value& element : value.elements()) add_transforms_of(element, names);
}

void add_transforms_within(const Value& value, std::vector<std::string>& names) {
  for (const Value& element : value.elements()) add_transforms_within(element, names);
  for (const Member& member : value.members()) {
    if (member.name == "Fn::Transform") add_transforms_of(member.value, names);
    add_transforms_within(member.value, names);
  }
}

}  // namespace

std::vector<std::string> NeededCapabilities::names() const {
  std::vector<std::string> all;
  if (named_iam) {
    all.emplace_back(capability_named_iam);
  } else if (iam) {
    all.emplace_back(capability_iam);
  }
  if (auto_expand) all.emplace_back(capability_auto_expand);
  return all;
}

std::string NeededCapabilities::reason() const {
  return fmt::format("The following resource(s) require capabilities: [{}]",
                     fmt::join(causes, ", "));
}

NeededCapabilities needed_capabilities(const Value& root) {
  NeededCapabilities needed;
  for (const Member& resource : member_of(root, "Resources").members()) {
    const std::string type = resource.value.text_or("Type");
    const auto identity = std::ranges::find(identities, type, &Identity::type);
    if (identity == identities.end()) continue;
    needed.iam = true;
    add_once(needed.causes, type);
    const Value* properties = resource.value.find("Properties");
    if (!identity->name.empty() && properties && properties->find(identity->name))
      needed.named_iam = true;
  }
  const std::vector<std::string> transforms = declared_transforms(root);
  needed.auto_expand = !transforms.empty();
  for (const std::string& name : transforms) add_once(needed.causes, name);
  return needed;
}

std::vector<std::string> missing_capabilities(const NeededCapabilities& needed,
                                              const std::vector<std::string>& given) {
  const auto has = [&](std::string_view name) {
    return std::ranges::find(given, name) != given.end();
  };
  std::vector<std::string> missing;
  if (needed.named_iam && !has(capability_named_iam)) {
    missing.emplace_back(capability_named_iam);
  } else if (needed.iam && !has(capability_iam) && !has(capability_named_iam)) {
    missing.emplace_back(capability_iam);
  }
  if (needed.auto_expand && !has(capability_auto_expand))
    missing.emplace_back(capability_auto_expand);
  return missing;
}

std::vector<std::string> declared_transforms(const Value& root) {
  std::vector<std::string> names;
  if (const Value* section = root.find("Transform")) add_transforms_of(*section, names);
  add_transforms_within(root, names);
  return names;
}

}  // namespace matinee::cloudformation

#include "services/cloudformation/special/own_types.h"

#include "services/cloudformation/special/cdk_metadata.h"
#include "services/cloudformation/special/custom_resource.h"
#include "services/cloudformation/special/macros.h"
#include "services/cloudformation/special/nested_stack.h"
#include "services/cloudformation/special/wait_conditions.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view custom_prefix = "Custom::";
constexpr std::string_view custom_type = "AWS::CloudFormation::CustomResource";

/// Up to 60 letters, digits and "_@-" behind the prefix, as AWS documents.
bool is_custom(std::string_view name) {
  constexpr std::size_t longest = 60;
  if (name == custom_type) return true;
  if (!name.starts_with(custom_prefix)) return false;
  name.remove_prefix(custom_prefix.size());
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@-";
  return !name.empty() && name.size() <= longest &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

OwnTypes::OwnTypes(const Parts& parts) : parts_(parts) {}

OwnTypes::~OwnTypes() = default;

/// Made when they are first asked for: reading the registry takes time that a start does not have.
std::unique_ptr<resources::ResourceType> OwnTypes::make(std::string_view name) const {
  storage::Store& store = parts_.macros.store();
  if (name == NestedStack::name) return std::make_unique<NestedStack>(parts_.stacks);
  if (name == WaitConditionHandle::name)
    return std::make_unique<WaitConditionHandle>(parts_.answers, store);
  if (name == WaitCondition::name)
    return std::make_unique<WaitCondition>(parts_.answers, parts_.stacks, store);
  if (name == MacroType::name) return std::make_unique<MacroType>(parts_.macros);
  if (name == CdkMetadata::name) return std::make_unique<CdkMetadata>();
  if (!is_custom(name)) return nullptr;
  return std::make_unique<CustomResource>(std::string(name), parts_.answers, store);
}

const resources::ResourceType* OwnTypes::find(std::string_view name) {
  if (const auto known = types_.find(name); known != types_.end()) return known->second.get();
  std::unique_ptr<resources::ResourceType> type = make(name);
  if (!type) return nullptr;
  return types_.emplace(name, std::move(type)).first->second.get();
}

}  // namespace matinee::cloudformation

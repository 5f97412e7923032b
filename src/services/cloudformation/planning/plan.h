// What would change if a stack became what a template says: the content of a change set. Pure: the
// same stack and template always give the same plan.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/cloudformation/catalog/change_set_records.h"
#include "services/cloudformation/planning/evaluating.h"
#include "services/cloudformation/preparing/prepared.h"

namespace matinee::cloudformation {

/// The stack as it is.
struct ExistingStack {
  const Prepared* definition = nullptr;  // null for one that is being made
  std::map<std::string, ResourceState, std::less<>> resources = {};
  std::vector<OutputRecord> outputs = {};
  Pairs tags = {};
  std::vector<std::string> notification_arns = {};
  /// What a failed update may have left of them instead.
  std::map<std::string, std::vector<ResourceState>, std::less<>> doubts = {};
};

/// What it is to be.
struct WantedStack {
  const Prepared* definition = nullptr;
  Pairs tags = {};
  std::vector<std::string> notification_arns = {};
  /// Logical ids of what exists already and is taken in, with its identifier as JSON.
  std::map<std::string, std::string> imports = {};
  /// What references to the latest versions of SSM's parameters give, by their texts.
  std::map<std::string, std::string> latest = {};
  /// What Fn::ImportValue gives: see `Environment::find_import`.
  std::function<std::optional<Value>(std::string_view name)> find_import = nullptr;
};

struct Plan {
  /// In the order in which CloudFormation tells them.
  std::vector<ChangeRecord> changes;
  /// By logical id: the properties of nested stacks, as far as they are known.
  std::map<std::string, Value> nested;
  bool changes_more = false;  // outputs, tags, parameters, who is notified
  /// Why property values are not all there.
  std::string warning;

  bool is_empty() const { return changes.empty() && !changes_more; }
};

/// Throws TemplateError, among others where a resource changes its type.
Plan make_plan(const ExistingStack& existing, const WantedStack& wanted, const FindType& find_type);

/// {"Queue": "AWS::X::Y"} of what is made and has a type that there is not.
std::map<std::string, std::string> find_unknown_types(const Prepared& prepared,
                                                      const FindType& find_type);

}  // namespace matinee::cloudformation

// What roles, users and groups have in common: policies, boundaries and tags.
#pragma once

#include "resources/types/coded_type.h"

namespace matinee::resources::types::iam {

/// "Role", "User" or "Group": operations and members are named so.
using Noun = std::string_view;

struct Principal {
  Noun noun;
  std::string name;
};
/// What has tags: "Role" or "OpenIDConnectProvider", and the members by which operations name it.
struct Tagged {
  std::string_view noun;
  Value target;
};

/// {"RoleName": name}
Value named(Noun noun, const std::string& name);
/// "iam:" + verb + noun + rest: "iam:AttachRolePolicy".
std::string operation(std::string_view verb, Noun noun, std::string_view rest = "");

/// Attaches, in their order, what `after` has more than `before`, then detaches what it has less:
/// property ManagedPolicyArns.
Task<void> set_managed_policies(Subject& subject, const Principal& who, const Value& before,
                                const Value& after);
/// Puts what is new or other, then deletes what is no more: property Policies.
Task<void> set_inline_policies(Subject& subject, const Principal& who, const Value& before,
                               const Value& after);
/// Property PermissionsBoundary, of roles and users.
Task<void> set_boundary(Subject& subject, const Principal& who, const Value& before,
                        const Value& after);
/// Property Tags.
Task<void> set_tags(Subject& subject, const Tagged& what, const Value& before, const Value& after);

/// Adds ManagedPolicyArns and Policies as they are to `properties`.
Task<void> read_policies(Subject& subject, const Principal& who, Value& properties);
/// Tags as a property; null where there are none.
Value tags_property(const Value& described);

}  // namespace matinee::resources::types::iam

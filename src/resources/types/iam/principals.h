// What roles, users and groups have in common: policies, boundaries and tags.
#pragma once

#include "resources/types/coded_type.h"

namespace matinee::resources::types::iam {

/// "Role", "User" or "Group": operations and members are named so.
using Noun = std::string_view;

/// {"RoleName": name}
Value named(Noun noun, const std::string& name);
/// "iam:" + verb + noun + rest: "iam:AttachRolePolicy".
std::string operation(std::string_view verb, Noun noun, std::string_view rest = "");

/// Attaches, in their order, what `after` has more than `before`, then detaches what it has less:
/// property ManagedPolicyArns.
Task<void> set_managed_policies(Subject& subject, Noun noun, const std::string& name,
                                const Value& before, const Value& after);
/// Puts what is new or other, then deletes what is no more: property Policies.
Task<void> set_inline_policies(Subject& subject, Noun noun, const std::string& name,
                               const Value& before, const Value& after);
/// Property PermissionsBoundary, of roles and users.
Task<void> set_boundary(Subject& subject, Noun noun, const std::string& name, const Value& before,
                        const Value& after);
/// Property Tags. `target` names what is tagged as the operations do, `noun` what it is: "Role",
/// "OpenIDConnectProvider".
Task<void> set_tags(Subject& subject, Noun noun, const Value& target, const Value& before,
                    const Value& after);

/// Adds ManagedPolicyArns and Policies as they are to `properties`.
Task<void> read_policies(Subject& subject, Noun noun, const std::string& name, Value& properties);
/// Tags as a property; null where there are none.
Value tags_property(const Value& described);

}  // namespace matinee::resources::types::iam

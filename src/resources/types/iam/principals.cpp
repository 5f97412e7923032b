#include "resources/types/iam/principals.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::resources::types::iam {

namespace {

/// The policy of that name among {PolicyName, PolicyDocument}; null where there is none.
Value policy_of(const Value& policies, const std::string& name) {
  for (const Value& policy : policies.elements())
    if (policy.text_or("PolicyName") == name) return member(policy, "PolicyDocument");
  return {};
}

}  // namespace

Value named(Noun noun, const std::string& name) {
  return fields({{fmt::format("{}Name", noun), name}});
}

std::string operation(std::string_view verb, Noun noun, std::string_view rest) {
  return fmt::format("iam:{}{}{}", verb, noun, rest);
}

Task<void> set_managed_policies(Subject& subject, const Principal& who, const Value& before,
                                const Value& after) {
  const std::vector<std::string> had = texts_of(before.find("ManagedPolicyArns"));
  const std::vector<std::string> has = texts_of(after.find("ManagedPolicyArns"));
  for (const std::string& arn : missing_in(has, had))
    co_await call(subject, operation("Attach", who.noun, "Policy"),
                  named(who.noun, who.name).set("PolicyArn", arn));
  for (const std::string& arn : missing_in(had, has))
    co_await call_if_there(subject, operation("Detach", who.noun, "Policy"),
                           named(who.noun, who.name).set("PolicyArn", arn));
}

Task<void> set_inline_policies(Subject& subject, const Principal& who, const Value& before,
                               const Value& after) {
  const Value had = member(before, "Policies");
  const Value has = member(after, "Policies");
  for (const Value& policy : has.elements()) {
    const std::string policy_name = policy.text_or("PolicyName");
    const Value document = member(policy, "PolicyDocument");
    if (policy_of(had, policy_name) == document) continue;
    co_await call(
        subject, operation("Put", who.noun, "Policy"),
        named(who.noun, who.name).set("PolicyName", policy_name).set("PolicyDocument", document));
  }
  for (const Value& policy : had.elements()) {
    const std::string policy_name = policy.text_or("PolicyName");
    if (!policy_of(has, policy_name).is_null()) continue;
    co_await call_if_there(subject, operation("Delete", who.noun, "Policy"),
                           named(who.noun, who.name).set("PolicyName", policy_name));
  }
}

Task<void> set_boundary(Subject& subject, const Principal& who, const Value& before,
                        const Value& after) {
  if (!differs(before, after, "PermissionsBoundary")) co_return;
  const Value boundary = member(after, "PermissionsBoundary");
  if (boundary.is_null())
    co_await call_if_there(subject, operation("Delete", who.noun, "PermissionsBoundary"),
                           named(who.noun, who.name));
  else
    co_await call(subject, operation("Put", who.noun, "PermissionsBoundary"),
                  named(who.noun, who.name).set("PermissionsBoundary", boundary));
}

Task<void> set_tags(Subject& subject, const Tagged& what, const Value& before, const Value& after) {
  const std::vector<std::string> removed = removed_tags(subject, before, after);
  if (!removed.empty()) {
    Value request = what.target;
    co_await call(subject, operation("Untag", what.noun), request.set("TagKeys", list_of(removed)));
  }
  const Value tags = tags_of(subject, after, false);
  if (tags.elements().empty()) co_return;
  Value request = what.target;
  co_await call(subject, operation("Tag", what.noun), request.set("Tags", tags));
}

namespace {

/// IAM tells them in the order of their names: those that are known come first, as they are known.
/// `id` is the member that tells elements apart; empty where they are texts.
Value known_first(const Value& told, const Value& known, std::string_view id) {
  const auto id_of = [id](const Value& element) {
    return id.empty() ? element.text() : element.text_or(id);
  };
  Value ordered = Value::list();
  std::vector<std::string> taken;
  for (const Value& wanted : known.elements())
    for (const Value& element : told.elements())
      if (id_of(element) == id_of(wanted)) {
        taken.push_back(id_of(element));
        ordered.append(element);
      }
  for (const Value& element : told.elements())
    if (std::ranges::count(taken, id_of(element)) == 0) ordered.append(element);
  return ordered;
}

}  // namespace

Task<void> read_policies(Subject& subject, const Principal& who, Value& properties) {
  Value arns = Value::list();
  for (const std::string& arn :
       co_await list_all(subject, {.operation = operation("ListAttached", who.noun, "Policies"),
                                   .request = named(who.noun, who.name),
                                   .elements = "AttachedPolicies",
                                   .id = "PolicyArn",
                                   .token_in = "Marker",
                                   .token_out = "Marker"}))
    arns.append(arn);
  if (!arns.elements().empty())
    properties.set("ManagedPolicyArns",
                   known_first(arns, member(subject.known, "ManagedPolicyArns"), ""));
  Value policies = Value::list();
  const std::vector<std::string> names =
      co_await list_all(subject, {.operation = operation("List", who.noun, "Policies"),
                                  .request = named(who.noun, who.name),
                                  .elements = "PolicyNames",
                                  .id = "",
                                  .token_in = "Marker",
                                  .token_out = "Marker"});
  for (const std::string& policy : names) {
    const Value got = co_await call(subject, operation("Get", who.noun, "Policy"),
                                    named(who.noun, who.name).set("PolicyName", policy));
    policies.append(fields(
        {{"PolicyName", policy}, {"PolicyDocument", document_of(got.text_or("PolicyDocument"))}}));
  }
  if (!policies.elements().empty())
    properties.set("Policies",
                   known_first(policies, member(subject.known, "Policies"), "PolicyName"));
}

Value tags_property(const Value& described) {
  const Value tags = member(described, "Tags");
  return tags.elements().empty() ? Value() : tags;
}

}  // namespace matinee::resources::types::iam

#include <algorithm>

#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

struct Holders {
  std::string_view property;
  Noun noun;
  std::string_view listed;  // member of ListEntitiesForPolicy's answer
};
constexpr Holders all_holders[] = {{"Groups", "Group", "PolicyGroups"},
                                   {"Roles", "Role", "PolicyRoles"},
                                   {"Users", "User", "PolicyUsers"}};

Value of_arn(const std::string& arn) {
  return fields({{"PolicyArn", arn}});
}

Task<void> set_holders(Subject& subject, const std::string& arn, const Value& before,
                       const Value& after) {
  for (const Holders& holders : all_holders) {
    const std::vector<std::string> had = texts_of(before.find(holders.property));
    const std::vector<std::string> has = texts_of(after.find(holders.property));
    for (const std::string& holder : missing_in(has, had))
      co_await call(subject, operation("Attach", holders.noun, "Policy"),
                    named(holders.noun, holder).set("PolicyArn", arn));
    for (const std::string& holder : missing_in(had, has))
      co_await call_if_there(subject, operation("Detach", holders.noun, "Policy"),
                             named(holders.noun, holder).set("PolicyArn", arn));
  }
}

/// Versions that are not the default one, the oldest first.
Task<std::vector<std::string>> idle_versions(Subject& subject, std::string arn) {
  std::vector<std::string> idle;
  const Value got = co_await call_if_there(subject, "iam:ListPolicyVersions", of_arn(arn));
  for (const Value& version : member(got, "Versions").elements())
    if (!member(version, "IsDefaultVersion").truth()) idle.push_back(version.text_or("VersionId"));
  std::ranges::reverse(idle);
  co_return idle;
}

Task<void> delete_version(Subject& subject, std::string arn, std::string version) {
  co_await call_if_there(subject, "iam:DeletePolicyVersion", of_arn(arn).set("VersionId", version));
}

Task<Value> default_document(Subject& subject, std::string arn) {
  const Value got = co_await call(subject, "iam:GetPolicy", of_arn(arn));
  const Value version =
      co_await call(subject, "iam:GetPolicyVersion",
                    of_arn(arn).set("VersionId", nested(got, "Policy.DefaultVersionId").text()));
  co_return document_of(nested(version, "PolicyVersion.Document").text());
}

/// A policy has at most five versions: the oldest makes room. A step that is done again after a
/// restart may have made its version before.
Task<void> set_document(Subject& subject, std::string arn, Value document) {
  if (subject.is_repeated) {
    const Value wanted = document.is_map() ? document : document_of(document.text());
    if (co_await default_document(subject, arn) == wanted) co_return;
  }
  constexpr std::size_t most_idle = 3;
  std::vector<std::string> idle = co_await idle_versions(subject, arn);
  while (idle.size() > most_idle) {
    co_await delete_version(subject, arn, idle.front());
    idle.erase(idle.begin());
  }
  co_await call(subject, "iam:CreatePolicyVersion",
                fields({{"PolicyArn", arn}, {"PolicyDocument", document}, {"SetAsDefault", true}}));
}

Task<Made> made(Subject& subject, std::string arn) {
  const Value got = co_await call(subject, "iam:GetPolicy", of_arn(arn));
  Value attributes =
      pick(member(got, "Policy"), {"PolicyId", "AttachmentCount", "DefaultVersionId", "CreateDate",
                                   "UpdateDate", "IsAttachable", "PermissionsBoundaryUsageCount"});
  attributes.set("PolicyArn", arn);
  co_return Made{.id = arn, .attributes = std::move(attributes)};
}

class ManagedPolicy final : public CodedType {
 public:
  ManagedPolicy() : CodedType("AWS::IAM::ManagedPolicy") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    constexpr std::size_t longest_name = 128;
    const std::string name =
        properties.text_or("ManagedPolicyName", generated_name(subject, {.most = longest_name}));
    const std::string path = properties.text_or("Path", "/");
    Value request = pick(properties, {"Path", "Description", "PolicyDocument"});
    request.set("PolicyName", name);
    const std::string arn = co_await make(
        subject, {.operation = "iam:CreatePolicy",
                  .request = std::move(request),
                  .id_of = [](const Value& got) { return need_text(got, "Policy.Arn"); },
                  .named = "arn:" + subject.partition + ":iam::" + subject.account + ":policy" +
                           path + name});
    co_await set_holders(subject, arn, Value::map(), properties);
    co_return co_await made(subject, arn);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    if (differs(before, after, "PolicyDocument"))
      co_await set_document(subject, id, member(after, "PolicyDocument"));
    co_await set_holders(subject, id, before, after);
    co_return co_await made(subject, id);
  }

  Task<void> remove(Subject& subject, const std::string& id,
                    const Value& properties) const override {
    co_await set_holders(subject, id, properties, Value::map());
    for (const std::string& version : co_await idle_versions(subject, id))
      co_await delete_version(subject, id, version);
    co_await call_if_there(subject, "iam:DeletePolicy", of_arn(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "iam:GetPolicy", of_arn(id));
    if (got.is_null()) not_found(name(), id);
    const Value policy = member(got, "Policy");
    Value properties =
        pick(policy, {"Path", "Description", "PolicyId", "AttachmentCount", "DefaultVersionId",
                      "CreateDate", "UpdateDate", "IsAttachable", "PermissionsBoundaryUsageCount"});
    properties.set("ManagedPolicyName", policy.text_or("PolicyName")).set("PolicyArn", id);
    properties.set("PolicyDocument", co_await default_document(subject, id));
    const Value entities = co_await call(subject, "iam:ListEntitiesForPolicy", of_arn(id));
    for (const Holders& holders : all_holders) {
      Value names = Value::list();
      for (const Value& holder : member(entities, holders.listed).elements())
        names.append(holder.text_or(std::string(holders.noun) + "Name"));
      if (!names.elements().empty()) properties.set(holders.property, names);
    }
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListPolicies",
                              .request = fields({{"Scope", "Local"}}),
                              .elements = "Policies",
                              .id = "Arn",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }
};

}  // namespace

const CodedType& managed_policy() {
  static const ManagedPolicy type;
  return type;
}

}  // namespace matinee::resources::types::iam

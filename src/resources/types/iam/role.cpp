#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

constexpr Noun noun = "Role";
constexpr std::size_t longest_name = 64;

class Role final : public CodedType {
 public:
  Role() : CodedType("AWS::IAM::Role") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string name =
        properties.text_or("RoleName", generated_name(subject, {.most = longest_name}));
    Value request = pick(properties, {"Path", "AssumeRolePolicyDocument", "Description",
                                      "MaxSessionDuration", "PermissionsBoundary"});
    request.set("RoleName", name).set("Tags", tags_of(subject, properties, false));
    co_await make(subject, {.operation = "iam:CreateRole",
                            .request = std::move(request),
                            .id_of = [name](const Value&) { return name; },
                            .named = name});
    const Value nothing = Value::map();
    co_await set_managed_policies(subject, {noun, name}, nothing, properties);
    co_await set_inline_policies(subject, {noun, name}, nothing, properties);
    co_return co_await made(subject, name);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    if (differs(before, after, {"Description", "MaxSessionDuration"})) {
      constexpr int default_duration = 3600;
      Value duration = member(after, "MaxSessionDuration");
      co_await call(subject, "iam:UpdateRole",
                    fields({{"RoleName", id},
                            {"Description", after.text_or("Description")},
                            {"MaxSessionDuration",
                             duration.is_null() ? Value(default_duration) : duration}}));
    }
    if (differs(before, after, "AssumeRolePolicyDocument"))
      co_await call(subject, "iam:UpdateAssumeRolePolicy",
                    fields({{"RoleName", id},
                            {"PolicyDocument", member(after, "AssumeRolePolicyDocument")}}));
    co_await set_boundary(subject, {noun, id}, before, after);
    co_await set_managed_policies(subject, {noun, id}, before, after);
    co_await set_inline_policies(subject, {noun, id}, before, after);
    co_await set_tags(subject, {noun, named(noun, id)}, before, after);
    co_return co_await made(subject, id);
  }

  /// What was attached from elsewhere keeps the role, as on AWS.
  Task<void> remove(Subject& subject, const std::string& id,
                    const Value& properties) const override {
    const Value nothing = Value::map();
    co_await set_managed_policies(subject, {noun, id}, properties, nothing);
    co_await set_inline_policies(subject, {noun, id}, properties, nothing);
    co_await call_if_there(subject, "iam:DeleteRole", named(noun, id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "iam:GetRole", named(noun, id));
    if (got.is_null()) not_found(name(), id);
    const Value role = member(got, "Role");
    Value properties = pick(role, {"RoleName", "Path", "MaxSessionDuration", "Arn", "RoleId"});
    properties.set("AssumeRolePolicyDocument",
                   document_of(role.text_or("AssumeRolePolicyDocument")));
    if (const std::string text = role.text_or("Description"); !text.empty())
      properties.set("Description", text);
    if (const Value boundary = nested(role, "PermissionsBoundary.PermissionsBoundaryArn");
        !boundary.is_null())
      properties.set("PermissionsBoundary", boundary);
    if (const Value tags = tags_property(role); !tags.is_null()) properties.set("Tags", tags);
    co_await read_policies(subject, {noun, id}, properties);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListRoles",
                              .elements = "Roles",
                              .id = "RoleName",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }

 private:
  static Task<Made> made(Subject& subject, std::string name) {
    const Value got = co_await call(subject, "iam:GetRole", named(noun, name));
    co_return Made{.id = name, .attributes = pick(member(got, "Role"), {"Arn", "RoleId"})};
  }
};

}  // namespace

const CodedType& role() {
  static const Role type;
  return type;
}

}  // namespace matinee::resources::types::iam

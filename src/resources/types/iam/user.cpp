#include <fmt/format.h>

#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

constexpr Noun noun = "User";
constexpr std::size_t longest_name = 64;

Task<void> set_groups(Subject& subject, const std::string& name, const Value& before,
                      const Value& after) {
  const std::vector<std::string> had = texts_of(before.find("Groups"));
  const std::vector<std::string> has = texts_of(after.find("Groups"));
  for (const std::string& group : missing_in(has, had))
    co_await call(subject, "iam:AddUserToGroup",
                  fields({{"UserName", name}, {"GroupName", group}}));
  for (const std::string& group : missing_in(had, has))
    co_await call_if_there(subject, "iam:RemoveUserFromGroup",
                           fields({{"UserName", name}, {"GroupName", group}}));
}

/// A profile that is there already is one of an earlier try.
Task<void> set_login(Subject& subject, const std::string& name, const Value& before,
                     const Value& after) {
  const Value had = member(before, "LoginProfile");
  const Value has = member(after, "LoginProfile");
  if (had == has) co_return;
  if (has.is_null()) {
    co_await call_if_there(subject, "iam:DeleteLoginProfile", named(noun, name));
    co_return;
  }
  const Value there = co_await call_if_there(subject, "iam:GetLoginProfile", named(noun, name));
  co_await call(
      subject, there.is_null() ? "iam:CreateLoginProfile" : "iam:UpdateLoginProfile",
      fields({{"UserName", name},
              {"Password", member(has, "Password")},
              {"PasswordResetRequired", Value(has.text_or("PasswordResetRequired", "false"))}}));
}

Task<Made> made(Subject& subject, std::string name) {
  const Value got = co_await call(subject, "iam:GetUser", named(noun, name));
  co_return Made{.id = name, .attributes = pick(member(got, "User"), {"Arn"})};
}

class User final : public CodedType {
 public:
  User() : CodedType("AWS::IAM::User") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string name =
        properties.text_or("UserName", generated_name(subject, {.most = longest_name}));
    Value request = pick(properties, {"Path", "PermissionsBoundary"});
    request.set("UserName", name).set("Tags", tags_of(subject, properties, false));
    co_await make(subject, {.operation = "iam:CreateUser",
                            .request = std::move(request),
                            .id_of = [name](const Value&) { return name; },
                            .named = name});
    const Value nothing = Value::map();
    co_await set_groups(subject, name, nothing, properties);
    co_await set_login(subject, name, nothing, properties);
    co_await set_managed_policies(subject, {noun, name}, nothing, properties);
    co_await set_inline_policies(subject, {noun, name}, nothing, properties);
    co_return co_await made(subject, name);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    if (differs(before, after, "Path"))
      co_await call(subject, "iam:UpdateUser",
                    fields({{"UserName", id}, {"NewPath", after.text_or("Path", "/")}}));
    co_await set_boundary(subject, {noun, id}, before, after);
    co_await set_groups(subject, id, before, after);
    co_await set_login(subject, id, before, after);
    co_await set_managed_policies(subject, {noun, id}, before, after);
    co_await set_inline_policies(subject, {noun, id}, before, after);
    co_await set_tags(subject, {noun, named(noun, id)}, before, after);
    co_return co_await made(subject, id);
  }

  Task<void> remove(Subject& subject, const std::string& id,
                    const Value& properties) const override {
    const Value nothing = Value::map();
    co_await set_groups(subject, id, properties, nothing);
    co_await set_login(subject, id, properties, nothing);
    co_await set_managed_policies(subject, {noun, id}, properties, nothing);
    co_await set_inline_policies(subject, {noun, id}, properties, nothing);
    co_await call_if_there(subject, "iam:DeleteUser", named(noun, id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "iam:GetUser", named(noun, id));
    if (got.is_null()) not_found(name(), id);
    const Value user = member(got, "User");
    Value properties = pick(user, {"UserName", "Path", "Arn"});
    if (const Value boundary = nested(user, "PermissionsBoundary.PermissionsBoundaryArn");
        !boundary.is_null())
      properties.set("PermissionsBoundary", boundary);
    if (const Value tags = tags_property(user); !tags.is_null()) properties.set("Tags", tags);
    co_await read_policies(subject, {noun, id}, properties);
    const std::vector<std::string> groups =
        co_await list_all(subject, {.operation = "iam:ListGroupsForUser",
                                    .request = named(noun, id),
                                    .elements = "Groups",
                                    .id = "GroupName",
                                    .token_in = "Marker",
                                    .token_out = "Marker"});
    if (!groups.empty()) properties.set("Groups", list_of(groups));
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListUsers",
                              .elements = "Users",
                              .id = "UserName",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }
};

}  // namespace

const CodedType& user() {
  static const User type;
  return type;
}

}  // namespace matinee::resources::types::iam

#include "resources/types/iam/iam_types.h"

namespace matinee::resources::types::iam {

namespace {

constexpr std::size_t longest_name = 128;

Value of_name(const std::string& name) {
  return fields({{"InstanceProfileName", name}});
}

Task<Value> profile_of(Subject& subject, std::string name) {
  const Value got = co_await call_if_there(subject, "iam:GetInstanceProfile", of_name(name));
  if (got.is_null()) not_found("AWS::IAM::InstanceProfile", name);
  co_return member(got, "InstanceProfile");
}

Value roles_of(const Value& profile) {
  Value roles = Value::list();
  for (const Value& role : member(profile, "Roles").elements())
    roles.append(role.text_or("RoleName"));
  return roles;
}

/// From what it has now. There is room for one role only: the old one goes first.
Task<void> set_roles(Subject& subject, std::string profile, const Value& after) {
  const Value there = roles_of(co_await profile_of(subject, profile));
  const std::vector<std::string> had = texts_of(&there);
  const std::vector<std::string> has = texts_of(after.find("Roles"));
  for (const std::string& role : missing_in(had, has))
    co_await call_if_there(subject, "iam:RemoveRoleFromInstanceProfile",
                           of_name(profile).set("RoleName", role));
  for (const std::string& role : missing_in(has, had))
    co_await call(subject, "iam:AddRoleToInstanceProfile", of_name(profile).set("RoleName", role));
}

Task<Made> made(Subject& subject, std::string name) {
  co_return Made{.id = name, .attributes = pick(co_await profile_of(subject, name), {"Arn"})};
}

class InstanceProfile final : public CodedType {
 public:
  InstanceProfile() : CodedType("AWS::IAM::InstanceProfile") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string name =
        properties.text_or("InstanceProfileName", generated_name(subject, {.most = longest_name}));
    Value request = pick(properties, {"Path"});
    request.set("InstanceProfileName", name);
    co_await make(subject, {.operation = "iam:CreateInstanceProfile",
                            .request = std::move(request),
                            .id_of = [name](const Value&) { return name; },
                            .named = name});
    co_await set_roles(subject, name, properties);
    co_return co_await made(subject, name);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value&,
                    const Value& after) const override {
    co_await set_roles(subject, id, after);
    co_return co_await made(subject, id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    const Value got = co_await call_if_there(subject, "iam:GetInstanceProfile", of_name(id));
    if (got.is_null()) co_return;
    co_await set_roles(subject, id, Value::map());
    co_await call_if_there(subject, "iam:DeleteInstanceProfile", of_name(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value profile = co_await profile_of(subject, id);
    Value properties = pick(profile, {"InstanceProfileName", "Path", "Arn"});
    co_return properties.set("Roles", roles_of(profile));
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListInstanceProfiles",
                              .elements = "InstanceProfiles",
                              .id = "InstanceProfileName",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }
};

}  // namespace

const CodedType& instance_profile() {
  static const InstanceProfile type;
  return type;
}

}  // namespace matinee::resources::types::iam

#include <algorithm>

#include "resources/types/iam/iam_types.h"

namespace matinee::resources::types::iam {

namespace {

Value membership(const Value& properties, const std::string& user) {
  return fields({{"GroupName", member(properties, "GroupName")}, {"UserName", user}});
}

Made made(std::string id) {
  Value attributes = fields({{"Id", id}});
  return {.id = std::move(id), .attributes = std::move(attributes)};
}

class UserToGroupAddition final : public CodedType {
 public:
  UserToGroupAddition() : CodedType("AWS::IAM::UserToGroupAddition") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    constexpr std::size_t longest = 128;
    std::string id = generated_name(subject, {.most = longest});
    bool is_noted = !subject.made_id.empty();
    if (is_noted) id = subject.made_id;
    for (const std::string& user : texts_of(properties.find("Users"))) {
      Calls::Keep keep;
      if (!is_noted) keep = [&](const Value&) { subject.made(id); };
      is_noted = true;
      co_await subject.calls.call("iam:AddUserToGroup", membership(properties, user),
                                  std::move(keep));
    }
    co_return made(std::move(id));
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    const bool is_other_group = differs(before, after, "GroupName");
    const std::vector<std::string> had = texts_of(before.find("Users"));
    const std::vector<std::string> has = texts_of(after.find("Users"));
    for (const std::string& user : is_other_group ? has : missing_in(has, had))
      co_await call(subject, "iam:AddUserToGroup", membership(after, user));
    for (const std::string& user : is_other_group ? had : missing_in(had, has))
      co_await call_if_there(subject, "iam:RemoveUserFromGroup", membership(before, user));
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string&, const Value& properties) const override {
    for (const std::string& user : texts_of(properties.find("Users")))
      co_await call_if_there(subject, "iam:RemoveUserFromGroup", membership(properties, user));
  }

  /// IAM knows no id of it: it is found by group and users, where these are known.
  Task<Value> told(Subject& subject, const std::string& id) const override {
    const std::string group = subject.known.text_or("GroupName");
    if (group.empty())
      throw HandlerError(
          "InvalidRequest",
          "An AWS::IAM::UserToGroupAddition cannot be read by its id: IAM does not know it.");
    Value users = Value::list();
    for (const std::string& user : texts_of(subject.known.find("Users"))) {
      const std::vector<std::string> groups =
          co_await list_all(subject, {.operation = "iam:ListGroupsForUser",
                                      .request = fields({{"UserName", user}}),
                                      .elements = "Groups",
                                      .id = "GroupName",
                                      .token_in = "Marker",
                                      .token_out = "Marker"});
      if (std::ranges::count(groups, group) > 0) users.append(user);
    }
    if (users.elements().empty()) not_found(name(), id);
    co_return fields({{"Id", id}, {"GroupName", group}, {"Users", users}});
  }

  Task<std::vector<std::string>> list(Subject&, const Value&) const override {
    throw HandlerError("InvalidRequest", "AWS::IAM::UserToGroupAddition does not support LIST.");
  }
};

}  // namespace

const CodedType& user_to_group_addition() {
  static const UserToGroupAddition type;
  return type;
}

}  // namespace matinee::resources::types::iam

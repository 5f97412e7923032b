#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

constexpr Noun noun = "Group";
constexpr std::size_t longest_name = 128;

Task<Made> made(Subject& subject, std::string name) {
  const Value got = co_await call(subject, "iam:GetGroup", named(noun, name));
  co_return Made{.id = name, .attributes = pick(member(got, "Group"), {"Arn"})};
}

class Group final : public CodedType {
 public:
  Group() : CodedType("AWS::IAM::Group") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string name =
        properties.text_or("GroupName", generated_name(subject, {.most = longest_name}));
    Value request = pick(properties, {"Path"});
    request.set("GroupName", name);
    co_await make(subject, {.operation = "iam:CreateGroup",
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
    if (differs(before, after, "Path"))
      co_await call(subject, "iam:UpdateGroup",
                    fields({{"GroupName", id}, {"NewPath", after.text_or("Path", "/")}}));
    co_await set_managed_policies(subject, {noun, id}, before, after);
    co_await set_inline_policies(subject, {noun, id}, before, after);
    co_return co_await made(subject, id);
  }

  Task<void> remove(Subject& subject, const std::string& id,
                    const Value& properties) const override {
    const Value nothing = Value::map();
    co_await set_managed_policies(subject, {noun, id}, properties, nothing);
    co_await set_inline_policies(subject, {noun, id}, properties, nothing);
    co_await call_if_there(subject, "iam:DeleteGroup", named(noun, id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "iam:GetGroup", named(noun, id));
    if (got.is_null()) not_found(name(), id);
    Value properties = pick(member(got, "Group"), {"GroupName", "Path", "Arn"});
    co_await read_policies(subject, {noun, id}, properties);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListGroups",
                              .elements = "Groups",
                              .id = "GroupName",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }
};

}  // namespace

const CodedType& group() {
  static const Group type;
  return type;
}

}  // namespace matinee::resources::types::iam

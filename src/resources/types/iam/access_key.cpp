#include "resources/types/iam/iam_types.h"

namespace matinee::resources::types::iam {

namespace {

class AccessKey final : public CodedType {
 public:
  AccessKey() : CodedType("AWS::IAM::AccessKey") {}

  /// The secret is told with the key only.
  Task<Made> create(Subject& subject, const Value& properties) const override {
    Value attributes = Value::map();
    const std::string user = properties.text_or("UserName");
    const std::string id =
        co_await make(subject, {.operation = "iam:CreateAccessKey",
                                .request = fields({{"UserName", user}}),
                                .id_of = [&](const Value& got) {
                                  attributes = pick(member(got, "AccessKey"), {"SecretAccessKey"});
                                  return need_text(got, "AccessKey.AccessKeyId");
                                }});
    if (properties.text_or("Status", "Active") != "Active")
      co_await set_status(subject, id, properties);
    co_return Made{.id = id, .attributes = attributes.set("Id", id)};
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    if (differs(before, after, "Status")) co_await set_status(subject, id, after);
    co_return Made{.id = id, .attributes = fields({{"Id", id}})};
  }

  Task<void> remove(Subject& subject, const std::string& id,
                    const Value& properties) const override {
    co_await call_if_there(
        subject, "iam:DeleteAccessKey",
        fields({{"UserName", member(properties, "UserName")}, {"AccessKeyId", id}}));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value used =
        co_await call_if_there(subject, "iam:GetAccessKeyLastUsed", fields({{"AccessKeyId", id}}));
    if (used.is_null()) not_found(name(), id);
    const Value keys = co_await call(subject, "iam:ListAccessKeys",
                                     fields({{"UserName", member(used, "UserName")}}));
    for (const Value& key : member(keys, "AccessKeyMetadata").elements())
      if (key.text_or("AccessKeyId") == id)
        co_return pick(key, {"UserName", "Status"}).set("Id", id);
    not_found(name(), id);
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    return list_all(subject, {.operation = "iam:ListAccessKeys",
                              .request = pick(model, {"UserName"}),
                              .elements = "AccessKeyMetadata",
                              .id = "AccessKeyId",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }

 private:
  static Task<void> set_status(Subject& subject, std::string id, const Value& properties) {
    co_await call(subject, "iam:UpdateAccessKey",
                  fields({{"UserName", member(properties, "UserName")},
                          {"AccessKeyId", id},
                          {"Status", properties.text_or("Status", "Active")}}));
  }
};

}  // namespace

const CodedType& access_key() {
  static const AccessKey type;
  return type;
}

}  // namespace matinee::resources::types::iam

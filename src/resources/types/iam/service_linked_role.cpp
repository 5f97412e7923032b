#include "resources/types/iam/iam_types.h"

namespace matinee::resources::types::iam {

namespace {

Value of_name(const std::string& name) {
  return fields({{"RoleName", name}});
}

Made made(const std::string& name) {
  return {.id = name, .attributes = of_name(name)};
}

class ServiceLinkedRole final : public CodedType {
 public:
  ServiceLinkedRole() : CodedType("AWS::IAM::ServiceLinkedRole") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string name = co_await make(
        subject, {.operation = "iam:CreateServiceLinkedRole",
                  .request = pick(properties, {"AWSServiceName", "CustomSuffix", "Description"}),
                  .id_of = [](const Value& got) { return need_text(got, "Role.RoleName"); }});
    co_return made(name);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    if (differs(before, after, "Description"))
      co_await call(subject, "iam:UpdateRoleDescription",
                    of_name(id).set("Description", after.text_or("Description")));
    co_return made(id);
  }

  /// The deletion is a task of its own, which may fail while the service uses its role.
  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    const Value begun = co_await call_if_there(subject, "iam:DeleteServiceLinkedRole", of_name(id));
    if (begun.is_null()) co_return;
    const Value end = co_await wait(
        subject, {.operation = "iam:GetServiceLinkedRoleDeletionStatus",
                  .request = fields({{"DeletionTaskId", member(begun, "DeletionTaskId")}}),
                  .is_ready = [](const Value& got) {
                    const std::string status = got.text_or("Status");
                    return status != "IN_PROGRESS" && status != "NOT_STARTED";
                  }});
    if (end.text_or("Status") == "FAILED")
      throw HandlerError("ResourceConflict", nested(end, "Reason.Reason").text());
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "iam:GetRole", of_name(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = of_name(id);
    if (const Value text = nested(got, "Role.Description"); !text.text().empty())
      properties.set("Description", text);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListRoles",
                              .request = fields({{"PathPrefix", "/aws-service-role/"}}),
                              .elements = "Roles",
                              .id = "RoleName",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }
};

}  // namespace

const CodedType& service_linked_role() {
  static const ServiceLinkedRole type;
  return type;
}

}  // namespace matinee::resources::types::iam

// AWS::IAM::Policy: one inline policy of any number of roles, users and groups.
#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

struct Holders {
  std::string_view property;
  Noun noun;
};
constexpr Holders all_holders[] = {{"Groups", "Group"}, {"Roles", "Role"}, {"Users", "User"}};

bool has_holder(const Value& properties) {
  for (const Holders& holders : all_holders)
    if (!member(properties, holders.property).elements().empty()) return true;
  return false;
}

Value put_request(Noun noun, const std::string& holder, const Value& properties) {
  Value request = pick(properties, {"PolicyName", "PolicyDocument"});
  return request.set(std::string(noun) + "Name", holder);
}

class Policy final : public CodedType {
 public:
  Policy() : CodedType("AWS::IAM::Policy") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    if (!has_holder(properties))
      throw HandlerError("InvalidRequest",
                         "At least one of [Groups,Roles,Users] must be non-empty.");
    // The id is noted with the first holder's, and known before.
    constexpr std::size_t longest = 64;
    std::string id = old_style_name(subject, longest);
    bool is_noted = !subject.made_id.empty();
    if (is_noted) id = subject.made_id;
    for (const Holders& holders : all_holders)
      for (const std::string& holder : texts_of(properties.find(holders.property))) {
        Value request = put_request(holders.noun, holder, properties);
        Calls::Keep keep;
        if (!is_noted) keep = [&](const Value&) { subject.made(id); };
        is_noted = true;
        co_await subject.calls.call(operation("Put", holders.noun, "Policy"), std::move(request),
                                    std::move(keep));
      }
    co_return made(std::move(id));
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    if (!has_holder(after))
      throw HandlerError("InvalidRequest",
                         "At least one of [Groups,Roles,Users] must be non-empty.");
    const bool is_other = differs(before, after, {"PolicyName", "PolicyDocument"});
    for (const Holders& holders : all_holders) {
      const std::vector<std::string> had = texts_of(before.find(holders.property));
      const std::vector<std::string> has = texts_of(after.find(holders.property));
      for (const std::string& holder : is_other ? has : missing_in(has, had))
        co_await call(subject, operation("Put", holders.noun, "Policy"),
                      put_request(holders.noun, holder, after));
      const bool is_renamed = differs(before, after, "PolicyName");
      for (const std::string& holder : is_renamed ? had : missing_in(had, has))
        co_await take(subject, holders.noun, holder, before.text_or("PolicyName"));
    }
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string&, const Value& properties) const override {
    for (const Holders& holders : all_holders)
      for (const std::string& holder : texts_of(properties.find(holders.property)))
        co_await take(subject, holders.noun, holder, properties.text_or("PolicyName"));
  }

  /// IAM knows no id of it: it is found by its name and holders, where these are known.
  Task<Value> told(Subject& subject, const std::string& id) const override {
    const std::string policy = subject.known.text_or("PolicyName");
    if (policy.empty() || !has_holder(subject.known))
      throw HandlerError("InvalidRequest",
                         "An AWS::IAM::Policy cannot be read by its id: IAM does not know it.");
    Value properties = fields({{"Id", id}, {"PolicyName", policy}});
    Value document;
    for (const Holders& holders : all_holders) {
      Value having = Value::list();
      for (const std::string& holder : texts_of(subject.known.find(holders.property))) {
        Value request = named(holders.noun, holder).set("PolicyName", policy);
        const Value got = co_await call_if_there(subject, operation("Get", holders.noun, "Policy"),
                                                 std::move(request));
        if (got.is_null()) continue;
        having.append(holder);
        // One that is not as the others are is what has changed.
        const Value found = document_of(got.text_or("PolicyDocument"));
        const Value wanted = member(subject.known, "PolicyDocument");
        if (document.is_null() || document == wanted) document = found;
      }
      if (!having.elements().empty()) properties.set(holders.property, having);
    }
    if (document.is_null()) not_found(name(), id);
    co_return properties.set("PolicyDocument", document);
  }

  Task<std::vector<std::string>> list(Subject&, const Value&) const override {
    throw HandlerError("InvalidRequest", "AWS::IAM::Policy does not support LIST.");
  }

 private:
  static Made made(std::string id) {
    Value attributes = fields({{"Id", id}});
    return {.id = std::move(id), .attributes = std::move(attributes)};
  }
  static Task<void> take(Subject& subject, Noun noun, std::string holder, std::string policy_name) {
    co_await call_if_there(subject, operation("Delete", noun, "Policy"),
                           named(noun, holder).set("PolicyName", policy_name));
  }
};

/// AWS::IAM::RolePolicy, UserPolicy, GroupPolicy: an inline policy of one. Its id is that of Cloud
/// Control: "POLICY|HOLDER".
class OwnPolicy final : public CodedType {
 public:
  OwnPolicy(std::string_view type_name, Noun noun) : CodedType(type_name), noun_(noun) {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string holder = properties.text_or(std::string(noun_) + "Name");
    const std::string id = properties.text_or("PolicyName") + "|" + holder;
    co_await make(subject, {.operation = operation("Put", noun_, "Policy"),
                            .request = put_request(noun_, holder, with_document(properties)),
                            .id_of = [id](const Value&) { return id; }});
    co_return Made{.id = id, .attributes = Value::map()};
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value&,
                    const Value& after) const override {
    co_await call(subject, operation("Put", noun_, "Policy"),
                  put_request(noun_, part_of(id, '|', 1), with_document(after)));
    co_return Made{.id = id, .attributes = Value::map()};
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, operation("Delete", noun_, "Policy"), request_of(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got =
        co_await call_if_there(subject, operation("Get", noun_, "Policy"), request_of(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = request_of(id);
    co_return properties.set("PolicyDocument", document_of(got.text_or("PolicyDocument")));
  }

  /// Those of the holder that the model names.
  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    const std::string holder = model.text_or(std::string(noun_) + "Name");
    if (holder.empty())
      throw HandlerError("InvalidRequest", "Missing required key: " + std::string(noun_) + "Name");
    std::vector<std::string> ids =
        co_await list_all(subject, {.operation = operation("List", noun_, "Policies"),
                                    .request = named(noun_, holder),
                                    .elements = "PolicyNames",
                                    .id = "",
                                    .token_in = "Marker",
                                    .token_out = "Marker"});
    for (std::string& id : ids) id += "|" + holder;
    co_return ids;
  }

 private:
  Noun noun_;

  Value request_of(const std::string& id) const {
    return named(noun_, part_of(id, '|', 1)).set("PolicyName", part_of(id, '|', 0));
  }
  static Value with_document(const Value& properties) {
    if (member(properties, "PolicyDocument").is_null())
      refuse_property("PolicyDocument", "IAM does not keep a policy without a document.");
    return properties;
  }
};

}  // namespace

const CodedType& policy() {
  static const Policy type;
  return type;
}

const CodedType& role_policy() {
  static const OwnPolicy type("AWS::IAM::RolePolicy", "Role");
  return type;
}

const CodedType& user_policy() {
  static const OwnPolicy type("AWS::IAM::UserPolicy", "User");
  return type;
}

const CodedType& group_policy() {
  static const OwnPolicy type("AWS::IAM::GroupPolicy", "Group");
  return type;
}

}  // namespace matinee::resources::types::iam

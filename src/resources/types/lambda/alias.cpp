#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

Value of_alias(const std::string& arn) {
  return fields({{"FunctionName", function_in(arn)}, {"Name", qualifier_in(arn)}});
}

/// [{FunctionVersion, FunctionWeight}] as the operations have it: {version: weight}.
Value routing_of(const Value& properties) {
  Value weights = Value::map();
  const Value given = nested(properties, "RoutingConfig.AdditionalVersionWeights");
  for (const Value& each : given.elements())
    weights.set(each.text_or("FunctionVersion"), member(each, "FunctionWeight"));
  return fields({{"AdditionalVersionWeights", weights}});
}

Made made(const std::string& arn) {
  return {.id = arn, .attributes = fields({{"AliasArn", arn}})};
}

class Alias final : public CodedType {
 public:
  Alias() : CodedType("AWS::Lambda::Alias") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    Value request = pick(properties, {"FunctionName", "FunctionVersion", "Name", "Description"});
    if (properties.find("RoutingConfig")) request.set("RoutingConfig", routing_of(properties));
    const std::string arn = co_await make(
        subject, {.operation = "lambda:CreateAlias",
                  .request = std::move(request),
                  .id_of = [](const Value& got) { return need_text(got, "AliasArn"); }});
    co_await set_provisioned(subject, arn, Value::map(), properties);
    co_return made(arn);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    Value changes = changes_of(before, after, {{"FunctionVersion"}, {"Description", ""}});
    if (differs(before, after, "RoutingConfig")) changes.set("RoutingConfig", routing_of(after));
    if (!changes.members().empty()) {
      Value request = of_alias(id);
      for (const templates::Member& change : changes.members())
        request.set(change.name, change.value);
      co_await call(subject, "lambda:UpdateAlias", std::move(request));
    }
    co_await set_provisioned(subject, id, before, after);
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:DeleteAlias", of_alias(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "lambda:GetAlias", of_alias(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = pick(got, {"AliasArn", "Name", "FunctionVersion"});
    properties.set("FunctionName", function_as_known(subject, "FunctionName", function_in(id)));
    if (const std::string text = got.text_or("Description"); !text.empty())
      properties.set("Description", text);
    Value weights = Value::list();
    const Value routing = nested(got, "RoutingConfig.AdditionalVersionWeights");
    for (const templates::Member& weight : routing.members())
      weights.append(fields({{"FunctionVersion", weight.name}, {"FunctionWeight", weight.value}}));
    if (!weights.elements().empty())
      properties.set("RoutingConfig", fields({{"AdditionalVersionWeights", weights}}));
    co_await read_provisioned(subject, id, properties);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    return list_all(subject, {.operation = "lambda:ListAliases",
                              .request = pick(model, {"FunctionName"}),
                              .elements = "Aliases",
                              .id = "AliasArn",
                              .token_in = "Marker",
                              .token_out = "NextMarker"});
  }
};

}  // namespace

const CodedType& alias() {
  static const Alias type;
  return type;
}

}  // namespace matinee::resources::types::lambda

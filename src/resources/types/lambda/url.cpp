#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

Value of_arn(const std::string& arn) {
  return of_function(function_in(arn), qualifier_in(arn));
}

Made made(const std::string& arn, const Value& got) {
  return {
      .id = arn,
      .attributes = fields({{"FunctionArn", arn}, {"FunctionUrl", member(got, "FunctionUrl")}})};
}

class Url final : public CodedType {
 public:
  Url() : CodedType("AWS::Lambda::Url") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    Value request = pick(properties, {"Qualifier", "AuthType", "Cors", "InvokeMode"});
    request.set("FunctionName", properties.text_or("TargetFunctionArn"));
    const std::string arn = co_await make(
        subject, {.operation = "lambda:CreateFunctionUrlConfig",
                  .request = std::move(request),
                  .id_of = [](const Value& got) { return need_text(got, "FunctionArn"); }});
    co_return made(arn, co_await call(subject, "lambda:GetFunctionUrlConfig", of_arn(arn)));
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    Value changes = changes_of(before, after,
                               {{"AuthType"}, {"Cors", Value::map()}, {"InvokeMode", "BUFFERED"}});
    Value request = of_arn(id);
    for (const templates::Member& change : changes.members())
      request.set(change.name, change.value);
    co_return made(id,
                   co_await call(subject, "lambda:UpdateFunctionUrlConfig", std::move(request)));
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:DeleteFunctionUrlConfig", of_arn(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "lambda:GetFunctionUrlConfig", of_arn(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = pick(got, {"AuthType", "Cors", "InvokeMode", "FunctionUrl", "FunctionArn"});
    properties.set("TargetFunctionArn",
                   function_as_known(subject, "TargetFunctionArn", function_in(id)));
    if (const std::string qualifier = qualifier_in(id); !qualifier.empty())
      properties.set("Qualifier", qualifier);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    return list_all(subject, {.operation = "lambda:ListFunctionUrlConfigs",
                              .request = of_function(model.text_or("TargetFunctionArn")),
                              .elements = "FunctionUrlConfigs",
                              .id = "FunctionArn",
                              .token_in = "Marker",
                              .token_out = "NextMarker"});
  }
};

}  // namespace

const CodedType& url() {
  static const Url type;
  return type;
}

}  // namespace matinee::resources::types::lambda

#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

/// "FUNCTION|QUALIFIER"
Value of_id(const std::string& id) {
  return of_function(part_of(id, '|', 0), part_of(id, '|', 1));
}

class EventInvokeConfig final : public CodedType {
 public:
  EventInvokeConfig() : CodedType("AWS::Lambda::EventInvokeConfig") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string id =
        properties.text_or("FunctionName") + "|" + properties.text_or("Qualifier");
    co_await make(subject, {.operation = "lambda:PutFunctionEventInvokeConfig",
                            .request = request_of(id, properties),
                            .id_of = [id](const Value&) { return id; }});
    co_return Made{.id = id, .attributes = Value::map()};
  }

  /// As a whole: what is not given has its default again.
  Task<Made> update(Subject& subject, const std::string& id, const Value&,
                    const Value& after) const override {
    co_await call(subject, "lambda:PutFunctionEventInvokeConfig", request_of(id, after));
    co_return Made{.id = id, .attributes = Value::map()};
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:DeleteFunctionEventInvokeConfig", of_id(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got =
        co_await call_if_there(subject, "lambda:GetFunctionEventInvokeConfig", of_id(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = of_id(id);
    for (const char* each :
         {"MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"})
      if (const Value value = member(got, each); !value.is_null()) properties.set(each, value);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    const std::string function = model.text_or("FunctionName");
    std::vector<std::string> ids =
        co_await list_all(subject, {.operation = "lambda:ListFunctionEventInvokeConfigs",
                                    .request = of_function(function),
                                    .elements = "FunctionEventInvokeConfigs",
                                    .id = "FunctionArn",
                                    .token_in = "Marker",
                                    .token_out = "NextMarker"});
    for (std::string& id : ids) id = function + "|" + qualifier_in(id);
    co_return ids;
  }

 private:
  static Value request_of(const std::string& id, const Value& properties) {
    Value request = of_id(id);
    for (const char* each :
         {"MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"})
      if (const Value value = member(properties, each); !value.is_null()) request.set(each, value);
    return request;
  }
};

}  // namespace

const CodedType& event_invoke_config() {
  static const EventInvokeConfig type;
  return type;
}

}  // namespace matinee::resources::types::lambda

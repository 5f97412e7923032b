#include <fmt/format.h>

#include <algorithm>

#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

Made made(const std::string& arn) {
  return {.id = arn, .attributes = fields({{"FunctionArn", arn}, {"Version", qualifier_in(arn)}})};
}

Task<void> settled(Subject& subject, std::string name, std::string qualifier) {
  const Value end = co_await wait(
      subject, {.operation = "lambda:GetFunctionConfiguration",
                .request = of_function(name, qualifier),
                .is_ready = [](const Value& got) { return got.text_or("State") != "Pending"; }});
  if (end.text_or("State") == "Failed")
    throw HandlerError("NotStabilized", end.text_or("StateReason"));
}

class Version final : public CodedType {
 public:
  Version() : CodedType("AWS::Lambda::Version") {}

  std::vector<std::string_view> refused() const override { return {"FunctionScalingConfig"}; }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_unserved(properties);
    const std::string arn =
        subject.made_id.empty() ? co_await publish(subject, properties) : subject.made_id;
    co_return co_await update(subject, arn, Value::map(), properties);
  }

  /// Everything that can be set makes another version: this is what follows the publication.
  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    const std::string arn = id;
    co_await settled(subject, function_in(arn), qualifier_in(arn));
    if (differs(before, after, "RuntimePolicy")) {
      Value request =
          pick(member(after, "RuntimePolicy"), {"UpdateRuntimeOn", "RuntimeVersionArn"});
      if (request.members().empty()) request.set("UpdateRuntimeOn", "Auto");
      request.set("FunctionName", function_in(arn)).set("Qualifier", qualifier_in(arn));
      co_await call(subject, "lambda:PutRuntimeManagementConfig", std::move(request));
    }
    co_await set_provisioned(subject, arn, before, after);
    co_return made(arn);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:DeleteFunction",
                           of_function(function_in(id), qualifier_in(id)));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "lambda:GetFunctionConfiguration",
                                             of_function(function_in(id), qualifier_in(id)));
    if (got.is_null()) not_found(name(), id);
    Value properties = pick(got, {"Version", "CodeSha256"});
    if (const std::string text = got.text_or("Description"); !text.empty())
      properties.set("Description", text);
    properties.set("FunctionName", function_as_known(subject, "FunctionName", function_in(id)))
        .set("FunctionArn", id);
    co_await read_provisioned(subject, id, properties);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    std::vector<std::string> arns =
        co_await list_all(subject, {.operation = "lambda:ListVersionsByFunction",
                                    .request = pick(model, {"FunctionName"}),
                                    .elements = "Versions",
                                    .id = "FunctionArn",
                                    .token_in = "Marker",
                                    .token_out = "NextMarker"});
    std::erase_if(arns, [](const std::string& arn) { return qualifier_in(arn) == "$LATEST"; });
    co_return arns;
  }

 private:
  /// Lambda gives the last version where nothing has changed since: that one belongs to somebody
  /// else.
  Task<std::string> publish(Subject& subject, const Value& properties) const {
    const std::vector<std::string> there = co_await list(subject, properties);
    std::string arn;
    bool is_new = false;
    co_await subject.calls.call("lambda:PublishVersion",
                                pick(properties, {"FunctionName", "CodeSha256", "Description"}),
                                [&](const Value& got) {
                                  arn = need_text(got, "FunctionArn");
                                  is_new = std::ranges::find(there, arn) == there.end();
                                  if (is_new) subject.made(arn);
                                });
    if (!is_new)
      throw HandlerError("AlreadyExists",
                         fmt::format("A version for this Lambda function exists ( {} ). Modify the "
                                     "function to create a new version.",
                                     qualifier_in(arn)));
    co_return arn;
  }
};

}  // namespace

const CodedType& version() {
  static const Version type;
  return type;
}

}  // namespace matinee::resources::types::lambda

#include <fmt/format.h>

#include "resources/types/lambda/inline_code.h"
#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

constexpr std::size_t longest_name = 64;

/// What UpdateFunctionConfiguration takes, and what stands for "not set" there.
std::vector<Default> settings_of(const std::string& name) {
  const auto nothing = [] { return Value::list(); };
  return {{"Role"},
          {"Handler"},
          {"Runtime"},
          {"Description", ""},
          {"Timeout", 3},
          {"MemorySize", 128},
          {"VpcConfig", fields({{"SubnetIds", nothing()}, {"SecurityGroupIds", nothing()}})},
          {"Environment", fields({{"Variables", Value::map()}})},
          {"DeadLetterConfig", fields({{"TargetArn", ""}})},
          {"KmsKeyArn", ""},
          {"TracingConfig", fields({{"Mode", "PassThrough"}})},
          {"Layers", nothing()},
          {"EphemeralStorage", fields({{"Size", 512}})},
          {"SnapStart", fields({{"ApplyOn", "None"}})},
          {"LoggingConfig", fields({{"LogFormat", "Text"}, {"LogGroup", "/aws/lambda/" + name}})}};
}

/// The zip archive that inline code becomes, or where the code lies, as members of a request.
Value code_of(const Value& properties) {
  const Value code = member(properties, "Code");
  const Value text = member(code, "ZipFile");
  if (text.is_null())
    return pick(code,
                {"S3Bucket", "S3Key", "S3ObjectVersion", "S3ObjectStorageMode", "SourceKMSKeyArn"});
  const std::string runtime = properties.text_or("Runtime");
  if (!has_inline_code(runtime))
    throw HandlerError("InvalidRequest",
                       "ZipFile can only be used when Runtime is set to one of Node.js or Python.");
  return fields({{"ZipFile", inline_package(runtime, text.text())}});
}

/// Ends when the function can be called, and changed again.
Task<Value> settled(Subject& subject, std::string name) {
  Value got = co_await wait(subject, {.operation = "lambda:GetFunctionConfiguration",
                                      .request = of_function(name),
                                      .is_ready = [](const Value& now) {
                                        return now.is_null() ||
                                               (now.text_or("State") != "Pending" &&
                                                now.text_or("LastUpdateStatus") != "InProgress");
                                      }});
  if (got.is_null()) not_found("AWS::Lambda::Function", name);
  if (got.text_or("State") == "Failed")
    throw HandlerError("NotStabilized", got.text_or("StateReason"));
  if (got.text_or("LastUpdateStatus") == "Failed")
    throw HandlerError("NotStabilized", got.text_or("LastUpdateStatusReason"));
  co_return got;
}

Task<void> set_concurrency(Subject& subject, std::string name, const Value& before,
                           const Value& after) {
  if (!differs(before, after, "ReservedConcurrentExecutions")) co_return;
  const Value wanted = member(after, "ReservedConcurrentExecutions");
  if (wanted.is_null())
    co_await call_if_there(subject, "lambda:DeleteFunctionConcurrency", of_function(name));
  else
    co_await call(subject, "lambda:PutFunctionConcurrency",
                  of_function(name).set("ReservedConcurrentExecutions", wanted));
}

/// What stands beside a function's configuration, and has operations of its own.
Task<void> set_behaviour(Subject& subject, std::string name, const Value& before,
                         const Value& after) {
  co_await set_concurrency(subject, name, before, after);
  if (differs(before, after, "RecursiveLoop"))
    co_await call(
        subject, "lambda:PutFunctionRecursionConfig",
        of_function(name).set("RecursiveLoop", after.text_or("RecursiveLoop", "Terminate")));
  if (differs(before, after, "RuntimeManagementConfig")) {
    Value request =
        pick(member(after, "RuntimeManagementConfig"), {"UpdateRuntimeOn", "RuntimeVersionArn"});
    if (request.members().empty()) request.set("UpdateRuntimeOn", "Auto");
    co_await call(subject, "lambda:PutRuntimeManagementConfig", request.set("FunctionName", name));
  }
}

Task<void> set_code_signing(Subject& subject, std::string name, const Value& before,
                            const Value& after) {
  if (!differs(before, after, "CodeSigningConfigArn")) co_return;
  const Value wanted = member(after, "CodeSigningConfigArn");
  if (wanted.is_null())
    co_await call_if_there(subject, "lambda:DeleteFunctionCodeSigningConfig", of_function(name));
  else
    co_await call(subject, "lambda:PutFunctionCodeSigningConfig",
                  of_function(name).set("CodeSigningConfigArn", wanted));
}

Made made(const std::string& name, const Value& configuration) {
  Value attributes = fields({{"Arn", member(configuration, "FunctionArn")}});
  for (const char* part : {"ApplyOn", "OptimizationStatus"})
    if (const Value value = nested(configuration, fmt::format("SnapStart.{}", part));
        !value.is_null())
      attributes.set(fmt::format("SnapStartResponse.{}", part), value);
  return {.id = name, .attributes = std::move(attributes)};
}

class Function final : public CodedType {
 public:
  Function() : CodedType("AWS::Lambda::Function") {}

  std::vector<std::string_view> refused() const override {
    return {"CapacityProviderConfig", "Code.ImageUri", "DurableConfig", "FileSystemConfigs",
            "FunctionScalingConfig",  "ImageConfig",   "TenancyConfig", "PublishToLatestPublished"};
  }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_unserved(properties);
    const std::string name =
        properties.text_or("FunctionName", generated_name(subject, {.most = longest_name}));
    Value request =
        pick(properties, {"Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize",
                          "VpcConfig", "PackageType", "DeadLetterConfig", "Environment",
                          "KmsKeyArn", "TracingConfig", "Layers", "CodeSigningConfigArn",
                          "Architectures", "EphemeralStorage", "SnapStart", "LoggingConfig"});
    request.set("FunctionName", name)
        .set("Code", code_of(properties))
        .set("Tags", tags_of(subject, properties, true));
    co_await make(subject, {.operation = "lambda:CreateFunction",
                            .request = std::move(request),
                            .id_of = [name](const Value&) { return name; },
                            .named = name});
    co_await set_behaviour(subject, name, Value::map(), properties);
    co_return made(name, co_await settled(subject, name));
  }

  /// One change after the other: Lambda refuses the next one until the last has ended.
  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    refuse_unserved(after);
    co_await set_code_signing(subject, id, before, after);
    Value settings = changes_of(before, after, settings_of(id));
    if (!settings.members().empty()) {
      co_await settled(subject, id);
      co_await call(subject, "lambda:UpdateFunctionConfiguration",
                    settings.set("FunctionName", id));
    }
    if (differs(before, after, {"Code", "Architectures"})) {
      co_await settled(subject, id);
      Value request = code_of(after);
      request.set("FunctionName", id);
      const Value architectures = member(after, "Architectures");
      request.set("Architectures", architectures.is_null() ? list_of({"x86_64"}) : architectures);
      co_await call(subject, "lambda:UpdateFunctionCode", std::move(request));
    }
    co_await set_behaviour(subject, id, before, after);
    const Value configuration = co_await settled(subject, id);
    co_await set_tags(subject, configuration.text_or("FunctionArn"), before, after);
    co_return made(id, configuration);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:DeleteFunction", of_function(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "lambda:GetFunction", of_function(id));
    if (got.is_null()) not_found(name(), id);
    const Value configuration = member(got, "Configuration");
    Value properties =
        pick(configuration, {"FunctionName", "Runtime", "Role", "Handler", "Description", "Timeout",
                             "MemorySize", "DeadLetterConfig", "Environment", "TracingConfig",
                             "PackageType", "Architectures", "EphemeralStorage", "LoggingConfig"});
    const Value layers = member(configuration, "Layers");
    Value arns = Value::list();
    for (const Value& layer : layers.elements()) arns.append(layer.text_or("Arn"));
    if (!arns.elements().empty()) properties.set("Layers", arns);
    const Value network = member(configuration, "VpcConfig");
    if (!member(network, "SubnetIds").elements().empty())
      properties.set("VpcConfig",
                     pick(network, {"SubnetIds", "SecurityGroupIds", "Ipv6AllowedForDualStack"}));
    co_await read_beside(subject, id, configuration, properties);
    const Value reserved = nested(got, "Concurrency.ReservedConcurrentExecutions");
    if (!reserved.is_null()) properties.set("ReservedConcurrentExecutions", reserved);
    const Value tags = tags_property(member(got, "Tags"));
    if (!tags.is_null()) properties.set("Tags", tags);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "lambda:ListFunctions",
                              .elements = "Functions",
                              .id = "FunctionName",
                              .token_in = "Marker",
                              .token_out = "NextMarker"});
  }

 private:
  static Task<void> read_beside(Subject& subject, std::string name, const Value& configuration,
                                Value& properties) {
    const auto set = [&](std::string_view property, const Value& value) {
      if (!value.is_null() && !(value.is_scalar() && value.text().empty()))
        properties.set(property, value);
    };
    set("Arn", member(configuration, "FunctionArn"));
    set("KmsKeyArn", member(configuration, "KMSKeyArn"));
    set("SnapStartResponse", member(configuration, "SnapStart"));
    const Value recursion =
        co_await call(subject, "lambda:GetFunctionRecursionConfig", of_function(name));
    set("RecursiveLoop", member(recursion, "RecursiveLoop"));
    const Value runtime =
        co_await call(subject, "lambda:GetRuntimeManagementConfig", of_function(name));
    set("RuntimeManagementConfig", pick(runtime, {"UpdateRuntimeOn", "RuntimeVersionArn"}));
    const Value signing =
        co_await call(subject, "lambda:GetFunctionCodeSigningConfig", of_function(name));
    set("CodeSigningConfigArn", member(signing, "CodeSigningConfigArn"));
  }
};

}  // namespace

const CodedType& function() {
  static const Function type;
  return type;
}

}  // namespace matinee::resources::types::lambda

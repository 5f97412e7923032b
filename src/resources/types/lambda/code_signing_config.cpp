#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

Value of_arn(const std::string& arn) {
  return fields({{"CodeSigningConfigArn", arn}});
}

Made made(const std::string& arn) {
  return {.id = arn,
          .attributes = fields(
              {{"CodeSigningConfigArn", arn}, {"CodeSigningConfigId", last_part(arn, ':')}})};
}

class CodeSigningConfig final : public CodedType {
 public:
  CodeSigningConfig() : CodedType("AWS::Lambda::CodeSigningConfig") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    Value request = pick(properties, {"AllowedPublishers", "CodeSigningPolicies", "Description"});
    const Value tags = tags_of(subject, properties, true);
    if (!tags.elements().empty()) request.set("Tags", tags);
    const std::string arn =
        co_await make(subject, {.operation = "lambda:CreateCodeSigningConfig",
                                .request = std::move(request),
                                .id_of = [](const Value& got) {
                                  return need_text(got, "CodeSigningConfig.CodeSigningConfigArn");
                                }});
    co_return made(arn);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    Value changes =
        changes_of(before, after,
                   {{"AllowedPublishers"},
                    {"Description", ""},
                    {"CodeSigningPolicies", fields({{"UntrustedArtifactOnDeployment", "Warn"}})}});
    if (!changes.members().empty())
      co_await call(subject, "lambda:UpdateCodeSigningConfig",
                    changes.set("CodeSigningConfigArn", id));
    co_await set_tags(subject, id, before, after);
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:DeleteCodeSigningConfig", of_arn(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "lambda:GetCodeSigningConfig", of_arn(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = pick(member(got, "CodeSigningConfig"),
                            {"AllowedPublishers", "CodeSigningPolicies", "Description",
                             "CodeSigningConfigId", "CodeSigningConfigArn"});
    const Value tags = co_await call(subject, "lambda:ListTags", fields({{"Resource", id}}));
    if (const Value list = tags_property(member(tags, "Tags")); !list.is_null())
      properties.set("Tags", list);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "lambda:ListCodeSigningConfigs",
                              .elements = "CodeSigningConfigs",
                              .id = "CodeSigningConfigArn",
                              .token_in = "Marker",
                              .token_out = "NextMarker"});
  }
};

}  // namespace

const CodedType& code_signing_config() {
  static const CodeSigningConfig type;
  return type;
}

}  // namespace matinee::resources::types::lambda

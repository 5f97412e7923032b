#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

Value of_arn(const std::string& arn) {
  return fields({{"SAMLProviderArn", arn}});
}

Task<Made> made(Subject& subject, std::string arn) {
  const Value got = co_await call(subject, "iam:GetSAMLProvider", of_arn(arn));
  Value attributes = fields({{"Arn", arn}, {"SamlProviderUUID", member(got, "SAMLProviderUUID")}});
  co_return Made{.id = arn, .attributes = std::move(attributes)};
}

class SamlProvider final : public CodedType {
 public:
  SamlProvider() : CodedType("AWS::IAM::SAMLProvider") {}

  /// Ids and times of keys are IAM's, and cannot be set.
  std::vector<std::string_view> refused() const override { return {"PrivateKeyList"}; }

  Task<Made> create(Subject& subject, const Value& properties) const override {
    refuse_unserved(properties);
    constexpr std::size_t longest_name = 128;
    const std::string name =
        properties.text_or("Name", generated_name(subject, {.most = longest_name}));
    Value request =
        pick(properties, {"SamlMetadataDocument", "AssertionEncryptionMode", "AddPrivateKey"});
    request.set("Name", name).set("Tags", tags_of(subject, properties, false));
    const std::string arn = co_await make(
        subject, {.operation = "iam:CreateSAMLProvider",
                  .request = std::move(request),
                  .id_of = [](const Value& got) { return need_text(got, "SAMLProviderArn"); },
                  .named = "arn:" + subject.partition + ":iam::" + subject.account +
                           ":saml-provider/" + name});
    co_return co_await made(subject, arn);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    refuse_unserved(after);
    if (differs(before, after, {"SamlMetadataDocument", "AssertionEncryptionMode"})) {
      Value request = pick(after, {"SamlMetadataDocument", "AssertionEncryptionMode"});
      co_await call(subject, "iam:UpdateSAMLProvider", request.set("SAMLProviderArn", id));
    }
    co_await set_tags(subject, {"SAMLProvider", of_arn(id)}, before, after);
    co_return co_await made(subject, id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "iam:DeleteSAMLProvider", of_arn(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "iam:GetSAMLProvider", of_arn(id));
    if (got.is_null()) not_found(name(), id);
    co_return fields({{"Name", last_part(id, '/')},
                      {"SamlMetadataDocument", member(got, "SAMLMetadataDocument")},
                      {"AssertionEncryptionMode", member(got, "AssertionEncryptionMode")},
                      {"PrivateKeyList", member(got, "PrivateKeyList")},
                      {"Tags", tags_property(got)},
                      {"Arn", id},
                      {"SamlProviderUUID", member(got, "SAMLProviderUUID")}});
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListSAMLProviders",
                              .elements = "SAMLProviderList",
                              .id = "Arn",
                              .token_in = "",
                              .token_out = ""});
  }
};

}  // namespace

const CodedType& saml_provider() {
  static const SamlProvider type;
  return type;
}

}  // namespace matinee::resources::types::iam

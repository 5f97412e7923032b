#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

Value of_name(const std::string& name) {
  return fields({{"ServerCertificateName", name}});
}

Task<Value> described(Subject& subject, std::string name) {
  const Value got = co_await call_if_there(subject, "iam:GetServerCertificate", of_name(name));
  if (got.is_null()) not_found("AWS::IAM::ServerCertificate", name);
  co_return member(got, "ServerCertificate");
}

Task<Made> made(Subject& subject, std::string name) {
  const Value certificate = co_await described(subject, name);
  co_return Made{.id = name,
                 .attributes = pick(member(certificate, "ServerCertificateMetadata"), {"Arn"})};
}

class ServerCertificate final : public CodedType {
 public:
  ServerCertificate() : CodedType("AWS::IAM::ServerCertificate") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    constexpr std::size_t longest_name = 128;
    const std::string name = properties.text_or("ServerCertificateName",
                                                generated_name(subject, {.most = longest_name}));
    Value request = pick(properties, {"Path", "CertificateBody", "PrivateKey", "CertificateChain"});
    request.set("ServerCertificateName", name).set("Tags", tags_of(subject, properties, false));
    co_await make(subject, {.operation = "iam:UploadServerCertificate",
                            .request = std::move(request),
                            .id_of = [name](const Value&) { return name; },
                            .named = name});
    co_return co_await made(subject, name);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    if (differs(before, after, "Path"))
      co_await call(subject, "iam:UpdateServerCertificate",
                    of_name(id).set("NewPath", after.text_or("Path", "/")));
    co_await set_tags(subject, {"ServerCertificate", of_name(id)}, before, after);
    co_return co_await made(subject, id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "iam:DeleteServerCertificate", of_name(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value certificate = co_await described(subject, id);
    Value properties = pick(member(certificate, "ServerCertificateMetadata"), {"Path", "Arn"});
    properties.set("ServerCertificateName", id);
    if (const Value tags = tags_property(certificate); !tags.is_null())
      properties.set("Tags", tags);
    co_return properties;
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListServerCertificates",
                              .elements = "ServerCertificateMetadataList",
                              .id = "ServerCertificateName",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }
};

}  // namespace

const CodedType& server_certificate() {
  static const ServerCertificate type;
  return type;
}

}  // namespace matinee::resources::types::iam

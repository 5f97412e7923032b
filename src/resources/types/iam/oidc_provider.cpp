#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

Value of_arn(const std::string& arn) {
  return fields({{"OpenIDConnectProviderArn", arn}});
}

Made made(const std::string& arn) {
  return {.id = arn, .attributes = fields({{"Arn", arn}})};
}

class OidcProvider final : public CodedType {
 public:
  OidcProvider() : CodedType("AWS::IAM::OIDCProvider") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    Value request = pick(properties, {"Url", "ClientIdList", "ThumbprintList"});
    request.set("Tags", tags_of(subject, properties, false));
    const std::string host = properties.text_or("Url");
    const std::size_t scheme = host.find("://");
    const std::string arn = co_await make(
        subject,
        {.operation = "iam:CreateOpenIDConnectProvider",
         .request = std::move(request),
         .id_of = [](const Value& got) { return need_text(got, "OpenIDConnectProviderArn"); },
         .named = "arn:" + subject.partition + ":iam::" + subject.account + ":oidc-provider/" +
                  (scheme == std::string::npos ? host : host.substr(scheme + 3))});
    co_return made(arn);
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    const std::vector<std::string> had = texts_of(before.find("ClientIdList"));
    const std::vector<std::string> has = texts_of(after.find("ClientIdList"));
    for (const std::string& client : missing_in(has, had))
      co_await call(subject, "iam:AddClientIDToOpenIDConnectProvider",
                    of_arn(id).set("ClientID", client));
    for (const std::string& client : missing_in(had, has))
      co_await call(subject, "iam:RemoveClientIDFromOpenIDConnectProvider",
                    of_arn(id).set("ClientID", client));
    if (differs(before, after, "ThumbprintList"))
      co_await call(
          subject, "iam:UpdateOpenIDConnectProviderThumbprint",
          of_arn(id).set("ThumbprintList", list_of(texts_of(after.find("ThumbprintList")))));
    co_await set_tags(subject, {"OpenIDConnectProvider", of_arn(id)}, before, after);
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "iam:DeleteOpenIDConnectProvider", of_arn(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "iam:GetOpenIDConnectProvider", of_arn(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = fields({{"Url", member(got, "Url")},
                               {"ClientIdList", member(got, "ClientIDList")},
                               {"ThumbprintList", member(got, "ThumbprintList")},
                               {"Tags", tags_property(got)}});
    co_return properties.set("Arn", id);
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListOpenIDConnectProviders",
                              .elements = "OpenIDConnectProviderList",
                              .id = "Arn",
                              .token_in = "",
                              .token_out = ""});
  }
};

}  // namespace

const CodedType& oidc_provider() {
  static const OidcProvider type;
  return type;
}

}  // namespace matinee::resources::types::iam

#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

/// arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION
constexpr std::size_t name_part = 6;
constexpr std::size_t version_part = 7;

Made made(const std::string& arn) {
  return {.id = arn, .attributes = fields({{"LayerVersionArn", arn}})};
}

class LayerVersion final : public CodedType {
 public:
  LayerVersion() : CodedType("AWS::Lambda::LayerVersion") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    constexpr std::size_t longest_name = 140;
    Value request = pick(properties, {"Content", "Description", "LicenseInfo", "CompatibleRuntimes",
                                      "CompatibleArchitectures"});
    request.set("LayerName",
                properties.text_or("LayerName", generated_name(subject, {.most = longest_name})));
    const std::string arn = co_await make(
        subject, {.operation = "lambda:PublishLayerVersion",
                  .request = std::move(request),
                  .id_of = [](const Value& got) { return need_text(got, "LayerVersionArn"); }});
    co_return made(arn);
  }

  /// Every property makes another version.
  Task<Made> update(Subject&, const std::string& id, const Value&, const Value&) const override {
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "lambda:DeleteLayerVersion",
                           fields({{"LayerName", part_of(id, ':', name_part)},
                                   {"VersionNumber", part_of(id, ':', version_part)}}));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got =
        co_await call_if_there(subject, "lambda:GetLayerVersionByArn", fields({{"Arn", id}}));
    if (got.is_null()) not_found(name(), id);
    Value properties =
        pick(got, {"Description", "LicenseInfo", "CompatibleRuntimes", "CompatibleArchitectures"});
    co_return properties.set("LayerName", part_of(id, ':', name_part)).set("LayerVersionArn", id);
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override {
    return list_all(subject, {.operation = "lambda:ListLayerVersions",
                              .request = pick(model, {"LayerName"}),
                              .elements = "LayerVersions",
                              .id = "LayerVersionArn",
                              .token_in = "Marker",
                              .token_out = "NextMarker"});
  }
};

}  // namespace

const CodedType& layer_version() {
  static const LayerVersion type;
  return type;
}

}  // namespace matinee::resources::types::lambda

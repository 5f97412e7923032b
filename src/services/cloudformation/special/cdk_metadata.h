// AWS::CDK::Metadata: what the CDK tells AWS of its constructs. It has no effect.
#pragma once

#include "resources/type.h"
#include "services/cloudformation/special/own_schema.h"

namespace matinee::cloudformation {

class CdkMetadata final : public resources::ResourceType {
 public:
  static constexpr std::string_view name = "AWS::CDK::Metadata";

  CdkMetadata() : schema_(name) {}

  const resources::Schema& schema() const override { return schema_; }
  /// There is nothing to make: the id is the step's own, so that it need not be noted.
  runtime::Task<resources::Made> create(resources::Subject& subject,
                                        const templates::Value&) const override {
    co_return made_of(subject.token);
  }
  runtime::Task<resources::Made> update(resources::Subject&, const std::string& id,
                                        const templates::Value&,
                                        const templates::Value&) const override {
    co_return made_of(id);
  }
  runtime::Task<void> remove(resources::Subject&, const std::string&,
                             const templates::Value&) const override {
    co_return;
  }
  runtime::Task<templates::Value> read(resources::Subject&, const std::string& id) const override {
    co_return templates::Value::map("Id", id);
  }
  runtime::Task<std::vector<std::string>> list(resources::Subject&,
                                               const templates::Value&) const override {
    co_return std::vector<std::string>();
  }

 private:
  OwnSchema schema_;

  static resources::Made made_of(const std::string& id) {
    return {.id = id, .attributes = templates::Value::map("Id", id)};
  }
};

}  // namespace matinee::cloudformation

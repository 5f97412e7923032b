// AWS::CloudFormation::Stack: a stack in a stack. What it is made of, it hands on to the service's
// own operations, and waits for what becomes of it.
#pragma once

#include "resources/type.h"
#include "services/cloudformation/special/own_schema.h"
#include "services/cloudformation/special/stack_watch.h"

namespace matinee::cloudformation {

using templates::Value;

class NestedStack final : public resources::ResourceType {
 public:
  static constexpr std::string_view name = "AWS::CloudFormation::Stack";

  explicit NestedStack(StackWatch& stacks);

  const resources::Schema& schema() const override { return schema_; }
  runtime::Task<resources::Made> create(resources::Subject& subject,
                                        const Value& properties) const override;
  runtime::Task<resources::Made> update(resources::Subject& subject, const std::string& id,
                                        const Value& before, const Value& after) const override;
  runtime::Task<void> remove(resources::Subject& subject, const std::string& id,
                             const Value& properties) const override;
  runtime::Task<Value> read(resources::Subject& subject, const std::string& id) const override;
  runtime::Task<std::vector<std::string>> list(resources::Subject& subject,
                                               const Value& model) const override;

 private:
  StackWatch& stacks_;
  OwnSchema schema_;

  runtime::Task<std::string> begin(resources::Subject& subject, const Value& properties) const;
  /// What it was before the one around it was changed, without a look at what its URL has now.
  runtime::Task<resources::Made> go_back(const resources::Subject& subject,
                                         const std::string& id) const;
};

}  // namespace matinee::cloudformation

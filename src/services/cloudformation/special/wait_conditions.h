// AWS::CloudFormation::WaitConditionHandle, whose id is a URL that takes signals, and
// AWS::CloudFormation::WaitCondition, which is there once it has had as many as it waits for.
#pragma once

#include "resources/type.h"
#include "services/cloudformation/special/answers.h"
#include "services/cloudformation/special/own_schema.h"
#include "services/cloudformation/special/stack_watch.h"

namespace matinee::cloudformation {

using templates::Value;

class WaitConditionHandle final : public resources::ResourceType {
 public:
  static constexpr std::string_view name = "AWS::CloudFormation::WaitConditionHandle";

  WaitConditionHandle(Answers& answers, storage::Store& store);

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
  Answers& answers_;
  storage::Store& store_;
  OwnSchema schema_;
};

/// Without a Handle it is signalled by SignalResource, as often as its CreationPolicy says.
class WaitCondition final : public resources::ResourceType {
 public:
  static constexpr std::string_view name = "AWS::CloudFormation::WaitCondition";

  WaitCondition(Answers& answers, StackWatch& stacks, storage::Store& store);

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
  struct Wanted;

  Answers& answers_;
  StackWatch& stacks_;
  storage::Store& store_;
  OwnSchema schema_;

  Wanted wanted_of(const resources::Subject& subject, const Value& properties) const;
};

/// Seconds of "PT1H30M5S"; nothing for other texts.
std::optional<std::int64_t> seconds_of_period(std::string_view text);

}  // namespace matinee::cloudformation

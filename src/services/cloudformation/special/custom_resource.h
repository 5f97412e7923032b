// AWS::CloudFormation::CustomResource and Custom::ANYTHING: a function or a topic is told what to
// do, and answers to a URL. Asked once for each step, also when a step is done again after a
// restart; waited for up to ServiceTimeout, an hour by default.
#pragma once

#include "resources/type.h"
#include "services/cloudformation/special/answers.h"
#include "services/cloudformation/special/documents.h"
#include "services/cloudformation/special/own_schema.h"

namespace matinee::cloudformation {

class CustomResource final : public resources::ResourceType {
 public:
  /// `answers` and `store` must outlive it.
  CustomResource(std::string type_name, Answers& answers, storage::Store& store);

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

  runtime::Task<CustomAnswer> ask(resources::Subject& subject, CustomRequest request) const;
  runtime::Task<> send(resources::Subject& subject, const CustomRequest& request) const;
  void note(resources::Subject& subject, const std::string& id) const;
};

}  // namespace matinee::cloudformation

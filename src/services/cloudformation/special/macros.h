// Macros: which function expands templates under which name, and their type of resource,
// AWS::CloudFormation::Macro.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "resources/type.h"
#include "services/cloudformation/special/answers.h"
#include "services/cloudformation/special/own_schema.h"
#include "services/reset.h"

namespace matinee::cloudformation {

/// Account, region, name.
using MacroKey = std::tuple<std::string, std::string, std::string>;

struct MacroRecord {
  std::string function;    // an ARN, or what names a function of the same account
  std::string properties;  // JSON, all of them
  std::string token;       // of the step that made it

  static constexpr auto fields = std::tuple{storage::field<1>(&MacroRecord::function),
                                            storage::field<2>(&MacroRecord::properties),
                                            storage::field<3>(&MacroRecord::token)};
};

class Macros final : public services::Resettable {
 public:
  explicit Macros(storage::Store& store) : store_(store), table_(store, macros_table) {}

  /// The function; empty where there is no such macro.
  std::string function_of(const MacroKey& key) const;
  void reset(const services::ResetScope& scope) override;

  storage::Store& store() { return store_; }
  storage::Table<MacroKey, MacroRecord>& table() { return table_; }

 private:
  storage::Store& store_;
  storage::Table<MacroKey, MacroRecord> table_;
};

class MacroType final : public resources::ResourceType {
 public:
  static constexpr std::string_view name = "AWS::CloudFormation::Macro";

  explicit MacroType(Macros& macros);

  const resources::Schema& schema() const override { return schema_; }
  runtime::Task<resources::Made> create(resources::Subject& subject,
                                        const templates::Value& properties) const override;
  runtime::Task<resources::Made> update(resources::Subject& subject, const std::string& id,
                                        const templates::Value& before,
                                        const templates::Value& after) const override;
  runtime::Task<void> remove(resources::Subject& subject, const std::string& id,
                             const templates::Value& properties) const override;
  runtime::Task<templates::Value> read(resources::Subject& subject,
                                       const std::string& id) const override;
  runtime::Task<std::vector<std::string>> list(resources::Subject& subject,
                                               const templates::Value& model) const override;

 private:
  Macros& macros_;
  OwnSchema schema_;
};

}  // namespace matinee::cloudformation

// The schemas of CloudFormation's own types are those of the registry, and differ in what cannot be
// said there: the outputs of a nested stack, and what a custom resource answers.
#pragma once

#include <string>
#include <vector>

#include "resources/schema.h"

namespace matinee::cloudformation {

/// From the schema of the registry.
struct SchemaDifferences {
  std::string type_name = {};         // empty: that of the registry
  std::string attribute_prefix = {};  // "Outputs.": whatever follows is an attribute
  bool has_any_attribute = false;
  bool is_never_replaced = false;
};

class OwnSchema final : public resources::Schema {
 public:
  /// `base` is a type of the registry.
  explicit OwnSchema(std::string_view base, SchemaDifferences differences = {});

  std::string_view type_name() const override { return type_name_; }
  std::vector<resources::Fault> check(const templates::Value& properties) const override {
    return base_.check(properties);
  }
  const std::vector<std::string>& properties() const override { return base_.properties(); }
  const std::vector<std::string>& create_only() const override {
    return differences_.is_never_replaced ? none_ : base_.create_only();
  }
  const std::vector<std::string>& conditional_create_only() const override { return none_; }
  const std::vector<std::string>& read_only() const override { return base_.read_only(); }
  const std::vector<std::string>& write_only() const override { return base_.write_only(); }
  const std::vector<std::string>& primary_identifier() const override {
    return base_.primary_identifier();
  }
  bool has_attribute(std::string_view attribute) const override;
  std::string_view tag_property() const override { return base_.tag_property(); }
  templates::Value shape(const templates::Value& told) const override { return base_.shape(told); }

 private:
  const resources::Schema& base_;
  SchemaDifferences differences_;
  std::string type_name_;
  std::vector<std::string> none_;
};

}  // namespace matinee::cloudformation

// What may be said of resources of CloudFormation's own types. They are few and small, so that
// their schemas are written here, and not read from data.
#pragma once

#include <string>
#include <vector>

#include "resources/schema.h"

namespace matinee::cloudformation {

struct OwnProperty {
  std::string name;
  bool is_required = false;
  /// Another resource has to be made where it changes.
  bool is_create_only = false;
};

class OwnSchema final : public resources::Schema {
 public:
  struct Rules {
    std::vector<OwnProperty> properties;
    bool is_open = false;  // takes properties of any other names too
    /// Names of Fn::GetAtt; one that ends in a point begins others.
    std::vector<std::string> attributes = {};
    bool has_any_attribute = false;
    std::string identifier = "Id";
  };

  OwnSchema(std::string type_name, Rules rules);

  std::string_view type_name() const override { return type_name_; }
  std::vector<resources::Fault> check(const templates::Value& properties) const override;
  const std::vector<std::string>& properties() const override { return names_; }
  const std::vector<std::string>& create_only() const override { return create_only_; }
  const std::vector<std::string>& conditional_create_only() const override { return none_; }
  const std::vector<std::string>& read_only() const override { return read_only_; }
  const std::vector<std::string>& write_only() const override { return none_; }
  const std::vector<std::string>& primary_identifier() const override { return identifier_; }
  bool has_attribute(std::string_view attribute) const override;

 private:
  std::string type_name_;
  Rules rules_;
  std::vector<std::string> names_;
  std::vector<std::string> create_only_;
  std::vector<std::string> read_only_;
  std::vector<std::string> identifier_;
  std::vector<std::string> none_;
};

}  // namespace matinee::cloudformation

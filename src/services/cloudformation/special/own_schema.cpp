#include "services/cloudformation/special/own_schema.h"

#include "runtime/assertion.h"

namespace matinee::cloudformation {

namespace {

const resources::Schema& require_schema(std::string_view name) {
  const resources::Schema* schema = resources::find_schema(name);
  runtime::expect(schema != nullptr, "the registry knows CloudFormation's own types");
  return *schema;
}

}  // namespace

OwnSchema::OwnSchema(std::string_view base, SchemaDifferences differences)
    : base_(require_schema(base)),
      differences_(std::move(differences)),
      type_name_(differences_.type_name.empty() ? std::string(base) : differences_.type_name) {}

bool OwnSchema::has_attribute(std::string_view attribute) const {
  const std::string& prefix = differences_.attribute_prefix;
  if (!prefix.empty() && attribute.starts_with(prefix) && attribute.size() > prefix.size())
    return true;
  return differences_.has_any_attribute || base_.has_attribute(attribute);
}

}  // namespace matinee::cloudformation

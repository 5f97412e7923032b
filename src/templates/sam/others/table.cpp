// AWS::Serverless::SimpleTable: a table with a key of one attribute.
#include <fmt/format.h>

#include <array>

#include "templates/sam/others/others.h"
#include "templates/sam/properties.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

struct Key {
  Value name = "id";
  std::string type = "S";
};

Key read_key(const std::string& id, const Value& key) {
  for (const Member& member : key.members())
    if (!member.value.is_string() && !is_function(key))
      throw SamFault{id, "Type of property 'PrimaryKey' is invalid.", member.value.place()};
  for (const std::string_view name : {"Name", "Type"})
    if (!key.find(name))
      throw SamFault{id, fmt::format("Property 'PrimaryKey.{}' is required.", name), key.place()};
  const std::string& type = key.find("Type")->text();
  if (type != "String" && type != "Number" && type != "Binary")
    throw SamFault{id, fmt::format("Invalid 'Type' \"{}\".", type), key.find("Type")->place()};
  return {*key.find("Name"), type.substr(0, 1)};
}

}  // namespace

void translate_table(Translation& translation, const std::string& id, const Value& source) {
  const Value* given = source.find("Properties");
  check_properties({id, "AWS::Serverless::SimpleTable", given}, rules_of_resource("SimpleTable"));
  const Value none = Value::map();
  const Value& wanted = given ? *given : none;
  Value table = make_main_resource("AWS::DynamoDB::Table", source);
  for (const std::string_view attribute : {"Metadata", "UpdatePolicy"})
    set_given(table, attribute, find_given(source, attribute));
  Value& properties = table["Properties"];
  const Value* primary = find_given(wanted, "PrimaryKey");
  const Key key = primary ? read_key(id, *primary) : Key();
  Value definition;
  definition.set("AttributeName", key.name).set("AttributeType", key.type);
  Value element;
  element.set("AttributeName", key.name).set("KeyType", "HASH");
  properties.set("AttributeDefinitions", list_of({std::move(definition)}));
  properties.set("KeySchema", list_of({std::move(element)}));
  const Value* throughput = find_given(wanted, "ProvisionedThroughput");
  if (!is_nothing(throughput))
    properties.set("ProvisionedThroughput", *throughput);
  else
    properties.set("BillingMode", "PAY_PER_REQUEST");
  for (const std::string_view name :
       {"TableName", "SSESpecification", "PointInTimeRecoverySpecification"})
    if (const Value* value = find_given(wanted, name); !is_nothing(value))
      properties.set(name, *value);
  if (const Value* tags = find_given(wanted, "Tags"); !is_nothing(tags))
    properties.set("Tags", list_tags(id, tags, {}));
  translation.add(id, std::move(table));
}

}  // namespace matinee::templates::sam

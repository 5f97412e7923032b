#include "services/cloudformation/planning/hidden.h"

#include "services/cloudformation/planning/evaluating.h"
#include "templates/dynamic_references.h"

namespace matinee::cloudformation {

std::optional<Value> shown_attribute(const Value& attributes, const Value& properties,
                                     const Value& shown, std::string_view path) {
  const std::optional<Value> open = attribute_of(Value::map(), properties, path);
  const std::optional<Value> told = attribute_of(Value::map(), shown, path);
  if (told) return told;
  if (open) return Value(hidden_value);
  return attribute_of(attributes, Value::map(), path);
}

Value with_references_hidden(const Value& value) {
  if (value.is_string()) {
    for (const templates::DynamicReference& reference : templates::find_dynamic_references(value))
      if (reference.service != templates::DynamicReference::Service::ssm)
        return Value(hidden_value);
    return value;
  }
  if (value.is_list()) {
    Value result = Value::list();
    for (const Value& element : value.elements()) result.append(with_references_hidden(element));
    return result;
  }
  Value result = value;
  for (templates::Member& member : result.members())
    member.value = with_references_hidden(member.value);
  return result;
}

}  // namespace matinee::cloudformation

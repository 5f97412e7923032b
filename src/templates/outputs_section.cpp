#include "templates/functions.h"
#include "templates/template_sections.h"

namespace matinee::templates {

namespace {

class OutputReader {
 public:
  OutputReader(const Member& member, Faults& faults) : member_(member), faults_(faults) {}

  Output read() {
    output_.name = member_.name;
    output_.place = member_.place;
    if (!is_alphanumeric(member_.name))
      fault(fmt::format("Template format error: Output name {} is non alphanumeric.", member_.name),
            member_.place);
    if (!member_.value.is_map()) {
      fault("Template format error: Any Outputs member must be an object.", member_.place);
      return std::move(output_);
    }
    read_value();
    for (const Member& property : member_.value.members()) read_property(property);
    return std::move(output_);
  }

 private:
  const Member& member_;
  Faults& faults_;
  Output output_;

  void fault(std::string message, Place place) { faults_.emplace_back(std::move(message), place); }

  void read_value() {
    const Value* value = member_.value.find("Value");
    if (!value)
      return fault("Template format error: Every Outputs member must contain a Value object",
                   member_.place);
    if (value->is_list() || (value->is_map() && !as_call(*value)))
      return fault(
          "Template format error: The Value field of every Outputs member must evaluate "
          "to a String.",
          value->place());
    output_.value = *value;
  }

  void read_property(const Member& property) {
    const std::string& name = property.name;
    const Value& value = property.value;
    if (name == "Value") return;
    if (name == "Description" || name == "Condition") {
      if (!value.is_scalar() && !value.is_null())
        return fault(fmt::format("Template format error: Every {} member must be a string.", name),
                     property.place);
      if (name == "Condition")
        output_.condition = value.text();
      else
        output_.description = value.text();
    } else if (name == "Export") {
      const Value* export_name = value.find("Name");
      if (!export_name || value.members().size() != 1)
        return fault(fmt::format("Template format error: Output {} is malformed. The Export field "
                                 "must contain a Name, and nothing else.",
                                 member_.name),
                     property.place);
      output_.export_name = *export_name;
    } else {
      fault(fmt::format("Invalid template output property '{}'", name), property.place);
    }
  }
};

bool is_leaf(const Value& value) {
  if (value.is_list()) return std::ranges::all_of(value.elements(), &Value::is_scalar);
  return value.is_scalar() || value.is_null();
}

void check_mapping(const Member& mapping, Faults& faults) {
  if (!is_alphanumeric(mapping.name))
    faults.emplace_back(
        fmt::format("Template format error: Mappings name '{}' is non alphanumeric.", mapping.name),
        mapping.place);
  if (!mapping.value.is_map()) {
    faults.emplace_back("Template format error: Any Mappings member must be an object.",
                        mapping.place);
    return;
  }
  for (const Member& key : mapping.value.members()) {
    if (!key.value.is_map()) {
      faults.emplace_back(
          fmt::format("Template format error: Every Mappings member {} must be a map", key.name),
          key.place);
      continue;
    }
    for (const Member& attribute : key.value.members()) {
      if (!is_leaf(attribute.value))
        faults.emplace_back(
            "Template format error: Every Mappings attribute must be a String or a List.",
            attribute.place);
    }
  }
}

}  // namespace

std::vector<Output> read_outputs(const Value& root, Faults& faults) {
  std::vector<Output> outputs;
  const Value* section = root.find("Outputs");
  if (!section || section->is_null()) return outputs;
  if (!section->is_map()) {
    faults.emplace_back("Template format error: Any Outputs member must be an object.",
                        section->place());
    return outputs;
  }
  if (section->members().size() > max_outputs) {
    faults.push_back(too_many("outputs", *section, max_outputs));
    return outputs;
  }
  for (const Member& member : section->members())
    outputs.push_back(OutputReader(member, faults).read());
  return outputs;
}

void check_mappings(const Value& root, Faults& faults) {
  const Value* section = root.find("Mappings");
  if (!section || !section->is_map()) return;
  if (section->members().size() > max_mappings)
    faults.push_back(too_many("mappings", *section, max_mappings));
  for (const Member& mapping : section->members()) check_mapping(mapping, faults);
}

}  // namespace matinee::templates

#include "resources/schema_tree.h"

#include <algorithm>

#include "templates/template_error.h"
#include "templates/text_readers.h"

namespace matinee::resources {

namespace {

using templates::Member;

bool is_called(std::string_view name, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(name, other, {}, lower, lower);
}

Value document_of(const Value& text) {
  if (!text.is_string() || text.text().find_first_of("{[") == std::string::npos) return text;
  try {
    return templates::read_json(text.text());
  } catch (const templates::TemplateError&) {
    return text;
  }
}

Value pairs_of(const Value& map) {
  Value pairs = Value::list();
  for (const Member& member : map.members())
    pairs.append(Value::map("Key", member.name).set("Value", member.value));
  return pairs;
}

Value map_of(const Value& pairs) {
  Value map = Value::map();
  for (const Value& pair : pairs.elements())
    if (const Value* value = pair.find("Value")) map.set(pair.text_or("Key"), *value);
  return map;
}

class Shaper {
 public:
  explicit Shaper(const Value& whole) : whole_(whole) {}

  Value shape(const Value& part, const Value& told) const {
    if (told.is_map()) {
      if (allows_type(part, "array") && !allows_type(part, "object"))
        return list(part, pairs_of(told));
      return map(part, told);
    }
    if (told.is_list()) {
      if (allows_type(part, "object") && !allows_type(part, "array"))
        return map(part, map_of(told));
      return list(part, told);
    }
    return scalar(part, told);
  }

 private:
  const Value& whole_;

  Value map(const Value& part, const Value& told) const {
    if (!part.find("properties") && !part.find("patternProperties")) return told;
    Value made = Value::map();
    if (const Value* properties = part.find("properties"))
      for (const Member& property : properties->members()) {
        const auto found = std::ranges::find_if(told.members(), [&](const Member& member) {
          return is_called(member.name, property.name);
        });
        const Value* schema = followed(whole_, &property.value);
        if (found != told.members().end() && schema && !found->value.is_null())
          made.set(property.name, shape(*schema, found->value));
      }
    if (part.find("patternProperties"))
      for (const Member& member : told.members())
        if (const Value* schema = member_schema(whole_, part, member.name))
          made.set(member.name, shape(*schema, member.value));
    return made;
  }

  Value list(const Value& part, const Value& told) const {
    const Value* items = followed(whole_, part.find("items"));
    if (!items) return told;
    Value made = Value::list();
    for (const Value& element : told.elements()) made.append(shape(*items, element));
    return made;
  }

  Value scalar(const Value& part, const Value& told) const {
    const bool is_text = allows_type(part, "string");
    if (allows_type(part, "object") || allows_type(part, "array")) {
      Value document = document_of(told);
      if (!document.is_scalar()) return shape(part, document);
    }
    if (!is_text && told.is_string()) {
      if (allows_type(part, "boolean") && (told.text() == "true" || told.text() == "false"))
        return told.text() == "true";
      if ((allows_type(part, "integer") || allows_type(part, "number")) && !told.text().empty())
        return Value::number(told.text());
    }
    if (is_text && !told.is_string() && part.find("type") && !allows_type(part, "number") &&
        !allows_type(part, "integer") && !allows_type(part, "boolean"))
      return told.text();
    return told;
  }
};

}  // namespace

const Value* followed(const Value& whole, const Value* part) {
  constexpr std::string_view prefix = "#/definitions/";
  for (int steps = 0; part && steps < 10; ++steps) {
    const Value* reference = part->find("$ref");
    if (!reference || !reference->text().starts_with(prefix)) return part;
    const Value* definitions = whole.find("definitions");
    part = definitions ? definitions->find(reference->text().substr(prefix.size())) : nullptr;
  }
  return part;
}

const Value* member_schema(const Value& whole, const Value& part, std::string_view name) {
  if (const Value* properties = part.find("properties"))
    if (const Value* found = properties->find(name)) return followed(whole, found);
  // The patterns of AWS's schemas say what names may be, not which of two schemas is meant.
  if (const Value* patterns = part.find("patternProperties");
      patterns && !patterns->members().empty())
    return followed(whole, &patterns->members()[0].value);
  const Value* more = part.find("additionalProperties");
  return more && more->is_map() ? followed(whole, more) : nullptr;
}

bool allows_type(const Value& part, std::string_view type) {
  const Value* types = part.find("type");
  if (!types)
    return type == "object"  ? part.find("properties") != nullptr
           : type == "array" ? part.find("items") != nullptr
                             : !part.find("properties") && !part.find("items");
  if (types->is_string()) return types->text() == type;
  return std::ranges::any_of(types->elements(),
                             [&](const Value& allowed) { return allowed.text() == type; });
}

Value shaped(const Value& schema, const Value& told) {
  return Shaper(schema).shape(schema, told);
}

}  // namespace matinee::resources

// The writing half of xml.h.
#include "protocol/text_value.h"
#include "protocol/xml.h"

namespace matinee::protocol::xml {
namespace {

constexpr std::string_view schema_instance = "http://www.w3.org/2001/XMLSchema-instance";

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return "";
  }
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && c != '&' && c != '<' && c != '>' && c != '"') || c == '\n' || c == '\t';
}

void append_value(std::string& out, const Field& field, const Type& type, const void* value);

void open(std::string& out, std::string_view name) {
  out += '<';
  out += name;
  out += '>';
}

void close(std::string& out, std::string_view name) {
  out += "</";
  out += name;
  out += '>';
}

void append_attribute(std::string& out, std::string_view name, std::string_view text) {
  out += ' ';
  out += name;
  out += "=\"";
  append_escaped(out, text);
  out += '"';
}

/// `<name attributes…>` with the members that are attributes.
void open_structure(std::string& out, std::string_view name, const Structure& structure,
                    const void* object) {
  out += '<';
  out += name;
  for (const Field& field : structure.fields) {
    if (!field.xml_attribute) continue;
    const void* value = field.find(object);
    if (!value) continue;
    if (field.wire_name.starts_with("xsi:")) append_attribute(out, "xmlns:xsi", schema_instance);
    std::string text;
    append_text(text, *field.type, TimestampFormat::iso8601, value);
    append_attribute(out, field.wire_name, text);
  }
  out += '>';
}

/// One element with a value of any type inside. `field` is the member that it is part of.
void append_named(std::string& out, std::string_view name, const Field& field, const Type& type,
                  const void* value) {
  if (type.kind == Kind::structure)
    open_structure(out, name, *type.structure, value);
  else
    open(out, name);
  append_value(out, field, type, value);
  close(out, name);
}

void append_list(std::string& out, std::string_view name, const Field& field, const void* list) {
  const Type& type = *field.type;
  const std::size_t size = type.list->size(list);
  for (std::size_t i = 0; i < size; ++i)
    append_named(out, name, field, *type.element, type.list->at(list, i));
}

void append_map(std::string& out, std::string_view name, const Type& type, const Field& field,
                const void* map) {
  struct Visit {
    std::string& out;
    std::string_view name;
    const Type& type;
    const Field& field;
  } visit{out, name, type, field};
  type.map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
    auto& self = *static_cast<Visit*>(context);
    open(self.out, self.name);
    append_element(self.out, self.type.key_name, key);
    append_named(self.out, self.type.element_name, self.field, *self.type.element, value);
    close(self.out, self.name);
  });
}

void append_value(std::string& out, const Field& field, const Type& type, const void* value) {
  if (type.kind == Kind::structure) return append_members(out, *type.structure, value);
  if (type.kind == Kind::list) {
    const std::size_t size = type.list->size(value);
    for (std::size_t i = 0; i < size; ++i)
      append_named(out, type.element_name, field, *type.element, type.list->at(value, i));
    return;
  }
  if (type.kind == Kind::map) return append_map(out, "entry", type, field, value);
  if (type.kind == Kind::string)
    return append_escaped(out, *static_cast<const std::string*>(value));
  append_text(out, type, timestamp_format(field, TimestampFormat::iso8601), value);
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) continue;
    out.append(text.substr(start, i - start));
    start = i + 1;
    if (const std::string_view escape = escape_of(text[i]); !escape.empty()) {
      out += escape;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    out += "&#x";
    if (byte >= 16) out += digits[byte >> 4];
    out += digits[byte & 15];
    out += ';';
  }
  out.append(text.substr(start));
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  open(out, name);
  append_escaped(out, text);
  close(out, name);
}

void append_members(std::string& out, const Structure& structure, const void* object) {
  for (const Field& field : structure.fields) {
    if (field.location != Location::body || field.xml_attribute) continue;
    const void* value = field.find(object);
    if (!value) continue;
    if (field.flattened && field.type->kind == Kind::list)
      append_list(out, field.wire_name, field, value);
    else if (field.flattened && field.type->kind == Kind::map)
      append_map(out, field.wire_name, *field.type, field, value);
    else
      append_named(out, field.wire_name, field, *field.type, value);
  }
}

void append_root(std::string& out, std::string_view name, std::string_view xml_namespace,
                 const Structure& structure, const void* object) {
  std::string start;
  open_structure(start, name, structure, object);
  if (!xml_namespace.empty()) {
    start.pop_back();
    append_attribute(start, "xmlns", xml_namespace);
    start += '>';
  }
  out += start;
  append_members(out, structure, object);
  close(out, name);
}

}  // namespace matinee::protocol::xml

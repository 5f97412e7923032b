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

/// Writes what is in one member of a structure, whatever it is made of.
class MemberWriter {
 public:
  MemberWriter(std::string& out, const Field& field) : out_(out), field_(field) {}

  void write(const void* value) {
    const Type& type = *field_.type;
    if (field_.flattened && type.kind == Kind::list)
      list(field_.wire_name, type, value);
    else if (field_.flattened && type.kind == Kind::map)
      map(field_.wire_name, type, value);
    else
      element(field_.wire_name, type, value);
  }

 private:
  std::string& out_;
  const Field& field_;

  void element(std::string_view name, const Type& type, const void* value) {
    if (type.kind == Kind::structure)
      open_structure(out_, name, *type.structure, value);
    else
      open(out_, name);
    content(type, value);
    close(out_, name);
  }

  void content(const Type& type, const void* value) {
    switch (type.kind) {
      case Kind::structure:
        return append_members(out_, *type.structure, value);
      case Kind::list:
        return list(type.element_name, type, value);
      case Kind::map:
        return map("entry", type, value);
      case Kind::string:
        return append_escaped(out_, *static_cast<const std::string*>(value));
      default:
        append_text(out_, type, timestamp_format(field_, TimestampFormat::iso8601), value);
    }
  }

  void list(std::string_view name, const Type& type, const void* value) {
    const std::size_t size = type.list->size(value);
    for (std::size_t i = 0; i < size; ++i) element(name, *type.element, type.list->at(value, i));
  }

  void map(std::string_view name, const Type& type, const void* value) {
    struct Visit {
      MemberWriter& writer;
      std::string_view name;
      const Type& type;
    } visit{*this, name, type};
    type.map->each(value, &visit, [](void* context, const std::string& key, const void* entry) {
      auto& self = *static_cast<Visit*>(context);
      std::string& out = self.writer.out_;
      open(out, self.name);
      append_element(out, self.type.key_name, key);
      self.writer.element(self.type.element_name, *self.type.element, entry);
      close(out, self.name);
    });
  }
};

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
    MemberWriter(out, field).write(value);
  }
}

void append_document(std::string& out, const Root& root) {
  out += declaration;
  open_structure(out, root.name, root.structure, root.object);
  if (!root.xml_namespace.empty()) {
    out.pop_back();
    append_attribute(out, "xmlns", root.xml_namespace);
    out += '>';
  }
  append_members(out, root.structure, root.object);
  close(out, root.name);
}

}  // namespace matinee::protocol::xml

// The reading half of xml.h.
#include <pugixml.hpp>

#include "protocol/error.h"
#include "protocol/path.h"
#include "protocol/text_value.h"
#include "protocol/utf8.h"
#include "protocol/xml.h"

namespace matinee::protocol::xml {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// All text right below an element: comments and CDATA sections may split it.
std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& child : node.children())
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
      text += child.value();
  return text;
}

class Reader {
 public:
  explicit Reader(Violations* violations) : violations_(violations) {}

  void members(const Structure& structure, const pugi::xml_node& node, void* object,
               const Path& path) {
    for (const Field& field : structure.fields) {
      if (field.location != Location::body) continue;
      const Path place = path.member(field.name);
      if (read_field(field, node, object, place) || !field.required || !violations_) continue;
      violations_->push_back({Rule::required, place.text(), "null", field.type, &field});
    }
  }

 private:
  Violations* violations_;

  /// Whether the member is there.
  bool read_field(const Field& field, const pugi::xml_node& node, void* object, const Path& path) {
    if (field.xml_attribute) return read_attribute(field, node, object);
    const pugi::xml_node first = find_child(node, field.wire_name);
    if (!first) return false;
    void* value = field.emplace(object);
    const Type& type = *field.type;
    if (field.flattened && type.kind == Kind::list) {
      std::size_t index = 0;
      for (pugi::xml_node item = first; item; item = item.next_sibling())
        if (local_name(item) == field.wire_name)
          read_value(*type.element, item, type.list->append(value), path.element(index++));
    } else if (field.flattened && type.kind == Kind::map) {
      for (pugi::xml_node item = first; item; item = item.next_sibling())
        if (local_name(item) == field.wire_name) read_entry(type, item, value, path);
    } else {
      read_value(type, first, value, path);
    }
    return true;
  }

  static bool read_attribute(const Field& field, const pugi::xml_node& node, void* object) {
    const std::string_view wanted = field.wire_name.substr(field.wire_name.rfind(':') + 1);
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      const std::string_view name = attribute.name();
      if (name.substr(name.rfind(':') + 1) != wanted || name.starts_with("xmlns")) continue;
      if (!parse_text(*field.type, attribute.value(), field.emplace(object))) refuse();
      return true;
    }
    return false;
  }

  void read_entry(const Type& type, const pugi::xml_node& node, void* map, const Path& path) {
    const pugi::xml_node key = find_child(node, type.key_name);
    const pugi::xml_node value = find_child(node, type.element_name);
    if (!key || !value) refuse();
    const std::string name = text_of(key);
    bool inserted = false;
    void* target = type.map->insert(map, name, &inserted);
    read_value(*type.element, value, target, path.entry(name));
  }

  void read_value(const Type& type, const pugi::xml_node& node, void* value, const Path& path) {
    if (type.kind == Kind::structure) return members(*type.structure, node, value, path);
    if (type.kind == Kind::list) {
      std::size_t index = 0;
      for (const pugi::xml_node& item : node.children())
        if (local_name(item) == type.element_name)
          read_value(*type.element, item, type.list->append(value), path.element(index++));
      return;
    }
    if (type.kind == Kind::map) {
      for (const pugi::xml_node& item : node.children())
        if (local_name(item) == "entry") read_entry(type, item, value, path);
      return;
    }
    const std::string text = text_of(node);
    if (!parse_text(type, type.kind == Kind::string ? text : trim(text), value)) refuse();
  }
};

}  // namespace

void refuse() {
  throw ServiceError("MalformedXML", 400,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
}

pugi::xml_node parse(pugi::xml_document& document, std::string_view text) {
  if (text.size() > max_document || !is_utf8(text)) refuse();
  constexpr unsigned options = pugi::parse_escapes | pugi::parse_cdata | pugi::parse_eol |
                               pugi::parse_ws_pcdata_single | pugi::parse_doctype;
  if (!document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8)) refuse();
  for (const pugi::xml_node& node : document.children())
    if (node.type() == pugi::node_doctype) refuse();
  const pugi::xml_node root = document.document_element();
  if (!root) refuse();
  return root;
}

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);
}

pugi::xml_node find_child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& child : node.children())
    if (local_name(child) == name) return child;
  return {};
}

std::string child_text(const pugi::xml_node& node, std::string_view name) {
  return text_of(find_child(node, name));
}

void read_members(const Structure& structure, const pugi::xml_node& node, void* object,
                  const Report& report) {
  const Path root;
  Reader(report.violations)
      .members(structure, node, object, report.place.empty() ? root : root.member(report.place));
}

}  // namespace matinee::protocol::xml

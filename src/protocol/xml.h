// XML to and from the structures that tables describe. Element names are the tables' wire names;
// unknown elements are ignored.
#pragma once

#include <string>
#include <string_view>

#include "protocol/violation.h"

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace matinee::protocol::xml {

inline constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

// Writing.

/// Escapes markup, and as numbers the characters that would not come through: control characters
/// (which XML 1.0 forbids but S3 sends all the same) and carriage returns.
void append_escaped(std::string& out, std::string_view text);
/// `<name>text</name>`
void append_element(std::string& out, std::string_view name, std::string_view text);
/// The members of `object` that belong into a body, each as its element or elements.
void append_members(std::string& out, const Structure& structure, const void* object);
/// A whole document.
struct Root {
  std::string_view name;
  std::string_view xml_namespace;  // may be empty
  const Structure& structure;
  const void* object;
};
void append_document(std::string& out, const Root& root);

// Reading.

/// Above this many bytes a document is refused.
inline constexpr std::size_t max_document = std::size_t{8} << 20;

/// Parses `text` and gives the root element. Throws ServiceError "MalformedXML" (400) where it is
/// not well-formed, not UTF-8, too large, or has a document type: entities are not expanded.
pugi::xml_node parse(pugi::xml_document& document, std::string_view text);

/// The name without its prefix.
std::string_view local_name(const pugi::xml_node& node);
/// The first child element of this name, or an empty node.
pugi::xml_node find_child(const pugi::xml_node& node, std::string_view name);
std::string child_text(const pugi::xml_node& node, std::string_view name);

/// Where required members that are missing are reported.
struct Report {
  Violations* violations = nullptr;  // null: nowhere
  std::string_view place = "";       // their paths are below it
};

/// Reads the members of a body from the children and attributes of `node`. Throws
/// ServiceError "MalformedXML" where a text is no value of its member's type.
void read_members(const Structure& structure, const pugi::xml_node& node, void* object,
                  const Report& report = {});

[[noreturn]] void refuse();

}  // namespace matinee::protocol::xml

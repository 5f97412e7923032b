#include "services/sns/message.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "protocol/base64.h"
#include "services/sns/names.h"

namespace matinee::sns {

namespace {

constexpr std::size_t longest_subject = 100;

/// One of the three types, with or without a dot and a name of the user's own.
bool is_type(std::string_view type) {
  for (const std::string_view base : {"String", "Number", "Binary"}) {
    if (type == base) return true;
    if (type.size() > base.size() + 1 && type.starts_with(base) && type[base.size()] == '.')
      return true;
  }
  return false;
}

bool is_name(std::string_view name) {
  constexpr std::size_t longest = 256;
  if (name.empty() || name.size() > longest || name.starts_with('.') || name.ends_with('.') ||
      name.find("..") != std::string_view::npos)
    return false;
  return std::ranges::all_of(name, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
  });
}

bool is_number(std::string_view text) {
  simdjson::dom::parser parser;
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  simdjson::dom::element value;
  return !parser.parse(digits.data(), digits.size()).get(value) && value.is_number();
}

[[noreturn]] void refuse_value(std::string_view text) {
  throw InvalidParameterValueException(std::string(text));
}

void require_attribute(const std::string& name, const MessageAttributeValue& value) {
  if (!is_name(name))
    refuse_value(fmt::format(
        "Invalid attribute name '{}': it has letters, digits, hyphens, underscores and periods.",
        name));
  const std::string& type = value.data_type;
  if (!is_type(type))
    refuse_value(fmt::format(
        "The message attribute '{}' has an invalid message attribute type, the set of supported "
        "type prefixes is Binary, Number, and String.",
        name));
  const bool is_binary = type.starts_with("Binary");
  const bool has_text = value.string_value && !value.string_value->empty();
  const bool has_bytes = value.binary_value && !value.binary_value->bytes.empty();
  if (is_binary ? !has_bytes : !has_text)
    refuse_value(fmt::format(
        "The message attribute '{}' must contain non-empty message attribute value for message "
        "attribute type '{}'.",
        name, type));
  if (type == "Number" && !is_number(*value.string_value))
    refuse_value(fmt::format("Could not cast message attribute '{}' value to number.", name));
}

/// A character of a subject: printing ASCII and spaces, or beyond ASCII.
bool is_subject(std::string_view subject) {
  if (subject.empty() || subject.size() > longest_subject) return false;
  return std::ranges::all_of(subject, [](char letter) {
    return static_cast<unsigned char>(letter) >= 0x20 && letter != 0x7f;
  });
}

}  // namespace

Texts texts_of(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object))
    refuse("Message Structure - JSON message body failed to parse");
  Texts texts;
  for (const auto& [name, value] : object) {
    std::string_view text;
    if (!value.get(text)) texts.insert_or_assign(std::string(name), std::string(text));
  }
  if (!texts.contains("default"))
    refuse("Message Structure - No default entry in JSON message body");
  return texts;
}

std::size_t size_of(const Published& published) {
  std::size_t size = published.message.size();
  if (published.attributes)
    for (const auto& [name, value] : *published.attributes)
      size += name.size() + value.data_type.size() + value.string_value.value_or("").size() +
              (value.binary_value ? value.binary_value->bytes.size() : 0);
  return size;
}

std::optional<Texts> require_message(const Published& published, std::size_t most) {
  if (published.message.empty()) refuse("Empty message");
  if (published.subject && !is_subject(*published.subject)) refuse("Subject");
  if (published.attributes)
    for (const auto& [name, value] : *published.attributes) require_attribute(name, value);
  if (size_of(published) > most) refuse("Message too long");
  if (!published.structure) return std::nullopt;
  if (*published.structure != "json") refuse("MessageStructure");
  return texts_of(published.message);
}

std::string_view Message::text_for(std::string_view protocol) const {
  if (!texts) return text;
  auto found = texts->find(protocol);
  if (found == texts->end()) found = texts->find("default");
  return found->second;
}

std::vector<services::MessageAttribute> attributes_of(
    const std::optional<MessageAttributes>& given) {
  std::vector<services::MessageAttribute> attributes;
  if (!given) return attributes;
  for (const auto& [name, value] : *given)
    attributes.push_back({.name = name,
                          .type = value.data_type,
                          .value = value.binary_value && value.data_type.starts_with("Binary")
                                       ? value.binary_value->bytes
                                       : value.string_value.value_or("")});
  return attributes;
}

std::string sequence_text(std::uint64_t sequence) {
  return fmt::format("{:020}", sequence);
}

}  // namespace matinee::sns

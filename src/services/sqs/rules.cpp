#include "services/sqs/rules.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "protocol/letters.h"
#include "protocol/utf8.h"
#include "services/from_cloudformation.h"

namespace matinee::sqs {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_';
  });
}

bool is_allowed(char32_t c) {
  if (c < 0x20) return c == 0x9 || c == 0xa || c == 0xd;
  return c <= 0xd7ff || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/// The first character that SQS does not transport, or nothing. Plain ASCII takes the short way.
std::optional<char32_t> find_forbidden_character(std::string_view text) {
  bool plain = true;
  for (const char c : text) plain &= c >= 0x20;
  if (plain) return std::nullopt;
  while (!text.empty()) {
    const char32_t c = protocol::next_character(text);
    if (!is_allowed(c)) return c;
  }
  return std::nullopt;
}

[[noreturn]] void refuse(std::string message) {
  throw InvalidParameterValueException(std::move(message));
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::ranges::equal(text.substr(0, lower_case.size()), lower_case, [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

/// Letters and digits are those of any language.
void require_attribute_name(const std::string& name) {
  if (name.empty()) refuse("The message attribute name must not be empty.");
  if (name.size() > 256)
    refuse(fmt::format("Length of message attribute name must be less than 256 bytes."));
  for (std::string_view rest = name; !rest.empty();) {
    const char32_t c = protocol::next_character(rest);
    if (!protocol::is_letter_or_digit(c) && c != '_' && c != '-' && c != '.')
      refuse(fmt::format(
          "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. "
          "Can only include alphanumeric characters, hyphens, underscores, or periods.",
          static_cast<std::uint32_t>(c)));
  }
  if (name.starts_with('.') || name.ends_with('.') || name.contains(".."))
    refuse(
        fmt::format("Invalid message attribute name '{}': periods must stand between other "
                    "characters, one at a time.",
                    name));
  if (starts_with_ignoring_case(name, "aws.") || starts_with_ignoring_case(name, "amazon."))
    refuse(
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These "
        "strings are reserved for internal use.");
}

bool has_type(std::string_view type, std::string_view base) {
  return type == base || (type.starts_with(base) && type[base.size()] == '.');
}

/// Digits that matter: not those of the exponent, nor zeros in front.
std::ptrdiff_t count_digits(std::string_view number) {
  const std::string_view mantissa = number.substr(0, number.find_first_of("eE"));
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return 1;
  return std::ranges::count_if(mantissa.substr(first), [](char c) { return c != '.'; });
}

/// Up to 38 digits, between -10^128 and 10^126.
bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (count_digits(text) > 38) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > -1e128 &&
         value < 1e126;
}

void require_tag_text(std::string_view text) {
  constexpr std::string_view others = " \t\n\r_.:/=+-@\"";
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x80 && !is_letter_or_digit(c) && !others.contains(c))
      refuse_value("Tags", text,
                   "Tags can only include letters, digits, white space and _ . : / = + - @ \".");
}

template <class Value>
void require_no_lists(const Value& value, std::string_view operation) {
  if (value.string_list_values || value.binary_list_values)
    throw UnsupportedOperation(
        fmt::format("Message attribute list values in {} operation are not supported.", operation));
}

template <class Value>
void require_value(const std::string& name, const Value& value) {
  const std::string& type = value.data_type;
  if (type.empty())
    refuse(fmt::format("The message attribute '{}' must contain non-empty message attribute type.",
                       name));
  if (type.size() > 256)
    refuse(fmt::format("The message attribute '{}' has a type of more than 256 bytes.", name));
  const bool binary = has_type(type, "Binary");
  if (!binary && !has_type(type, "String") && !has_type(type, "Number"))
    refuse(
        fmt::format("The type of message (user) attribute '{}' is invalid. You must use only the "
                    "following supported type prefixes: Binary, Number, String.",
                    name));
  require_no_lists(value, "SendMessage");
  const bool given = binary ? value.binary_value && !value.binary_value->bytes.empty()
                            : value.string_value && !value.string_value->empty();
  if (!given)
    refuse(fmt::format("Message (user) attribute '{}' must contain a non-empty value of type '{}'.",
                       name, type));
  if (binary) return;
  if (value.binary_value)
    refuse(fmt::format("The message attribute '{}' must contain either a string or a binary value.",
                       name));
  if (const auto bad = find_forbidden_character(*value.string_value))
    refuse(fmt::format("Invalid binary character '#x{:x}' was found in the message attribute '{}'.",
                       static_cast<std::uint32_t>(*bad), name));
  if (has_type(type, "Number") && !is_number(*value.string_value))
    refuse(fmt::format("Can't cast the value of message attribute '{}' to a number.", name));
}

}  // namespace

void refuse_value(std::string_view parameter, std::string_view value, std::string_view reason) {
  refuse(fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, parameter, reason));
}

void refuse_missing(std::string_view parameter) {
  throw MissingRequiredParameterException(
      fmt::format("The request must contain the parameter {}.", parameter));
}

void require_queue_name(std::string_view name, bool fifo) {
  if (!fifo) {
    if (!is_name(name, 80))
      refuse(
          "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
          "length");
    return;
  }
  constexpr std::string_view suffix = ".fifo";
  if (name.size() > 80 || !name.ends_with(suffix) ||
      !is_name(name.substr(0, name.size() - suffix.size()), 80))
    refuse(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
        "underscores, must end with .fifo suffix and be 1 to 80 in length.");
}

bool is_queue_name(std::string_view name) {
  if (name.ends_with(".fifo"))
    return name.size() <= 80 && is_name(name.substr(0, name.size() - 5), 75);
  return is_name(name, 80);
}

void require_label(std::string_view label) {
  if (!is_name(label, 80))
    refuse_value("Label", label,
                 "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
                 "length.");
}

void require_body(std::string_view body) {
  if (body.empty()) refuse_missing("MessageBody");
  if (const auto bad = find_forbidden_character(body))
    throw InvalidMessageContents(fmt::format(
        "Invalid binary character '#x{:x}' was found in the message body, the set of allowed "
        "characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        static_cast<std::uint32_t>(*bad)));
}

void require_token(std::string_view parameter, std::string_view token) {
  const bool printing = std::ranges::all_of(token, [](char c) { return c >= '!' && c <= '~'; });
  if (!token.empty() && token.size() <= 128 && printing) return;
  refuse_value(parameter, token,
               fmt::format("{} can only include alphanumeric and punctuation characters. 1 to 128 "
                           "in length.",
                           parameter));
}

void require_no_lists_in_batch(const std::map<std::string, MessageAttributeValue>& attributes) {
  for (const auto& [name, value] : attributes) require_no_lists(value, "SendMessageBatch");
}

void require_no_lists_in_batch(
    const std::map<std::string, MessageSystemAttributeValue>& attributes) {
  for (const auto& [name, value] : attributes) require_no_lists(value, "SendMessageBatch");
}

void require_attributes(const std::map<std::string, MessageAttributeValue>& attributes) {
  if (attributes.size() > max_message_attributes)
    refuse(fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                       attributes.size(), max_message_attributes));
  for (const auto& [name, value] : attributes) {
    require_attribute_name(name);
    require_value(name, value);
  }
}

void require_system_attributes(
    const std::map<std::string, MessageSystemAttributeValue>& attributes) {
  for (const auto& [name, value] : attributes) {
    if (name != "AWSTraceHeader")
      refuse(fmt::format("Message system attribute name '{}' is invalid.", name));
    if (value.data_type != "String")
      refuse("The message system attribute 'AWSTraceHeader' must be of type 'String'.");
    require_value(name, value);
  }
}

void require_tags(const std::map<std::string, std::string>& tags,
                  const services::Context& context) {
  for (const auto& [key, value] : tags) {
    if (key.empty() || protocol::count_characters(key) > 128)
      refuse_value("Tags", key, "Tag keys must be between 1 and 128 characters in length.");
    if (protocol::count_characters(value) > 256)
      refuse_value("Tags", value, "Tag values must be between 0 and 256 characters in length.");
    if (starts_with_ignoring_case(key, "aws:") && !services::comes_from_cloudformation(context))
      refuse_value("Tags", key, "Tag keys that begin with aws: are reserved for internal use.");
    require_tag_text(key);
    require_tag_text(value);
  }
}

void require_tag_count(std::size_t count, std::string_view queue_name) {
  constexpr std::size_t max_tags = 50;
  if (count > max_tags) refuse(fmt::format("Too many tags added for queue {}.", queue_name));
}

std::size_t size_of(const std::map<std::string, MessageAttributeValue>& attributes) {
  std::size_t size = 0;
  for (const auto& [name, value] : attributes) {
    size += name.size() + value.data_type.size();
    if (value.string_value) size += value.string_value->size();
    if (value.binary_value) size += value.binary_value->bytes.size();
  }
  return size;
}

BatchResultErrorEntry to_failure(const std::string& id, const protocol::ServiceError& error) {
  return {.id = id,
          .sender_fault = error.sender_fault(),
          .code = error.query_code(),
          .message = error.message()};
}

void require_batch_size(std::size_t entries, std::string_view entry_name) {
  if (entries == 0)
    throw EmptyBatchRequest(
        fmt::format("There should be at least one {} in the request.", entry_name));
  if (entries > max_batch_entries)
    throw TooManyEntriesInBatchRequest(
        fmt::format("Maximum number of entries per request are {}. You have sent {}.",
                    max_batch_entries, entries));
}

void require_batch_id(std::string_view id) {
  if (!is_name(id, 80))
    throw InvalidBatchEntryId(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It "
        "can be at most 80 letters long.");
}

}  // namespace matinee::sqs

#include "services/payload_settings.h"

#include "protocol/json_writer.h"

namespace matinee::services {

namespace json = protocol::json;

void PayloadSettings::add_attribute(const MessageAttribute& attribute) {
  if (!attributes_.empty()) attributes_ += ',';
  json::append_string(attributes_, attribute.name);
  attributes_ += R"(:{"DataType":)";
  json::append_string(attributes_, attribute.type);
  if (attribute.type.starts_with("Binary")) {
    attributes_ += R"(,"BinaryValue":)";
    json::append_blob(attributes_, attribute.value);
  } else {
    attributes_ += R"(,"StringValue":)";
    json::append_string(attributes_, attribute.value);
  }
  attributes_ += '}';
}

void PayloadSettings::add(std::string_view name, const std::optional<std::string>& value) {
  if (!value || value->empty()) return;
  members_ += ',';
  json::append_member(members_, name);
  json::append_string(members_, *value);
}

std::string PayloadSettings::text() && {
  if (attributes_.empty() && members_.empty()) return {};
  if (attributes_.empty()) return '{' + members_.substr(1) + '}';
  return R"({"MessageAttributes":{)" + attributes_ + '}' + members_ + '}';
}

}  // namespace matinee::services

// One record: a line of DynamoDB JSON or a row of CSV becomes an item, or a key.
#include "table_files/records.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "protocol/json.h"
#include "protocol/json_writer.h"
#include "protocol/utf8.h"
#include "services/dynamodb/values/size.h"
#include "table_files/csv.h"

// As in generated tables: clang knows the offsets of such types too.
#pragma clang diagnostic ignored "-Winvalid-offsetof"

namespace matinee::table_files {
namespace {

using dynamodb::AttributeValue;
using dynamodb::Type;
using dynamodb::validation_error;
using protocol::Field;

/// What a line may be: of a full export, or of an incremental one, whose metadata says when.
struct Line {
  std::optional<Item> item;
  std::optional<Item> keys;
  std::optional<Item> new_image;
};

constexpr protocol::Type value_type = {.kind = protocol::Kind::native,
                                       .name = "AttributeValue",
                                       .native = &dynamodb::attribute_value_access};
constexpr protocol::Type name_type = {.kind = protocol::Kind::string, .name = "AttributeName"};
constexpr protocol::Type item_type = {.kind = protocol::Kind::map,
                                      .name = "AttributeMap",
                                      .element = &value_type,
                                      .key = &name_type,
                                      .map = &protocol::map_access<AttributeValue>};
constexpr Field line_fields[] = {{.name = "Item",
                                  .wire_name = "Item",
                                  .offset = offsetof(Line, item),
                                  .type = &item_type,
                                  .optional = &protocol::optional_access<Item>},
                                 {.name = "Keys",
                                  .wire_name = "Keys",
                                  .offset = offsetof(Line, keys),
                                  .type = &item_type,
                                  .optional = &protocol::optional_access<Item>},
                                 {.name = "NewImage",
                                  .wire_name = "NewImage",
                                  .offset = offsetof(Line, new_image),
                                  .type = &item_type,
                                  .optional = &protocol::optional_access<Item>}};
constexpr protocol::Structure line_structure = {.name = "Line", .fields = line_fields};

/// Behind the text, so that simdjson reads it where it stands.
constexpr std::size_t padding = 64;

AttributeValue typed_value(const std::string& text, const TypedName& name) {
  if (name.type == Type::number) return dynamodb::Number::parse(text);
  if (name.type != Type::binary) return text;
  auto bytes = protocol::base64_decode(text);
  if (!bytes)
    throw validation_error(fmt::format("The value of {} is binary, and no base64", name.name));
  return dynamodb::Binary{*std::move(bytes)};
}

}  // namespace

RecordReader::RecordReader(FileForm form) : form_(std::move(form)) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

void RecordReader::take_header(std::string_view row) {
  auto names = table_files::read_row(row, form_.delimiter);
  if (!names) throw FileError("its first line, the names of the columns, has an open quote");
  for (const std::string& name : *names)
    if (name.empty()) throw FileError("a column has no name in its first line");
  form_.header = *std::move(names);
}

void RecordReader::read(std::string_view text, Record& record) {
  form_.format == Format::csv ? read_row(text, record) : read_line(text, record);
  if (record.removes) {
    require_keys(record.content);
    return;
  }
  dynamodb::require_values(record.content);
  require_keys(record.content);
  if (dynamodb::size_of(record.content) > dynamodb::max_item_bytes)
    throw validation_error("Item size has exceeded the maximum allowed size");
}

void RecordReader::read_line(std::string_view text, Record& record) {
  padded_.reserve(text.size() + padding);
  padded_.assign(text);
  Line line;
  try {
    protocol::json::read(line_structure, padded_, &line, nullptr);
  } catch (const protocol::ServiceError& error) {
    constexpr std::string_view of_requests = "Could not parse request body into json: ";
    std::string_view message = error.message();
    if (message.starts_with(of_requests)) message.remove_prefix(of_requests.size());
    throw validation_error(fmt::format("This line is no DynamoDB JSON: {}", message));
  }
  if (line.item) {
    record.content = *std::move(line.item);
  } else if (line.new_image) {
    record.content = *std::move(line.new_image);
  } else if (line.keys) {
    record.content = *std::move(line.keys);
    record.removes = true;
    dynamodb::require_values(record.content);
  } else {
    throw validation_error("There is no Item in this line");
  }
}

void RecordReader::read_row(std::string_view text, Record& record) const {
  if (!protocol::is_utf8(text)) throw validation_error("This row is not UTF-8");
  auto fields = table_files::read_row(text, form_.delimiter);
  if (!fields) throw validation_error("This row has an open quote");
  if (fields->size() > form_.header.size())
    throw validation_error(fmt::format("This row has {} fields, and there are {} columns",
                                       fields->size(), form_.header.size()));
  for (std::size_t i = 0; i < fields->size(); ++i) {
    std::string& field = (*fields)[i];
    if (field.empty()) continue;
    const std::string& name = form_.header[i];
    const auto key = std::ranges::find(form_.keys, name, &TypedName::name);
    record.content[name] =
        key == form_.keys.end() ? AttributeValue(std::move(field)) : typed_value(field, *key);
  }
}

void RecordReader::require_keys(const Item& item) const {
  for (const TypedName& key : form_.keys) {
    const auto found = item.find(key.name);
    if (found == item.end()) {
      if (!key.is_needed) continue;
      throw dynamodb::invalid_parameter(fmt::format("Missing the key {} in the item", key.name));
    }
    if (found->second.type() != key.type)
      throw dynamodb::invalid_parameter(
          fmt::format("Type mismatch for key {} expected: {} actual: {}", key.name,
                      type_name(key.type), type_name(found->second.type())));
  }
}

void append_item(const Item& item, std::string& out) {
  protocol::json::append_value(out, item_type, &item);
}

void append_item_line(const Item& item, std::string& out) {
  out += R"({"Item":)";
  append_item(item, out);
  out += "}\n";
}

}  // namespace matinee::table_files

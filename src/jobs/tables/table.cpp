#include "jobs/tables/table.h"

#include <fmt/format.h>

#include "dynamodb/errors.h"
#include "jobs/report.h"

namespace matinee::jobs::tables {
namespace {

using table_files::KeyDefinition;
using table_files::TypedName;

TableKeys keys_of(dynamodb::TableDescription table) {
  TableKeys found;
  found.name = table.table_name.value_or("");
  found.arn = table.table_arn.value_or("");
  found.id = table.table_id.value_or("");
  found.items = static_cast<std::uint64_t>(std::max<std::int64_t>(table.item_count.value_or(0), 0));
  const auto schema = table.key_schema.value_or(std::vector<dynamodb::KeySchemaElement>());
  for (const auto& attribute :
       table.attribute_definitions.value_or(std::vector<dynamodb::AttributeDefinition>())) {
    const dynamodb::Type* type = dynamodb::find_type(attribute.attribute_type);
    if (!type) continue;
    const bool is_needed =
        std::ranges::any_of(schema, [&](const dynamodb::KeySchemaElement& element) {
          return element.attribute_name == attribute.attribute_name;
        });
    found.typed_names.push_back({attribute.attribute_name, *type, is_needed});
  }
  for (const std::string_view role : {"HASH", "RANGE"})
    for (const dynamodb::KeySchemaElement& element : schema) {
      if (element.key_type != role) continue;
      const auto name =
          std::ranges::find(found.typed_names, element.attribute_name, &TypedName::name);
      if (name != found.typed_names.end())
        found.keys.push_back({name->name, std::string(dynamodb::type_name(name->type))});
    }
  return found;
}

[[noreturn]] void explain(const protocol::ServiceError& error, const std::string& table,
                          const std::string& cloud) {
  throw JobError(fmt::format("The table {}: {}", table, sentence_of(error, cloud)));
}

}  // namespace

KeyDefinition read_key(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  KeyDefinition key{.name = text.substr(0, colon), .type = "S"};
  if (colon != std::string::npos) key.type = text.substr(colon + 1);
  if (key.name.empty() || (key.type != "S" && key.type != "N" && key.type != "B"))
    throw JobError(fmt::format("A key is written as NAME:S, NAME:N or NAME:B, and \"{}\" is not.",
                               shortened(text)));
  return key;
}

runtime::Task<std::optional<TableKeys>> find_table(dynamodb::Client client, std::string name,
                                                   std::string cloud) {
  try {
    auto response = co_await client.describe_table({.table_name = name});
    if (response.table) co_return keys_of(*std::move(response.table));
  } catch (const protocol::ServiceError& error) {
    if (!error.is<dynamodb::ResourceNotFoundException>()) explain(error, name, cloud);
  }
  co_return std::nullopt;
}

runtime::Task<TableKeys> make_table(dynamodb::Client client, client::Backoff backoff,
                                    TableKeys wanted, std::string cloud) {
  dynamodb::CreateTableRequest request;
  request.table_name = wanted.name;
  request.billing_mode = "PAY_PER_REQUEST";
  auto& schema = request.key_schema.emplace();
  auto& attributes = request.attribute_definitions.emplace();
  for (const KeyDefinition& key : wanted.keys) {
    schema.push_back({.attribute_name = key.name, .key_type = schema.empty() ? "HASH" : "RANGE"});
    attributes.push_back({.attribute_name = key.name, .attribute_type = key.type});
  }
  try {
    co_await client.create_table(std::move(request));
  } catch (const protocol::ServiceError& error) {
    explain(error, wanted.name, cloud);
  }
  for (int attempt = 1;; ++attempt) {
    const auto response = co_await client.describe_table({.table_name = wanted.name});
    if (response.table && response.table->table_status == "ACTIVE")
      co_return keys_of(*response.table);
    co_await backoff.pause(attempt);
  }
}

}  // namespace matinee::jobs::tables

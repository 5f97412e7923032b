// The table of an import or export: what it is called, what its keys are, and how it is made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/retry.h"
#include "dynamodb/client.h"
#include "table_files/export_manifest.h"
#include "table_files/records.h"

namespace matinee::jobs::tables {

struct TableKeys {
  std::string name;
  std::string arn;
  std::string id;
  std::vector<table_files::KeyDefinition> keys;     // partition key first
  std::vector<table_files::TypedName> typed_names;  // of all keys, those of indexes too
  std::uint64_t items = 0;                          // as the table says, which may be long ago
};

/// "id" or "id:N": a key attribute, which is a string unless told. Throws JobError.
table_files::KeyDefinition read_key(const std::string& text);

/// Nothing where there is no such table. Throws JobError for what is not answered otherwise.
runtime::Task<std::optional<TableKeys>> find_table(dynamodb::Client client, std::string name,
                                                   std::string cloud);
/// Makes a table on demand and waits until it can be written.
runtime::Task<TableKeys> make_table(dynamodb::Client client, client::Backoff backoff,
                                    TableKeys wanted, std::string cloud);

}  // namespace matinee::jobs::tables

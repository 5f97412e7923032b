// What can be seen of all tables from outside, to be compared with the model.
#pragma once

#include "model.h"
#include "tables_machine.h"

namespace matinee::simulation::tables {

/// A stream as it is listed and read, from the beginning.
struct ObservedStream {
  std::string arn;
  std::vector<Json> records;
};

struct ObservedTable {
  Json description;
  bool expires = false;  // whether it has a time to live
  bool is_recoverable = false;
  Json::Array items;
  std::map<std::string, Json::Array> entries;  // by the index that has them
};

struct Observed {
  std::map<std::string, ObservedTable> tables;
  /// By the table's name, in the order in which they began.
  std::map<std::string, std::vector<ObservedStream>> streams;
  std::map<std::string, std::int64_t> backups;  // their bytes, by their names
};

Observed observe(TablesMachine& machine);

/// All pages of a scan.
Json::Array scan_all(TablesMachine& machine, Json body);

/// All records of a stream that can be read, shard by shard.
std::vector<Json> read_stream(TablesMachine& machine, const std::string& arn);

/// What differs, in a sentence; empty where nothing does.
std::string find_difference(const Model& model, const Observed& observed);

/// Whether items in the order of a scan are those that the model has: each partition is together,
/// and its items are in order.
std::string find_difference(const Table& table, const Index* index, const Json::Array& items,
                            const std::vector<std::string>& places);

}  // namespace matinee::simulation::tables

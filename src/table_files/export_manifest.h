// What stands beside the data of an export: manifest-summary.json, which tells what it is, and
// manifest-files.json, a line for each file of data. Both as AWS writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::table_files {

inline constexpr std::string_view summary_name = "manifest-summary.json";
inline constexpr std::string_view files_name = "manifest-files.json";

struct KeyDefinition {
  std::string name;
  std::string type;  // "S", "N" or "B"
};

/// Members that AWS writes as null are empty.
struct ExportSummary {
  std::string version = "2020-06-30";
  std::string export_arn;
  runtime::Time started;
  runtime::Time ended;
  std::string table_arn;
  std::string table_id;
  std::optional<runtime::Time> time;  // of a full export
  std::optional<runtime::Time> from;  // of an incremental one
  std::optional<runtime::Time> to;
  std::string bucket;
  std::string prefix;
  std::string sse_algorithm;
  std::string sse_key;
  std::string files_key;  // of manifest-files.json
  std::uint64_t billed_bytes = 0;
  std::uint64_t items = 0;
  std::string format = "DYNAMODB_JSON";
  std::string view;  // of an incremental export: "NEW_AND_OLD_IMAGES", "NEW_IMAGE"
  /// The table's keys, partition key first: a member of our own, for whoever makes the table anew.
  std::vector<KeyDefinition> keys;

  bool is_incremental() const { return !view.empty(); }
};

struct ExportedFile {
  std::uint64_t items = 0;
  std::string md5;   // of the packed bytes, in base64; empty where nobody has said
  std::string etag;  // without quotes
  std::string key;   // in the bucket, or the path from the folder in which the export is
};

std::string to_json(const ExportSummary& summary);
std::string to_json_lines(const std::vector<ExportedFile>& files);

/// Reads what tells how to go on: format, items, view and keys. Nothing where that is no summary.
std::optional<ExportSummary> read_summary(const std::string& text);
/// Nothing where a line is no file.
std::optional<std::vector<ExportedFile>> read_files(const std::string& text);

/// "01693685827463-2d8752fd": the time and eight digits of chance.
std::string transfer_id(runtime::Time time, std::uint64_t chance);
/// "2020-11-04T07:28:34.028Z"
std::string iso_time(runtime::Time time);

}  // namespace matinee::table_files

// `matinee import dynamodb`: files of items are written to a table, by BatchWriteItem, on any
// cloud.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobs/tables/files.h"
#include "jobs/tables/summary.h"
#include "jobs/tables/table.h"

namespace matinee::jobs::tables {

struct ImportOptions {
  Place source;
  std::string table;
  table_files::FileForm form;
  /// Where the table does not exist, it is made: with these keys, or those that our own export
  /// tells of.
  bool creates = false;
  std::vector<table_files::KeyDefinition> keys;
  std::uint64_t concurrency = 16;  // batches on their way, 1 to 256
  bool from_start = false;         // whatever an earlier run has written

  std::string state_directory;
  std::string cloud_id;  // the same from run to run: "aws", a URL, "embedded in /data"
  std::string cloud;     // for sentences
  std::string region;
};

struct ImportParts {
  FileAccess files;
  dynamodb::Client dynamodb;
  Listener& listener;
  const StopRequest& stop;
};

/// Writes all that is in the source. What is no item, and what the table refuses, is told by file
/// and line, and nothing else is left out. Items that are there are replaced, so that running it
/// again changes nothing. Throws JobError where it cannot go on. All must outlive the task.
runtime::Task<ImportSummary> run_import(ImportOptions options, ImportParts parts);

}  // namespace matinee::jobs::tables

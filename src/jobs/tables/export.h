// `matinee export dynamodb`: a table is read by parallel scans and written to files as AWS's own
// export writes them, from any cloud.
#pragma once

#include <string>

#include "jobs/tables/files.h"
#include "jobs/tables/summary.h"
#include "jobs/tables/table.h"
#include "runtime/terminal.h"

namespace matinee::jobs::tables {

struct ExportOptions {
  std::string table;
  Place target;
  std::uint64_t segments = 4;  // scanned at the same time, 1 to 256
  bool overwrites = false;     // what is there
  std::string cloud;           // for sentences
  std::string region;
};

struct ExportParts {
  FileAccess files;
  dynamodb::Client dynamodb;
  runtime::Terminal& terminal;  // for standard output
  Listener& listener;
  const StopRequest& stop;
};

/// A folder or prefix gets the files of AWS's export, the manifests last: without them it is no
/// export. A file, or standard output, gets the lines. Each page is of its own moment: what is
/// written meanwhile may be in it or not. Throws JobError where it cannot go on. All must outlive
/// the task.
runtime::Task<ExportSummary> run_export(ExportOptions options, ExportParts parts);

}  // namespace matinee::jobs::tables

// Where the lines of an export go: into the files of an export, into one file, or out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jobs/tables/export.h"

namespace matinee::jobs::tables {

using Items = std::vector<table_files::Item>;

/// Everything throws JobError. The parts must outlive it.
class ExportTarget {
 public:
  virtual ~ExportTarget() = default;

  /// Before anything is read: refuses what is there and may not be replaced.
  virtual runtime::Task<> begin() = 0;
  /// What was read of a segment. Calls for one segment do not overlap.
  virtual runtime::Task<> add(std::size_t segment, Items items) = 0;
  /// Once everything was added.
  virtual runtime::Task<> end(const TableKeys& table, std::uint64_t items) = 0;

  std::uint64_t files() const { return files_; }
  std::uint64_t bytes() const { return bytes_; }

 protected:
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
};

/// AWS's files, below a folder or prefix.
std::unique_ptr<ExportTarget> make_folder_target(const ExportOptions& options, ExportParts& parts);
/// Lines, packed where the name ends in ".gz".
std::unique_ptr<ExportTarget> make_file_target(const ExportOptions& options, ExportParts& parts);

}  // namespace matinee::jobs::tables

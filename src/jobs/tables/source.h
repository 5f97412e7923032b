// What an import reads: one file, all files of a folder, or an export with its manifests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobs/tables/files.h"
#include "table_files/export_manifest.h"

namespace matinee::jobs::tables {

struct SourceFile {
  FoundFile file;
  /// What the manifest says of it, where there is one.
  std::optional<table_files::ExportedFile> expected = {};
};

struct Source {
  std::unique_ptr<Files> root;
  std::vector<SourceFile> files;
  std::optional<table_files::ExportSummary> summary;  // of an export

  std::uint64_t bytes() const;
};

/// Throws JobError: nothing is there, no file of items is, several exports are, or it is one in
/// Amazon Ion.
runtime::Task<Source> find_source(FileAccess& access, Place place);

}  // namespace matinee::jobs::tables

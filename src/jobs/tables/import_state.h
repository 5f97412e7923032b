// How far an import has come, kept in a file: so that one that was killed goes on there. It is
// removed when the import has ended.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/runtime.h"
#include "table_files/records.h"

namespace matinee::jobs::tables {

/// What was written before the marks, and what failed there.
struct ImportState {
  std::map<std::string, table_files::Mark> marks;  // by the name of a file
  std::uint64_t failed = 0;
  std::vector<std::string> failures;
};

/// `identity` tells cloud, table and source. The file's name is made of it.
std::string state_path(const std::string& directory, const std::string& identity);

/// Empty where there is none, or none that can be read: then everything is written again, which
/// changes nothing.
ImportState read_state(const runtime::Disk& disk, const std::string& path);
std::string to_text(const ImportState& state);

}  // namespace matinee::jobs::tables

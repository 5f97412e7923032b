#include "resources/data.h"

#include <algorithm>

// Written by src/resources/CMakeLists.txt: each file as one object of the program's constants, and
// MATINEE_DATA_FILES, the list of them.
#include "resources/data_files.inc"

namespace matinee::resources {

std::span<const DataFile> data_files() {
  static const DataFile files[] = {MATINEE_DATA_FILES};
  return files;
}

std::string_view find_data(std::string_view name) {
  for (const DataFile& file : data_files())
    if (file.name == name) return file.text;
  return {};
}

}  // namespace matinee::resources

// Folders of the user's whose content goes somewhere else as a whole: the code of a function, a
// layer. The real ones are in real/.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "runtime/disk.h"

namespace matinee::runtime {

struct FolderFile {
  std::string path;  // from the folder, with slashes
  std::uint64_t size = 0;
  bool executable = false;  // by its owner
};

class Folders {
 public:
  virtual ~Folders() = default;

  virtual bool is_folder(const std::string& path) const = 0;
  virtual bool is_executable(const std::string& path) const = 0;
  /// All files below a folder in the order of their paths' bytes, links followed; without what has
  /// one of the names `left_out`. A link that leads back into a folder above it is an error.
  virtual DiskResult<std::vector<FolderFile>> files(
      const std::string& folder, const std::set<std::string>& left_out) const = 0;
};

}  // namespace matinee::runtime

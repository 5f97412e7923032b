// Folders of the operating system.
#pragma once

#include "runtime/folders.h"

namespace matinee::runtime {

class RealFolders final : public Folders {
 public:
  bool is_folder(const std::string& path) const override;
  bool is_executable(const std::string& path) const override;
  DiskResult<std::vector<FolderFile>> files(const std::string& folder,
                                            const std::set<std::string>& left_out) const override;
};

}  // namespace matinee::runtime

// The loaders by which Python and Node.js functions speak the Runtime API (`runtimes/`), part of
// this program.
#pragma once

#include <string_view>
#include <vector>

namespace matinee::lambda {

struct LoaderFile {
  std::string_view path;  // "python/bootstrap.py"
  std::string_view text;
};

const std::vector<LoaderFile>& loader_files();

}  // namespace matinee::lambda

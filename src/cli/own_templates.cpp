#include "cli/own_templates.h"

#include <fmt/format.h>

#include <filesystem>

namespace matinee::cli {

std::string find_own_template(const Surroundings& surroundings, std::string_view name) {
  const runtime::Runtime& runtime = surroundings.runtime;
  for (const std::string& start :
       {runtime.environment.current_directory(), surroundings.processes.own_executable()}) {
    for (std::filesystem::path folder = start; folder.has_relative_path();
         folder = folder.parent_path())
      if (const std::filesystem::path found = folder / name; runtime.disk.exists(found.string()))
        return found.string();
  }
  return "";
}

std::string find_missing_template(const Surroundings& surroundings, const std::string& path,
                                  std::string_view function) {
  if (!surroundings.runtime.disk.exists(path)) return fmt::format("There is no file {}.", path);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const std::filesystem::path zip =
      (folder / fmt::format("../../build/functions/{}.zip", function)).lexically_normal();
  if (surroundings.runtime.disk.exists(zip.string())) return "";
  return fmt::format("There is no {}; \"make functions\" in {} builds it.", zip.string(),
                     (folder / "../..").lexically_normal().string());
}

}  // namespace matinee::cli

#include "runtime/environment.h"

namespace matinee::runtime {

std::string Environment::data_directory() const {
  // The XDG rules ignore a path that is not absolute.
  if (auto data = find("XDG_DATA_HOME"); data && data->starts_with('/')) return *data + "/matinee";
  if (auto home = find_home_directory()) return *home + "/.local/share/matinee";
  return current_directory() + "/matinee-data";
}

}  // namespace matinee::runtime

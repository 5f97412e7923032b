#include "identity/service_names.h"

#include "identity/activity.h"

namespace matinee::identity {

std::string_view name_of_service(std::string_view prefix) {
  std::string_view rest = service_names;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    const std::size_t tab = line.find('\t');
    if (line.substr(0, tab) == prefix) return line.substr(tab + 1);
  }
  return {};
}

std::string_view all_services() {
  return service_names;
}

}  // namespace matinee::identity

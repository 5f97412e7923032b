#include "services/lower_paths.h"

#include <utility>

namespace matinee::services {

protocol::Violations with_lower_paths(const protocol::Violations& violations) {
  protocol::Violations lower;
  for (protocol::Violation violation : violations) {
    bool at_start = true;
    for (char& letter : violation.path) {
      if (at_start && letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
      at_start = letter == '.';
    }
    lower.push_back(std::move(violation));
  }
  return lower;
}

}  // namespace matinee::services

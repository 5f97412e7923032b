#include "protocol/path.h"

namespace matinee::protocol {

std::string Path::text() const {
  if (!parent) return {};
  std::string result = parent->text();
  if (!result.empty()) result += '.';
  if (position > 0)
    result += std::to_string(position);
  else
    result += name;
  if (is_entry) result += ".member";
  return result;
}

}  // namespace matinee::protocol

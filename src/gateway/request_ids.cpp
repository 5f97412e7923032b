#include "gateway/request_ids.h"

#include <fmt/format.h>

namespace matinee::gateway {

std::string RequestIds::make(std::string_view path) {
  if (!path.starts_with("/_matinee/")) return random_.uuid();
  return fmt::format("00000000-0000-4000-8000-{:012x}", ++own_);
}

}  // namespace matinee::gateway

// Pages of lists.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace matinee::lambda {

/// How many entries a page has: as many as asked for, but one at least and `most` at most.
inline std::size_t page_length(std::optional<std::int32_t> asked, std::int32_t most = 50) {
  return static_cast<std::size_t>(std::clamp(asked.value_or(most), std::int32_t{1}, most));
}

}  // namespace matinee::lambda

// Markers of lists that come in pages: the last entry that was told, for nobody to read.
#pragma once

#include <optional>
#include <string>

#include "kms/errors.h"
#include "protocol/base64.h"

namespace matinee::kms {

inline std::string make_marker(const std::string& last) {
  return protocol::base64_encode("after:" + last);
}

/// Empty for a first page. Throws InvalidMarkerException.
inline std::string read_marker(const std::optional<std::string>& marker) {
  constexpr std::string_view prefix = "after:";
  if (!marker) return "";
  std::optional<std::string> text = protocol::base64_decode(*marker);
  if (!text || !text->starts_with(prefix) || text->size() == prefix.size())
    throw InvalidMarkerException("Invalid marker");
  return text->substr(prefix.size());
}

}  // namespace matinee::kms

// Pieces of the JSON documents that are put together here: events, policies.
#pragma once

#include <string>
#include <string_view>

#include "protocol/json_writer.h"

namespace matinee::lambda {

/// Appends `"name":"text"` to an object that is being written, with a comma where others are
/// before.
inline void append_pair(std::string& out, std::string_view name, std::string_view text) {
  if (!out.empty() && !out.ends_with('{')) out += ',';
  protocol::json::append_string(out, name);
  out += ':';
  protocol::json::append_string(out, text);
}

}  // namespace matinee::lambda

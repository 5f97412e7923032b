// Forms whose parameter names are paths ("Attribute.1.Name"), to and from the structures that
// tables describe.
#pragma once

#include <string>

#include "protocol/http.h"
#include "protocol/violation.h"

namespace matinee::protocol::form {

/// Fills a fresh `object`; required members that are missing go to `violations`. Throws
/// ServiceError "MalformedInput" (400) where a text is no value of its member's type.
void read(const Structure& structure, const Parameters& parameters, void* object,
          Violations& violations);

/// Appends "&name=value" for every scalar in `object`, percent-encoded.
void append(std::string& out, const Structure& structure, const void* object);

}  // namespace matinee::protocol::form

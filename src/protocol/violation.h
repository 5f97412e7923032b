// What is wrong with a request by the rules of its model, found while it is decoded and validated.
// How violations are told to the client differs from service to service.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/shape.h"

namespace matinee::protocol {

enum class Rule : std::uint8_t { required, minimum, maximum, pattern, one_of };

struct Violation {
  Rule rule;
  std::string path;   // "entries.1.member.id": members in the model's spelling, from the root
  std::string value;  // as a client would write it; "null" where it is missing
  const Type* type = nullptr;
  const Field* field = nullptr;
};

using Violations = std::vector<Violation>;

/// Lengths, sizes, ranges, patterns and enumerations of `object` and of all that is in it. Strings
/// count in Unicode characters. Appends to `violations`, to which the decoder has already added the
/// required members that it missed.
void validate(const Structure& structure, const void* object, Violations& violations);

/// "2 validation errors detected: Value '…' at '…' failed to satisfy constraint: …; …", as most of
/// AWS's JSON services say it. Never called with an empty list.
std::string describe(const Violations& violations);

}  // namespace matinee::protocol

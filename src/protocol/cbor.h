// Whole CBOR documents (RFC 8949) to and from the structures that tables describe. Member names are
// the model's; unknown members are skipped, null counts as absent, and of equal names the last
// counts.
#pragma once

#include <string>
#include <string_view>

#include "protocol/shape.h"
#include "protocol/violation.h"

namespace matinee::protocol::cbor {

/// Reads a map into a fresh `object`; lengths may be definite or indefinite, numbers of any width.
/// No bytes at all count as an empty map. Required members that are missing are added to
/// `violations` where it is not null. Throws ServiceError "SerializationException" where the bytes
/// are malformed, nested too deeply, or have values of other types. Takes linear time, and memory
/// for what is there, not for what lengths promise.
void read(const Structure& structure, std::string_view bytes, void* object, Violations* violations);

/// Structures, lists and maps are of indefinite length, as AWS writes them; absent members are left
/// out; a timestamp is tag 1 with a 64-bit float.
void append_structure(std::string& out, const Structure& structure, const void* object);

// What error documents are put together of.

void append_text(std::string& out, std::string_view text);
void append_map_start(std::string& out);
/// Ends what is of indefinite length.
void append_break(std::string& out);
/// The members of a structure without the map around them.
void append_members(std::string& out, const Structure& structure, const void* object);

}  // namespace matinee::protocol::cbor

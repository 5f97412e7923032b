// Whole JSON documents to and from the structures that tables describe. Member names are the
// model's; unknown members are ignored, null counts as absent, and of equal names the last counts.
#pragma once

#include <string>

#include "protocol/json_writer.h"
#include "protocol/violation.h"

namespace matinee::protocol::json {

/// Reads an object into a fresh `object`. `text` may be given more capacity, which saves simdjson a
/// copy; its content stays. Empty text counts as {}. Required members that are missing are added to
/// `violations` where it is not null. Throws ServiceError "SerializationException" where the text
/// is malformed, not UTF-8, or has values of other types.
void read(const Structure& structure, std::string& text, void* object, Violations* violations);
/// The same without the members that REST services have elsewhere: in the path, the query string or
/// headers. The body's own of that name mean nothing.
void read_body(const Structure& structure, std::string& text, void* object, Violations* violations);
/// The same with names that begin with a letter of either case, as those that AWS's services have
/// for each other's requests: LogGroupName stands for logGroupName too.
void read_in_either_case(const Structure& structure, std::string& text, void* object,
                         Violations* violations);

/// What a client needs of an error's document first; each is empty where it is missing.
struct ErrorDocument {
  std::string type;     // __type or code, as it stands there
  std::string message;  // message, Message or errorMessage
};
ErrorDocument read_error(std::string& text);

}  // namespace matinee::protocol::json

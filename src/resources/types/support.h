// What classes of resource types have in common: requests from properties, differences between two
// states of them, waits, and errors that say that something is gone.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "resources/names.h"
#include "resources/type.h"
#include "runtime/task.h"

namespace matinee::resources::types {

using runtime::Task;

struct Given {
  std::string_view name;
  Value value;
};
/// A map; members that are null are left out.
Value fields(std::initializer_list<Given> members);
/// The member, or null.
Value member(const Value& map, std::string_view name);
/// Of nested maps: "Code.S3Bucket"; null where there is none.
Value nested(const Value& map, std::string_view path);
/// Those members of a map that are there.
Value pick(const Value& map, std::initializer_list<std::string_view> names);
/// Copies a member of another name, where it is there.
void rename(Value& map, std::string_view from, std::string_view to);
/// The member of a response, for results that always have it. HandlerError InternalFailure where it
/// is missing.
std::string need_text(const Value& response, std::string_view path);

/// Whether a top-level property is not the same in both.
bool differs(const Value& before, const Value& after, std::string_view name);
bool differs(const Value& before, const Value& after,
             std::initializer_list<std::string_view> names);
/// A property, and what it goes back to when a template has it no more; null: it stays.
struct Default {
  std::string_view property;
  Value value = {};
};
/// Those properties of the list that are not the same in both, as they are to be.
Value changes_of(const Value& before, const Value& after, const std::vector<Default>& defaults);
/// Texts of a list; none where it is null.
std::vector<std::string> texts_of(const Value* list);
/// Those of `list` that `other` has not.
std::vector<std::string> missing_in(const std::vector<std::string>& list,
                                    const std::vector<std::string>& other);

/// Lists of {Key, Value}: the property's own, then the stack's. Those of AWS (aws:...) are left out
/// where the type's schema does not have them.
Value tags_of(const Subject& subject, const Value& properties, bool with_system);
/// Keys that the property or the stack had, and neither has any more.
std::vector<std::string> removed_tags(const Subject& subject, const Value& before,
                                      const Value& after);
Value list_of(const std::vector<std::string>& texts);

/// JSON text as a tree. Empty for a text that is none.
std::optional<Value> read_json(std::string_view text);
/// A document that a service gives as text, percent-encoded (IAM) or not, as a tree; the text
/// itself where it is no JSON.
Value document_of(const std::string& text);
/// A part of an ARN (or of what else has separators), counted from 0; empty where there is none.
std::string part_of(std::string_view text, char separator, std::size_t index);
/// What follows the last separator; all where there is none.
std::string last_part(std::string_view text, char separator);

/// A generated name whose random part is in capital letters, as of older types.
std::string old_style_name(const Subject& subject, std::size_t most);
/// The error says that the thing is not there.
bool is_gone(const protocol::ServiceError& error);
/// The error says that a thing of that name is there already.
bool exists_already(const protocol::ServiceError& error);
[[noreturn]] void refuse_property(std::string_view property, std::string_view reason);
[[noreturn]] void not_found(std::string_view type, std::string_view id);

Task<Value> call(Subject& subject, std::string_view operation, Value request);
/// Null where what it is about is gone. A call that answers with nothing gives an empty map.
Task<Value> call_if_there(Subject& subject, std::string_view operation, Value request);
/// The call that makes the resource: its id, which `id_of` reads from the response, is noted in the
/// call's own transaction. Not called again where an earlier try has noted it; what a repeated step
/// finds under a name that it gives (`named`) is its own.
struct Making {
  std::string operation;
  Value request;
  std::function<std::string(const Value& response)> id_of;
  std::string named = {};
};
/// The id.
Task<std::string> make(Subject& subject, Making making);

/// Calls until the response is as wanted: at once, then after growing pauses of the runtime's
/// clock. HandlerError NotStabilized after a quarter of an hour.
struct Waiting {
  std::string operation;
  Value request;
  std::function<bool(const Value& response)> is_ready;
  bool until_gone = false;
};
Task<Value> wait(Subject& subject, Waiting waiting);

/// All pages of a listing.
struct Listing {
  std::string operation;
  Value request = Value::map();
  std::string elements;   // the response's member: "Roles"
  std::string id;         // of an element: "RoleName"; empty where elements are texts
  std::string token_in;   // "Marker"
  std::string token_out;  // "Marker"; empty: one page
};
Task<std::vector<std::string>> list_all(Subject& subject, Listing listing);

}  // namespace matinee::resources::types

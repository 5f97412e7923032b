// Reads single JSON values out of simdjson. For the codec of the tables and for hand-written types
// (NativeAccess::read_json). Include it in .cpp files only: simdjson's header is large.
//
// Everything here throws ServiceError "SerializationException" where the JSON is malformed or of
// another type than asked for.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "protocol/shape.h"

namespace matinee::protocol::json {

using Value = simdjson::ondemand::value;
using Key = simdjson::ondemand::raw_json_string;

[[noreturn]] void refuse(std::string message);
/// "NUMBER_VALUE cannot be converted to String".
[[noreturn]] void refuse_conversion(Value& value, std::string_view wanted);
[[noreturn]] void refuse_malformed(simdjson::error_code error);

inline void check(simdjson::error_code error) {
  if (error) [[unlikely]]
    refuse_malformed(error);
}

/// Whether a key is `name`, which has no characters that JSON escapes and less than 64 of them. A
/// key that is written with needless escapes does not compare equal: see `read_key`.
inline bool key_is(Key key, std::string_view name) {
  return key.raw()[name.size()] == '"' && std::memcmp(key.raw(), name.data(), name.size()) == 0;
}
/// The key, unescaped.
std::string read_key(Key key);

/// Replaces `out`. Reads only strings.
void read_string(Value& value, std::string& out);
std::int64_t read_integer(Value& value);
bool read_boolean(Value& value);
/// Also "NaN", "Infinity" and "-Infinity".
double read_number(Value& value);
/// Replaces `out` with what the base64 stands for.
void read_blob(Value& value, std::string& out);
/// A value that begins like null but is not refuses.
inline bool is_null(Value& value) {
  bool null = false;
  check(value.is_null().get(null));
  return null;
}

/// Calls `visit(Key, Value&)` for every member of an object.
template <class Visit>
void each_member(Value& value, Visit visit) {
  simdjson::ondemand::object object;
  if (value.get_object().get(object)) refuse_conversion(value, "structure");
  for (auto item : object) {
    simdjson::ondemand::field field;
    check(std::move(item).get(field));
    visit(field.key(), field.value());
  }
}

/// Calls `visit(Value&)` for every element of an array.
template <class Visit>
void each_element(Value& value, Visit visit) {
  simdjson::ondemand::array array;
  if (value.get_array().get(array)) refuse_conversion(value, "list");
  for (auto item : array) {
    Value element;
    check(std::move(item).get(element));
    visit(element);
  }
}

}  // namespace matinee::protocol::json

// The tables that modelc writes for every shape of a service model, and the few functions that let
// one codec, written once, read and write any of the C++ types that the tables describe.
//
// A table entry points at the storage of a member through its offset. What a member can be:
//   bool, std::int32_t, std::int64_t, float, double, std::string (also enumerations),
//   Blob, Timestamp, Body (streamed), a generated structure, std::vector<T>,
//   std::map<std::string, T>, or a native type that brings its own JSON form;
// plain where the model requires the member, in a std::optional otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/body.h"

namespace matinee::protocol {

/// Bytes that text protocols carry as base64.
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

/// As precise as the finest wire format.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

enum class Kind : std::uint8_t {
  boolean,
  integer,
  long_integer,
  single,
  floating,
  string,
  blob,
  timestamp,
  stream,
  structure,
  list,
  map,
  native
};

enum class TimestampFormat : std::uint8_t { protocol_default, iso8601, rfc822, unix_seconds };

struct Structure;

/// What a codec needs of a std::vector<T>.
struct ListAccess {
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
  /// Appends an empty element and returns it; earlier elements may move.
  void* (*append)(void* list);
  void (*clear)(void* list);
};

/// What a codec needs of a std::map<std::string, T>.
struct MapAccess {
  std::size_t (*size)(const void* map);
  /// Calls `visit` for each entry in the order of the keys.
  void (*each)(const void* map, void* context,
               void (*visit)(void* context, const std::string& key, const void* value));
  /// The value of `key`, created empty where it is missing. `inserted` tells which.
  void* (*insert)(void* map, std::string key, bool* inserted);
  void (*clear)(void* map);
};

/// What a codec needs of a std::optional<T>.
struct OptionalAccess {
  /// The value, or null where there is none.
  const void* (*get)(const void* optional);
  /// Makes an empty value in place of what is there.
  void* (*emplace)(void* optional);
};

/// A hand-written type that stands for a model shape. It exists in JSON protocols only.
struct NativeAccess {
  /// `json` is a simdjson::ondemand::value*. Throws what json::read throws.
  void (*read_json)(void* json, void* value);
  void (*write_json)(const void* value, std::string& out);
  /// See weight.h.
  std::size_t (*weight)(const void* value, std::size_t limit);
};

/// One model shape as stored in C++. Limits are the model's; none where max is below min.
struct Type {
  Kind kind;
  std::string_view name;                 // the shape's name in the model
  const Structure* structure = nullptr;  // Kind::structure
  const Type* element = nullptr;         // of a list, or the values of a map
  const Type* key = nullptr;             // of a map
  const ListAccess* list = nullptr;
  const MapAccess* map = nullptr;
  const NativeAccess* native = nullptr;
  std::string_view element_name = "";  // XML/query name of a list's member or a map's value
  std::string_view key_name = "";      // XML/query name of a map's key
  bool flattened = false;              // list or map without an element around it
  double minimum = 0;                  // length, size or value
  double maximum = -1;
  std::string_view pattern = "";
  std::span<const std::string_view> values = {};  // of an enumeration
  TimestampFormat timestamp = TimestampFormat::protocol_default;
  bool sensitive = false;
  bool ignores_case = false;  // an enumeration whose values are read in any letters

  bool has_limits() const { return maximum >= minimum; }
};

enum class Location : std::uint8_t {
  body,
  payload,  // this member is the whole body
  header,
  header_prefix,  // a map: header names after the prefix
  query,
  uri,
  status_code
};

/// One member of a structure.
struct Field {
  std::string_view name;       // the member's name in the model, as in JSON
  std::string_view wire_name;  // locationName: XML element, header, query parameter
  std::size_t offset;
  const Type* type;
  const OptionalAccess* optional = nullptr;  // null: stored plain, because required
  Location location = Location::body;
  bool required = false;
  bool flattened = false;  // XML: list or map without an element around it
  bool xml_attribute = false;
  bool idempotency_token = false;
  TimestampFormat timestamp = TimestampFormat::protocol_default;

  /// The member's value inside `structure`, or null where it is absent.
  const void* find(const void* structure) const {
    const void* storage = static_cast<const char*>(structure) + offset;
    return optional ? optional->get(storage) : storage;
  }
  /// Makes room for the member's value and returns it.
  void* emplace(void* structure) const {
    void* storage = static_cast<char*>(structure) + offset;
    return optional ? optional->emplace(storage) : storage;
  }
};

struct Structure {
  std::string_view name;  // the shape's name in the model
  std::span<const Field> fields;
  std::string_view xml_name = "";  // root element, where it differs from the protocol's rule
  std::string_view xml_namespace = "";
  const Field* payload = nullptr;  // the member that is the whole body, if any

  const Field* find(std::string_view member) const {
    for (const Field& field : fields)
      if (field.name == member) return &field;
    return nullptr;
  }
};

// What generated tables name.

template <class T>
inline constexpr ListAccess list_access = {
    .size = [](const void* list) { return static_cast<const std::vector<T>*>(list)->size(); },
    .at = [](const void* list, std::size_t index) -> const void* {
      return &(*static_cast<const std::vector<T>*>(list))[index];
    },
    .append = [](void* list) -> void* {
      auto& elements = *static_cast<std::vector<T>*>(list);
      // Most lists are short, and batches have up to ten: they never move.
      if (elements.empty()) elements.reserve(10);
      return &elements.emplace_back();
    },
    .clear = [](void* list) { static_cast<std::vector<T>*>(list)->clear(); }};

template <class T>
inline constexpr MapAccess map_access = {
    .size =
        [](const void* map) { return static_cast<const std::map<std::string, T>*>(map)->size(); },
    .each =
        [](const void* map, void* context,
           void (*visit)(void* context, const std::string& key, const void* value)) {
          for (const auto& [key, value] : *static_cast<const std::map<std::string, T>*>(map))
            visit(context, key, &value);
        },
    .insert = [](void* map, std::string key, bool* inserted) -> void* {
      auto [place, is_new] =
          static_cast<std::map<std::string, T>*>(map)->try_emplace(std::move(key));
      *inserted = is_new;
      return &place->second;
    },
    .clear = [](void* map) { static_cast<std::map<std::string, T>*>(map)->clear(); }};

template <class T>
inline constexpr OptionalAccess optional_access = {
    .get = [](const void* optional) -> const void* {
      const auto& value = *static_cast<const std::optional<T>*>(optional);
      return value ? &*value : nullptr;
    },
    .emplace = [](void* optional) -> void* {
      return &static_cast<std::optional<T>*>(optional)->emplace();
    }};

}  // namespace matinee::protocol

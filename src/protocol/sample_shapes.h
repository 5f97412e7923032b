// Structures with hand-made tables, one member of every kind, for the tests of the codecs.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/shape.h"

// As in generated tables: clang knows the offsets of such types too.
#pragma clang diagnostic ignored "-Winvalid-offsetof"

namespace matinee::protocol::sample {

inline const Type string_type = {.kind = Kind::string, .name = "String"};
inline const Type boolean_type = {.kind = Kind::boolean, .name = "Boolean"};
inline const Type integer_type = {.kind = Kind::integer, .name = "Integer"};
inline const Type long_type = {.kind = Kind::long_integer, .name = "Long"};
inline const Type double_type = {.kind = Kind::floating, .name = "Double"};
inline const Type blob_type = {.kind = Kind::blob, .name = "Blob"};
inline const Type timestamp_type = {.kind = Kind::timestamp, .name = "Timestamp"};

struct Part {
  std::string id;
  std::optional<std::int32_t> size;
  bool operator==(const Part&) const = default;

  static const Structure shape;
};

inline const Field part_fields[] = {
    {.name = "Id",
     .wire_name = "Id",
     .offset = offsetof(Part, id),
     .type = &string_type,
     .required = true},
    {.name = "Size",
     .wire_name = "Size",
     .offset = offsetof(Part, size),
     .type = &integer_type,
     .optional = &optional_access<std::int32_t>},
};
inline const Structure Part::shape = {.name = "Part", .fields = part_fields};

using Parts = std::vector<Part>;
using Texts = std::map<std::string, std::string>;

inline const Type part_type = {.kind = Kind::structure, .name = "Part", .structure = &Part::shape};
inline const Type parts_type = {.kind = Kind::list,
                                .name = "Parts",
                                .element = &part_type,
                                .list = &list_access<Part>,
                                .element_name = "member"};
inline const Type texts_type = {.kind = Kind::map,
                                .name = "Texts",
                                .element = &string_type,
                                .key = &string_type,
                                .map = &map_access<std::string>,
                                .element_name = "value",
                                .key_name = "key"};

struct Everything {
  std::string name;
  Parts parts;
  std::optional<bool> enabled;
  std::optional<std::int32_t> count;
  std::optional<std::int64_t> total;
  std::optional<double> ratio;
  std::optional<Blob> data;
  std::optional<Timestamp> created;
  std::optional<Texts> labels;
  std::optional<Parts> flat;
  bool operator==(const Everything&) const = default;

  static const Structure shape;
};

template <class T>
constexpr Field optional_field(std::string_view name, std::size_t offset, const Type& type) {
  return {.name = name,
          .wire_name = name,
          .offset = offset,
          .type = &type,
          .optional = &optional_access<T>};
}

inline const Field everything_fields[] = {
    {.name = "Name",
     .wire_name = "Name",
     .offset = offsetof(Everything, name),
     .type = &string_type,
     .required = true},
    {.name = "Parts",
     .wire_name = "Parts",
     .offset = offsetof(Everything, parts),
     .type = &parts_type,
     .required = true},
    optional_field<bool>("Enabled", offsetof(Everything, enabled), boolean_type),
    optional_field<std::int32_t>("Count", offsetof(Everything, count), integer_type),
    optional_field<std::int64_t>("Total", offsetof(Everything, total), long_type),
    optional_field<double>("Ratio", offsetof(Everything, ratio), double_type),
    optional_field<Blob>("Data", offsetof(Everything, data), blob_type),
    optional_field<Timestamp>("Created", offsetof(Everything, created), timestamp_type),
    optional_field<Texts>("Labels", offsetof(Everything, labels), texts_type),
    {.name = "Flat",
     .wire_name = "Item",
     .offset = offsetof(Everything, flat),
     .type = &parts_type,
     .optional = &optional_access<Parts>,
     .flattened = true},
};
inline const Structure Everything::shape = {.name = "Everything", .fields = everything_fields};

/// Every member set, with texts that need escaping in JSON, XML and forms alike.
inline Everything full() {
  return {.name = "tab\t quote\" <a&b> ü \xF0\x9F\x8E\xAC",
          .parts = {{"one", 1}, {"two", std::nullopt}},
          .enabled = true,
          .count = -7,
          .total = std::int64_t{1} << 53,
          .ratio = 0.1,
          .data = Blob{std::string("\0\xff\x10", 3)},
          .created = Timestamp(std::chrono::milliseconds(1709208000250)),
          .labels = Texts{{"a", "1"}, {"b c", "2&3"}},
          .flat = Parts{{"x", 9}}};
}

}  // namespace matinee::protocol::sample

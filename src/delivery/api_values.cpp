#include "delivery/api_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/base64.h"
#include "protocol/error.h"
#include "protocol/json_reader.h"
#include "protocol/path.h"
#include "protocol/text_value.h"
#include "templates/reader.h"

namespace matinee::delivery {

namespace {

using protocol::Field;
using protocol::Kind;
using protocol::Path;
using protocol::Structure;
using protocol::Type;
using templates::Member;
using templates::Value;

[[noreturn]] void refuse(const Path& path, std::string_view problem) {
  throw protocol::ServiceError("ValidationException", 400,
                               fmt::format("{}: {}", path.text(), problem));
}

bool is_called(std::string_view name, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(name, other, {}, lower, lower);
}

/// A structure of which lists are maps by another form: Key and Value.
bool is_pair(const Type& type) {
  return type.kind == Kind::structure && type.structure->fields.size() == 2 &&
         is_called(type.structure->fields[0].name, "Key") &&
         is_called(type.structure->fields[1].name, "Value");
}

class Reader {
 public:
  explicit Reader(protocol::Violations& violations) : violations_(violations) {}

  void structure(const Structure& structure, const Value& tree, void* object, const Path& path) {
    if (!tree.is_map()) refuse(path, "is no map.");
    for (const Member& member : tree.members()) {
      if (member.value.is_null()) continue;
      const Path place = path.member(member.name);
      const Field* field = find(structure, member.name);
      if (!field) refuse(place, fmt::format("{} has no such member.", structure.name));
      read(*field->type, member.value, field->emplace(object), place);
    }
    for (const Field& field : structure.fields)
      if (field.required && !has(tree, field.name))
        violations_.push_back(
            {protocol::Rule::required, path.member(field.name).text(), "null", field.type, &field});
  }

 private:
  protocol::Violations& violations_;

  static const Field* find(const Structure& structure, std::string_view name) {
    if (const Field* field = structure.find(name)) return field;
    for (const Field& field : structure.fields)
      if (is_called(field.name, name)) return &field;
    return nullptr;
  }
  static bool has(const Value& tree, std::string_view name) {
    return std::ranges::any_of(tree.members(), [&](const Member& member) {
      return is_called(member.name, name) && !member.value.is_null();
    });
  }

  void read(const Type& type, const Value& tree, void* target, const Path& path) {
    switch (type.kind) {
      case Kind::structure:
        return structure(*type.structure, tree, target, path);
      case Kind::list:
        return list(type, tree, target, path);
      case Kind::map:
        return map(type, tree, target, path);
      case Kind::native:
        return native(type, tree, target);
      case Kind::stream: {
        auto bytes = protocol::base64_decode(tree.text());
        if (!bytes) refuse(path, "is no base64.");
        static_cast<protocol::Body*>(target)->bytes = std::move(*bytes);
        return;
      }
      case Kind::string:
        if (tree.is_map() || tree.is_list()) {
          *static_cast<std::string*>(target) = to_json(tree);
          return;
        }
        [[fallthrough]];
      default:
        return scalar(type, tree, target, path);
    }
  }

  static void scalar(const Type& type, const Value& tree, void* target, const Path& path) {
    if (!tree.is_scalar()) refuse(path, "is no text, number or truth.");
    const bool is_whole = type.kind == Kind::integer || type.kind == Kind::long_integer;
    std::string_view text = tree.text();
    // "5.0" is a whole number.
    if (const std::size_t point = text.find('.');
        is_whole && point != std::string_view::npos &&
        text.find_first_not_of('0', point + 1) == text.npos)
      text = text.substr(0, point);
    if (!protocol::parse_text(type, text, target))
      refuse(path, fmt::format("{} is no value of {}.", tree.text(), type.name));
  }

  void list(const Type& type, const Value& tree, void* target, const Path& path) {
    std::size_t index = 0;
    if (tree.is_map() && is_pair(*type.element)) {
      const auto& fields = type.element->structure->fields;
      for (const Member& member : tree.members()) {
        void* pair = type.list->append(target);
        const Path place = path.element(index++);
        read(*fields[0].type, member.name, fields[0].emplace(pair), place.member(fields[0].name));
        read(*fields[1].type, member.value, fields[1].emplace(pair), place.member(fields[1].name));
      }
      return;
    }
    if (!tree.is_list()) refuse(path, "is no list.");
    for (const Value& element : tree.elements())
      read(*type.element, element, type.list->append(target), path.element(index++));
  }

  struct Entry {
    const std::string& key;
    const Value& value;
  };
  void entry(const Type& type, const Entry& entry, void* target, const Path& path) {
    bool inserted = false;
    void* place = type.map->insert(target, entry.key, &inserted);
    if (!inserted) refuse(path.entry(entry.key), "stands there twice.");
    read(*type.element, entry.value, place, path.entry(entry.key));
  }

  void map(const Type& type, const Value& tree, void* target, const Path& path) {
    if (tree.is_map()) {
      for (const Member& member : tree.members())
        if (!member.value.is_null()) entry(type, {member.name, member.value}, target, path);
      return;
    }
    if (!tree.is_list()) refuse(path, "is no map.");
    for (const Value& pair : tree.elements()) {
      const Value* value = pair.find("Value");
      if (!pair.find("Key") || !value) refuse(path, "is no list of Key and Value.");
      entry(type, {pair.text_or("Key"), *value}, target, path);
    }
  }

  static void native(const Type& type, const Value& tree, void* target) {
    const simdjson::padded_string text("[" + to_json(tree) + "]");
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    protocol::json::check(parser.iterate(text).get(document));
    simdjson::ondemand::array array;
    protocol::json::check(document.get_array().get(array));
    for (auto element : array) {
      protocol::json::Value value;
      protocol::json::check(std::move(element).get(value));
      type.native->read_json(&value, target);
    }
  }
};

Value tree_of(const Type& type, const void* value);

Value map_tree(const Type& type, const void* value) {
  struct Visit {
    const Type& type;
    Value tree;
  } visit{type, Value::map()};
  type.map->each(value, &visit, [](void* context, const std::string& key, const void* entry) {
    auto& [map, tree] = *static_cast<Visit*>(context);
    tree.members().push_back({.name = key, .value = tree_of(*map.element, entry)});
  });
  return std::move(visit.tree);
}

Value list_tree(const Type& type, const void* value) {
  Value tree = Value::list();
  for (std::size_t i = 0; i < type.list->size(value); ++i)
    tree.append(tree_of(*type.element, type.list->at(value, i)));
  return tree;
}

Value stream_tree(const protocol::Body& body) {
  std::string bytes = body.bytes;
  for (const protocol::Slice& slice : body.slices)
    bytes += slice.source->bytes().substr(slice.offset, slice.length);
  return protocol::base64_encode(bytes);
}

Value number_tree(const Type& type, const void* value) {
  std::string text;
  protocol::append_text(text, type, protocol::TimestampFormat::iso8601, value);
  return Value::number(std::move(text));
}

/// As AWS's handlers tell it, whose language leaves out milliseconds that are none.
Value timestamp_tree(const Type& type, const void* value) {
  constexpr std::string_view none = ".000Z";
  std::string text;
  protocol::append_text(text, type, protocol::TimestampFormat::iso8601, value);
  if (text.ends_with(none)) text.replace(text.size() - none.size(), none.size(), "Z");
  return text;
}

Value tree_of(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::structure:
      return response_tree(*type.structure, value);
    case Kind::list:
      return list_tree(type, value);
    case Kind::map:
      return map_tree(type, value);
    case Kind::boolean:
      return *static_cast<const bool*>(value);
    case Kind::integer:
    case Kind::long_integer:
    case Kind::single:
    case Kind::floating:
      return number_tree(type, value);
    case Kind::native: {
      std::string text;
      type.native->write_json(value, text);
      return templates::read_json("[" + text + "]").elements().front();
    }
    case Kind::timestamp:
      return timestamp_tree(type, value);
    case Kind::stream:
      return stream_tree(*static_cast<const protocol::Body*>(value));
    default: {
      std::string text;
      protocol::append_text(text, type, protocol::TimestampFormat::iso8601, value);
      return text;
    }
  }
}

}  // namespace

void read_request(const Structure& structure, const Value& tree, void* request,
                  protocol::Violations& violations) {
  Reader(violations).structure(structure, tree.is_null() ? Value::map() : tree, request, Path{});
}

Value response_tree(const Structure& structure, const void* response) {
  Value tree = Value::map();
  for (const Field& field : structure.fields)
    if (const void* value = field.find(response))
      tree.members().push_back(
          {.name = std::string(field.name), .value = tree_of(*field.type, value)});
  return tree;
}

}  // namespace matinee::delivery

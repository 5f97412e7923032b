#include "services/request_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "policy/wildcard.h"
#include "protocol/timestamps.h"

namespace matinee::services {

namespace {

using protocol::Field;
using protocol::Kind;
using protocol::Structure;
using protocol::Type;

/// A value inside of a request.
struct Value {
  const Type* type = nullptr;
  const void* object = nullptr;
};
using Visit = std::function<void(const Value&)>;

const Type& text_type() {
  static constexpr Type type{.kind = Kind::string, .name = "String"};
  return type;
}

void each_key(const Value& map, const Visit& visit) {
  map.type->map->each(map.object, const_cast<Visit*>(&visit),
                      [](void* context, const std::string& key, const void*) {
                        (*static_cast<Visit*>(context))({.type = &text_type(), .object = &key});
                      });
}

void each_element(const Value& list, const Visit& visit) {
  for (std::size_t i = 0; i < list.type->list->size(list.object); ++i)
    visit({.type = list.type->element, .object = list.type->list->at(list.object, i)});
}

/// Calls `visit` for each value that the path leads to.
void walk(const Value& from, std::string_view path, const Visit& visit) {
  if (path.empty()) return visit(from);
  const std::string_view part = path.substr(0, path.find('.'));
  const std::string_view rest = path.substr(std::min(path.size(), part.size() + 1));
  const Visit go_on = [&](const Value& value) { walk(value, rest, visit); };
  if (part == "*") {
    if (from.type->kind == Kind::list) return each_element(from, go_on);
    if (from.type->kind == Kind::map) return each_key(from, go_on);
    return;
  }
  if (from.type->kind != Kind::structure) return;
  const Field* field = from.type->structure->find(part);
  const void* object = field ? field->find(from.object) : nullptr;
  if (object) walk({.type = field->type, .object = object}, rest, visit);
}

/// `visit` for what the path leads to from the request as a whole.
void walk_request(const protocol::Operation& operation, const void* request, std::string_view path,
                  const Visit& visit) {
  const Type whole{.kind = Kind::structure, .name = "", .structure = operation.input};
  walk({.type = &whole, .object = request}, path, visit);
}

void append_texts(const Value& value, std::vector<std::string>& texts) {
  const Visit again = [&](const Value& element) { append_texts(element, texts); };
  switch (value.type->kind) {
    case Kind::string:
      texts.push_back(*static_cast<const std::string*>(value.object));
      break;
    case Kind::boolean:
      texts.emplace_back(*static_cast<const bool*>(value.object) ? "true" : "false");
      break;
    case Kind::integer:
      texts.push_back(fmt::to_string(*static_cast<const std::int32_t*>(value.object)));
      break;
    case Kind::long_integer:
      texts.push_back(fmt::to_string(*static_cast<const std::int64_t*>(value.object)));
      break;
    case Kind::timestamp:
      protocol::append_iso8601(texts.emplace_back(),
                               *static_cast<const protocol::Timestamp*>(value.object));
      break;
    case Kind::list:
      each_element(value, again);
      break;
    case Kind::map:
      each_key(value, again);
      break;
    default:
      break;
  }
}

/// What a request says of tags: those to be set, and keys of those to be removed.
struct RequestTags {
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::string> keys;
};

const std::string* text_of(const Structure& structure, const void* object,
                           std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Field* field = structure.find(name);
    const void* value = field ? field->find(object) : nullptr;
    if (value && field->type->kind == Kind::string) return static_cast<const std::string*>(value);
  }
  return nullptr;
}

void add_tags(const Value& value, RequestTags& found) {
  if (value.type->kind == Kind::map && value.type->element->kind == Kind::string) {
    value.type->map->each(value.object, &found,
                          [](void* context, const std::string& key, const void* text) {
                            static_cast<RequestTags*>(context)->tags.emplace_back(
                                key, *static_cast<const std::string*>(text));
                          });
    return;
  }
  if (value.type->kind != Kind::list) return;
  each_element(value, [&](const Value& element) {
    if (element.type->kind == Kind::string)
      found.keys.push_back(*static_cast<const std::string*>(element.object));
    if (element.type->kind != Kind::structure) return;
    const Structure& tag = *element.type->structure;
    const std::string* key = text_of(tag, element.object, {"Key", "TagKey", "key"});
    const std::string* text = text_of(tag, element.object, {"Value", "TagValue", "value"});
    if (key) found.tags.emplace_back(*key, text ? *text : "");
  });
}

RequestTags tags_of(const protocol::Operation& operation, const void* request) {
  RequestTags found;
  for (const Field& field : operation.input->fields) {
    if (!policy::equals_ignoring_case(field.name, "tags") &&
        !policy::equals_ignoring_case(field.name, "tagkeys"))
      continue;
    if (const void* value = field.find(request))
      add_tags({.type = field.type, .object = value}, found);
  }
  // Tags of objects have keys of S3's own.
  if (operation.name == "PutObjectTagging") return found;
  for (const std::string_view path : {"Tagging.TagSet", "CreateBucketConfiguration.Tags"})
    walk_request(operation, request, path, [&](const Value& value) { add_tags(value, found); });
  return found;
}

using Values = std::optional<std::vector<std::string>>;

Values find_tag_key(const RequestTags& found, std::string_view key) {
  if (key == "aws:tagkeys") {
    std::vector<std::string> keys = found.keys;
    for (const auto& [name, value] : found.tags) keys.push_back(name);
    if (keys.empty()) return std::nullopt;
    return keys;
  }
  const std::string_view name = key.substr(key.find('/') + 1);
  for (const auto& [tag, value] : found.tags)
    if (policy::equals_ignoring_case(tag, name)) return std::vector{value};
  return std::nullopt;
}

/// kms:encryptioncontext:KEY is the value of one of its pairs, kms:encryptioncontextkeys all keys.
Values find_encryption_context(const protocol::Operation& operation, const void* request,
                               std::string_view name) {
  Values result;
  walk_request(operation, request, "EncryptionContext", [&](const Value& map) {
    if (name.empty()) {
      result = std::vector<std::string>();
      return append_texts(map, *result);
    }
    std::pair<std::string_view, Values*> search{name, &result};
    map.type->map->each(
        map.object, &search, [](void* context, const std::string& key, const void* text) {
          auto& [wanted, found] = *static_cast<std::pair<std::string_view, Values*>*>(context);
          if (policy::equals_ignoring_case(key, wanted))
            *found = std::vector{*static_cast<const std::string*>(text)};
        });
  });
  return result;
}

}  // namespace

const std::string* find_text(const protocol::Operation& operation, const void* request,
                             std::string_view path) {
  if (path.find('.') == std::string_view::npos) {
    const Field* field = operation.input->find(path);
    return field && field->type->kind == Kind::string
               ? static_cast<const std::string*>(field->find(request))
               : nullptr;
  }
  const std::string* text = nullptr;
  walk_request(operation, request, path, [&](const Value& value) {
    if (value.type->kind == Kind::string) text = static_cast<const std::string*>(value.object);
  });
  return text;
}

bool has_member(const protocol::Operation& operation, const void* request, std::string_view path) {
  bool found = false;
  walk_request(operation, request, path, [&](const Value& value) {
    found = value.type->kind != Kind::boolean || *static_cast<const bool*>(value.object);
    if (value.type->kind == Kind::list) found = value.type->list->size(value.object) > 0;
    if (value.type->kind == Kind::map) found = value.type->map->size(value.object) > 0;
  });
  return found;
}

std::vector<std::string> texts_of_member(const protocol::Operation& operation, const void* request,
                                         std::string_view path) {
  std::vector<std::string> texts;
  walk_request(operation, request, path, [&](const Value& value) { append_texts(value, texts); });
  return texts;
}

Values find_request_key(const protocol::Operation& operation, const void* request,
                        std::string_view key) {
  if (!operation.input || !request) return std::nullopt;
  if (key == "aws:tagkeys" || key.starts_with("aws:requesttag/"))
    return find_tag_key(tags_of(operation, request), key);
  constexpr std::string_view pair = "kms:encryptioncontext:";
  if (key.starts_with(pair))
    return find_encryption_context(operation, request, key.substr(pair.size()));
  if (key == "kms:encryptioncontextkeys") return find_encryption_context(operation, request, "");
  std::string_view table = operation.service->key_members;
  while (!table.empty()) {
    const std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(table.size(), line.size() + 1));
    if (!line.starts_with(key) || line[key.size()] != '=') continue;
    std::vector<std::string> texts =
        texts_of_member(operation, request, line.substr(key.size() + 1));
    return texts.empty() ? Values() : Values(std::move(texts));
  }
  return std::nullopt;
}

}  // namespace matinee::services

#include "protocol/rest_binding.h"

#include "protocol/text_value.h"
#include "protocol/utf8.h"

namespace matinee::protocol::rest {
namespace {

bool starts_with_header(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() && same_header(name.substr(0, prefix.size()), prefix);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return result;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// S3's own wording, with the two details that its clients show.
[[noreturn]] void refuse(const Field& field, std::string_view text) {
  const std::string name(field.wire_name);
  const bool integer = field.type->kind == Kind::integer || field.type->kind == Kind::long_integer;
  ServiceError error("InvalidArgument", 400,
                     integer ? "Provided " + name + " not an integer or within integer range"
                             : "The value of " + name + " is invalid");
  error.details = {{"ArgumentName", name}, {"ArgumentValue", std::string(text)}};
  throw error;
}

/// Reads a value, or with commas between them the elements of a list. False where it is malformed.
bool parse_value(const Field& field, std::string_view text, void* object) {
  const Type& type = *field.type;
  if (type.kind != Kind::list) return parse_text(type, text, field.emplace(object));
  void* list = field.emplace(object);
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (!parse_text(*type.element, trim(part), type.list->append(list))) return false;
  }
  return true;
}

/// Whether to go on as if the text were not there: so HTTP wants it of conditions whose date is no
/// date. Dates in ISO 8601 are no conditions, and refused.
bool is_unusable_date(const Field& field, std::string_view text) {
  if (field.type->kind != Kind::timestamp) return false;
  if (timestamp_format(field, TimestampFormat::rfc822) == TimestampFormat::iso8601) return false;
  Timestamp time;
  return !parse_text(*field.type, text, &time);
}

/// The raw texts that the path has for the labels of "/{Bucket}/{Key+}".
std::vector<std::pair<std::string_view, std::string_view>> match_labels(std::string_view pattern,
                                                                        std::string_view path) {
  std::vector<std::pair<std::string_view, std::string_view>> labels;
  pattern = pattern.substr(0, pattern.find('?'));
  while (pattern.starts_with('/')) {
    pattern.remove_prefix(1);
    if (path.starts_with('/')) path.remove_prefix(1);
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(part.size());
    const bool greedy = part.ends_with("+}");
    const std::string_view text = greedy ? path : path.substr(0, path.find('/'));
    path.remove_prefix(text.size());
    if (!part.starts_with('{')) continue;
    labels.emplace_back(part.substr(1, part.size() - (greedy ? 3 : 2)), text);
  }
  return labels;
}

class RequestReader {
 public:
  RequestReader(const Operation& operation, const HttpRequest& request, void* object)
      : request_(request),
        object_(object),
        labels_(match_labels(operation.uri, request.path)),
        is_presigned_(find_parameter(request.query, "X-Amz-Signature") != nullptr),
        is_presigned_by_version_2_(find_parameter(request.query, "AWSAccessKeyId") != nullptr) {}

  /// Whether the member is there.
  bool read(const Field& field) {
    switch (field.location) {
      case Location::header:
        return read_header(field);
      case Location::header_prefix:
        return read_prefixed(field);
      case Location::query:
        return read_query(field);
      case Location::uri:
        return read_label(field);
      default:
        return true;
    }
  }

 private:
  const HttpRequest& request_;
  void* object_;
  std::vector<std::pair<std::string_view, std::string_view>> labels_;
  bool is_presigned_;
  bool is_presigned_by_version_2_;

  /// Whether a header may stand in the query. Any may where the query is signed; there, Expires is
  /// of the older signature.
  bool may_be_in_query(std::string_view header) const {
    if (starts_with_header(header, "x-amz-") || is_presigned_) return true;
    return is_presigned_by_version_2_ && !same_header(header, "Expires");
  }

  bool store(const Field& field, std::string_view text) {
    if (is_unusable_date(field, text)) return false;
    if (!parse_value(field, text, object_)) refuse(field, text);
    return true;
  }

  bool read_header(const Field& field) {
    if (const auto value = request_.headers.find(field.wire_name)) return store(field, *value);
    if (request_.query.empty() || !may_be_in_query(field.wire_name)) return false;
    for (const auto& [name, value] : request_.query)
      if (same_header(name, field.wire_name)) return store(field, value);
    return false;
  }

  void add_prefixed(const Field& field, void*& map, std::string_view name, std::string_view value) {
    if (!starts_with_header(name, field.wire_name)) return;
    if (!map) map = field.emplace(object_);
    bool inserted = false;
    void* target =
        field.type->map->insert(map, lower(name.substr(field.wire_name.size())), &inserted);
    auto& text = *static_cast<std::string*>(target);
    // Repeated fields are one list.
    if (!inserted) text += ',';
    text += trim(value);
  }

  bool read_prefixed(const Field& field) {
    void* map = nullptr;
    for (const auto& [name, value] : request_.headers) add_prefixed(field, map, name, value);
    for (const auto& [name, value] : request_.query) add_prefixed(field, map, name, value);
    return map != nullptr;
  }

  bool read_query(const Field& field) {
    if (field.type->kind != Kind::list) {
      const std::string* value = find_parameter(request_.query, field.wire_name);
      return value && store(field, *value);
    }
    void* list = nullptr;
    for (const auto& [name, value] : request_.query) {
      if (name != field.wire_name) continue;
      if (!list) list = field.emplace(object_);
      if (!parse_text(*field.type->element, value, field.type->list->append(list)))
        refuse(field, value);
    }
    return list != nullptr;
  }

  bool read_label(const Field& field) {
    for (const auto& [name, raw] : labels_) {
      if (name != field.wire_name) continue;
      if (raw.empty()) return false;
      const auto text = percent_decode(raw);
      if (!text || !is_utf8(*text))
        throw ServiceError("InvalidURI", 400, "Couldn't parse the specified URI.");
      return store(field, *text);
    }
    return false;
  }
};

TimestampFormat default_format(Location location) {
  return location == Location::header ? TimestampFormat::rfc822 : TimestampFormat::iso8601;
}

void append_value(std::string& text, const Field& field, const void* value) {
  const Type& type = *field.type;
  const TimestampFormat format = timestamp_format(field, default_format(field.location));
  if (type.kind != Kind::list) return append_text(text, type, format, value);
  const std::size_t size = type.list->size(value);
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) text += ',';
    append_text(text, *type.element, format, type.list->at(value, i));
  }
}

std::string text_of(const Field& field, const void* value) {
  std::string text;
  append_value(text, field, value);
  return text;
}

/// Line ends in a header would be another header.
void remove_line_ends(std::string& text) {
  for (char& c : text)
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
}

std::string header_text(std::string text) {
  remove_line_ends(text);
  return text;
}

/// `text` is the caller's, so that one piece of memory serves all fields.
void add_header(Headers& headers, const Field& field, const void* value, std::string& text) {
  text.clear();
  append_value(text, field, value);
  remove_line_ends(text);
  headers.add(field.wire_name, text);
}

void add_prefixed_headers(const Field& field, const void* map, Headers& headers) {
  struct Visit {
    const Field& field;
    Headers& headers;
  } visit{field, headers};
  field.type->map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
    auto& self = *static_cast<Visit*>(context);
    self.headers.add(header_text(std::string(self.field.wire_name) + key),
                     header_text(*static_cast<const std::string*>(value)));
  });
}

void append_parameter(std::string& query, std::string_view name, std::string_view value) {
  query += query.empty() ? '?' : '&';
  query += percent_encode(name);
  query += '=';
  query += percent_encode(value);
}

void append_query(std::string& query, const Field& field, const void* value) {
  if (field.type->kind != Kind::list)
    return append_parameter(query, field.wire_name, text_of(field, value));
  const std::size_t size = field.type->list->size(value);
  for (std::size_t i = 0; i < size; ++i) {
    std::string text;
    append_text(text, *field.type->element, timestamp_format(field, TimestampFormat::iso8601),
                field.type->list->at(value, i));
    append_parameter(query, field.wire_name, text);
  }
}

/// "/bucket/a%20b" for "/{Bucket}/{Key+}".
std::string fill_labels(const Operation& operation, const void* object) {
  std::string path;
  std::string_view pattern = operation.uri.substr(0, operation.uri.find('?'));
  while (!pattern.empty()) {
    const std::size_t start = pattern.find('{');
    path += pattern.substr(0, start);
    if (start == std::string_view::npos) break;
    const std::size_t end = pattern.find('}', start);
    std::string_view name = pattern.substr(start + 1, end - start - 1);
    pattern.remove_prefix(end + 1);
    const bool greedy = name.ends_with('+');
    if (greedy) name.remove_suffix(1);
    std::string text;
    for (const Field& field : operation.input->fields)
      if (field.location == Location::uri && field.wire_name == name)
        if (const void* value = field.find(object)) text = text_of(field, value);
    if (text.empty())
      throw ServiceError("ValidationException", 400,
                         "The parameter " + std::string(name) + " must not be empty.");
    path += percent_encode(text, greedy);
  }
  return path;
}

}  // namespace

void read_bindings(const Operation& operation, const HttpRequest& request, void* object,
                   Violations& violations) {
  RequestReader reader(operation, request, object);
  for (const Field& field : operation.input->fields)
    if (!reader.read(field) && field.required)
      violations.push_back({Rule::required, std::string(field.name), "null", field.type, &field});
}

void read_bindings(const Structure& output, const HttpResponse& response, void* object) {
  for (const Field& field : output.fields) {
    if (field.location == Location::status_code && field.type->kind == Kind::integer)
      *static_cast<std::int32_t*>(field.emplace(object)) = response.status;
    if (field.location == Location::header) {
      const auto value = response.headers.find(field.wire_name);
      if (value && !is_unusable_date(field, *value)) parse_value(field, *value, object);
    }
    if (field.location != Location::header_prefix) continue;
    void* map = field.emplace(object);
    for (const auto& [name, value] : response.headers) {
      if (!starts_with_header(name, field.wire_name)) continue;
      bool inserted = false;
      void* target =
          field.type->map->insert(map, lower(name.substr(field.wire_name.size())), &inserted);
      *static_cast<std::string*>(target) = trim(value);
    }
  }
}

void write_bindings(const Operation& operation, const void* object, HttpRequest& request) {
  const std::size_t mark = operation.uri.find('?');
  std::string query(mark == std::string_view::npos ? "" : operation.uri.substr(mark));
  std::string text;
  for (const Field& field : operation.input->fields) {
    const void* value = field.find(object);
    if (!value) continue;
    if (field.location == Location::query) append_query(query, field, value);
    if (field.location == Location::header_prefix)
      add_prefixed_headers(field, value, request.headers);
    if (field.location == Location::header && !same_header(field.wire_name, "Content-Length"))
      add_header(request.headers, field, value, text);
  }
  if (!request.set_target(fill_labels(operation, object) + query))
    throw ServiceError("ValidationException", 400, "The request's path is malformed.");
}

void write_bindings(const Operation& operation, const void* object, HttpResponse& response) {
  std::string text;
  for (const Field& field : operation.output->fields) {
    const void* value = field.find(object);
    if (!value) continue;
    if (field.location == Location::status_code && field.type->kind == Kind::integer)
      response.status = *static_cast<const std::int32_t*>(value);
    if (field.location == Location::header_prefix)
      add_prefixed_headers(field, value, response.headers);
    if (field.location != Location::header) continue;
    // A part of what was asked for is Partial Content.
    if (same_header(field.wire_name, "Content-Range")) response.status = 206;
    if (!same_header(field.wire_name, "Content-Length")) {
      add_header(response.headers, field, value, text);
    } else if (operation.method == "HEAD" && field.type->kind == Kind::long_integer) {
      response.head_length = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(value));
    }
  }
}

}  // namespace matinee::protocol::rest

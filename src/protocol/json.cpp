#include "protocol/json.h"

#include <limits>

#include "protocol/json_reader.h"
#include "protocol/path.h"
#include "protocol/seen.h"
#include "protocol/timestamps.h"

namespace matinee::protocol::json {
namespace {

using simdjson::ondemand::json_type;

/// Deeper nesting than any model has; hand-written types keep limits of their own.
constexpr int max_depth = 100;
/// A thread's parser grows with what it reads. It is given up after a document above this size.
constexpr std::size_t kept_capacity = std::size_t{1} << 20;

class Reader {
 public:
  enum class Members : std::uint8_t { all, of_body, in_either_case };

  explicit Reader(Violations* violations, Members members = Members::all)
      : violations_(violations), members_(members) {}

  void structure(const Structure& structure, Value& value, void* object, const Path& path) {
    enter();
    Seen seen;
    std::size_t next = 0;
    each_member(value, [&](Key key, Value& member) {
      const std::size_t index = find(structure, key, next);
      if (index == structure.fields.size() || is_null(member)) return;
      next = index + 1;
      const Field& field = structure.fields[index];
      if (is_elsewhere(field)) return;
      void* target = field.emplace(object);
      if (seen.add(index)) clear(*field.type, target);
      read(*field.type, member, target, path.member(field.name));
    });
    report_missing(structure, seen, path);
    --depth_;
  }

 private:
  Violations* violations_;
  Members members_;
  int depth_ = 0;

  bool is_elsewhere(const Field& field) const {
    return members_ == Members::of_body && depth_ == 1 && field.location != Location::body;
  }

  void enter() {
    if (++depth_ > max_depth) refuse("The request is nested too deeply.");
  }

  /// Members mostly come in the model's order, so the search starts after the last one.
  std::size_t find(const Structure& structure, Key key, std::size_t next) const {
    const std::size_t size = structure.fields.size();
    for (std::size_t i = next; i < size; ++i)
      if (key_is(key, structure.fields[i].name)) return i;
    for (std::size_t i = 0; i < next; ++i)
      if (key_is(key, structure.fields[i].name)) return i;
    const std::string name = read_key(key);  // perhaps written with escapes
    for (std::size_t i = 0; i < size; ++i)
      if (name == structure.fields[i].name) return i;
    if (members_ == Members::in_either_case)
      for (std::size_t i = 0; i < size; ++i)
        if (is_the_same_but_for_its_case(name, structure.fields[i].name)) return i;
    return size;
  }

  /// Of the first letter.
  static bool is_the_same_but_for_its_case(std::string_view name, std::string_view field) {
    constexpr char case_bit = 0x20;
    return name.size() == field.size() && !name.empty() &&
           (name[0] | case_bit) == (field[0] | case_bit) && name.substr(1) == field.substr(1);
  }

  static void clear(const Type& type, void* value) {
    if (type.kind == Kind::list) type.list->clear(value);
    if (type.kind == Kind::map) type.map->clear(value);
  }

  void report_missing(const Structure& structure, const Seen& seen, const Path& path) {
    if (!violations_) return;
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
      const Field& field = structure.fields[i];
      if (!field.required || seen.contains(i) || is_elsewhere(field)) continue;
      violations_->push_back(
          {Rule::required, path.member(field.name).text(), "null", field.type, &field});
    }
  }

  void read(const Type& type, Value& value, void* target, const Path& path) {
    switch (type.kind) {
      case Kind::string:
        return read_string(value, *static_cast<std::string*>(target));
      case Kind::boolean:
        *static_cast<bool*>(target) = read_boolean(value);
        return;
      case Kind::integer:
        return read_small_integer(value, *static_cast<std::int32_t*>(target));
      case Kind::long_integer:
        *static_cast<std::int64_t*>(target) = read_integer(value);
        return;
      case Kind::single:
        *static_cast<float*>(target) = static_cast<float>(read_number(value));
        return;
      case Kind::floating:
        *static_cast<double*>(target) = read_number(value);
        return;
      case Kind::blob:
        return read_blob(value, static_cast<Blob*>(target)->bytes);
      case Kind::timestamp:
        return read_timestamp(value, *static_cast<Timestamp*>(target));
      case Kind::structure:
        return structure(*type.structure, value, target, path);
      case Kind::list:
        return read_list(type, value, target, path);
      case Kind::map:
        return read_map(type, value, target, path);
      case Kind::native:
        return type.native->read_json(&value, target);
      case Kind::stream:
        refuse("Unexpected field type");
    }
  }

  static void read_small_integer(Value& value, std::int32_t& target) {
    const std::int64_t integer = read_integer(value);
    if (integer < std::numeric_limits<std::int32_t>::min() ||
        integer > std::numeric_limits<std::int32_t>::max())
      refuse("NUMBER_VALUE cannot be converted to Integer");
    target = static_cast<std::int32_t>(integer);
  }

  static void read_timestamp(Value& value, Timestamp& target) {
    json_type kind;
    check(value.type().get(kind));
    std::optional<Timestamp> time;
    if (kind == json_type::number) {
      time = timestamp_from_seconds(read_number(value));
    } else {
      std::string text;
      read_string(value, text);
      time = parse_timestamp(text);
    }
    if (!time) refuse("The value cannot be converted to Date");
    target = *time;
  }

  void report_null(const Type& type, const Path& path) {
    if (violations_) violations_->push_back({Rule::required, path.text(), "null", &type, nullptr});
  }

  void read_list(const Type& type, Value& value, void* list, const Path& path) {
    enter();
    std::size_t index = 0;
    each_element(value, [&](Value& element) {
      const Path place = path.element(index++);
      if (is_null(element)) return report_null(*type.element, place);
      read(*type.element, element, type.list->append(list), place);
    });
    --depth_;
  }

  void read_map(const Type& type, Value& value, void* map, const Path& path) {
    enter();
    each_member(value, [&](Key raw, Value& member) {
      const std::string key = read_key(raw);
      const Path place = path.entry(key);
      if (is_null(member)) return report_null(*type.element, place);
      bool inserted = false;
      void* target = type.map->insert(map, key, &inserted);
      if (!inserted) clear(*type.element, target);
      read(*type.element, member, target, place);
    });
    --depth_;
  }
};

/// Calls `visit(Value&)` with the root object of `text`, and sees that nothing comes after it.
template <class Visit>
void with_document(std::string& text, Visit visit) {
  thread_local auto parser = std::make_unique<simdjson::ondemand::parser>();
  if (text.capacity() - text.size() < simdjson::SIMDJSON_PADDING)
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::document document;
  check(parser->iterate(text.data(), text.size(), text.capacity()).get(document));
  simdjson::ondemand::value root;
  if (document.get_value().get(root)) refuse("Unexpected field type");
  visit(root);
  const char* rest = nullptr;
  if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS)
    refuse_malformed(simdjson::TRAILING_CONTENT);
  if (parser->capacity() > kept_capacity) parser = std::make_unique<simdjson::ondemand::parser>();
}

}  // namespace

namespace {

void read_document(const Structure& structure, std::string& text, void* object, Reader reader) {
  std::string nothing_sent = "{}";
  with_document(text.empty() ? nothing_sent : text,
                [&](Value& root) { reader.structure(structure, root, object, Path{}); });
}

}  // namespace

void read(const Structure& structure, std::string& text, void* object, Violations* violations) {
  read_document(structure, text, object, Reader(violations));
}

void read_body(const Structure& structure, std::string& text, void* object,
               Violations* violations) {
  read_document(structure, text, object, Reader(violations, Reader::Members::of_body));
}

void read_in_either_case(const Structure& structure, std::string& text, void* object,
                         Violations* violations) {
  read_document(structure, text, object, Reader(violations, Reader::Members::in_either_case));
}

ErrorDocument read_error(std::string& text) {
  ErrorDocument document;
  if (text.empty()) return document;
  with_document(text, [&](Value& root) {
    each_member(root, [&](Key key, Value& member) {
      json_type kind;
      check(member.type().get(kind));
      if (kind != json_type::string) return;
      if (key_is(key, "__type")) {
        read_string(member, document.type);
      } else if (key_is(key, "code") && document.type.empty()) {
        read_string(member, document.type);
      } else if (key_is(key, "message") || key_is(key, "Message") || key_is(key, "errorMessage")) {
        read_string(member, document.message);
      }
    });
  });
  return document;
}

}  // namespace matinee::protocol::json

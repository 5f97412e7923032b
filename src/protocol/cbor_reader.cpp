#include <limits>

#include "protocol/cbor.h"
#include "protocol/cbor_items.h"
#include "protocol/path.h"
#include "protocol/seen.h"
#include "protocol/timestamps.h"

namespace matinee::protocol::cbor {
namespace {

/// Deeper nesting than any model has.
constexpr int max_depth = 100;

class Reader {
 public:
  Reader(Source& source, Violations* violations) : source_(source), violations_(violations) {}

  void structure(const Structure& structure, void* object, const Path& path) {
    enter();
    Seen seen;
    std::string key;
    std::size_t next = 0;
    for (auto members = source_.open_map(); members.next();) {
      source_.read_text(key);
      const std::size_t index = find(structure, key, next);
      if (index == structure.fields.size()) {
        source_.skip();
        continue;
      }
      if (source_.take_null()) continue;
      next = index + 1;
      const Field& field = structure.fields[index];
      void* target = field.emplace(object);
      if (seen.add(index)) clear(*field.type, target);
      read(*field.type, target, path.member(field.name));
    }
    report_missing(structure, seen, path);
    --depth_;
  }

 private:
  Source& source_;
  Violations* violations_;
  int depth_ = 0;

  void enter() {
    if (++depth_ > max_depth) refuse("The request is nested too deeply.");
  }

  /// Members mostly come in the model's order, so the search starts after the last one.
  static std::size_t find(const Structure& structure, std::string_view key, std::size_t next) {
    const std::size_t size = structure.fields.size();
    for (std::size_t i = next; i < size; ++i)
      if (structure.fields[i].name == key) return i;
    for (std::size_t i = 0; i < next && i < size; ++i)
      if (structure.fields[i].name == key) return i;
    return size;
  }

  static void clear(const Type& type, void* value) {
    if (type.kind == Kind::list) type.list->clear(value);
    if (type.kind == Kind::map) type.map->clear(value);
  }

  void report_missing(const Structure& structure, const Seen& seen, const Path& path) {
    if (!violations_) return;
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
      const Field& field = structure.fields[i];
      if (!field.required || seen.contains(i)) continue;
      violations_->push_back(
          {Rule::required, path.member(field.name).text(), "null", field.type, &field});
    }
  }

  void report_null(const Type& type, const Path& path) {
    if (violations_) violations_->push_back({Rule::required, path.text(), "null", &type, nullptr});
  }

  void read(const Type& type, void* target, const Path& path) {
    switch (type.kind) {
      case Kind::string:
        return source_.read_text(*static_cast<std::string*>(target));
      case Kind::boolean:
        *static_cast<bool*>(target) = source_.read_boolean();
        return;
      case Kind::integer:
        return read_small_integer(*static_cast<std::int32_t*>(target));
      case Kind::long_integer:
        *static_cast<std::int64_t*>(target) = source_.read_integer();
        return;
      case Kind::single:
        *static_cast<float*>(target) = static_cast<float>(source_.read_number());
        return;
      case Kind::floating:
        *static_cast<double*>(target) = source_.read_number();
        return;
      case Kind::blob:
        return source_.read_bytes(static_cast<Blob*>(target)->bytes);
      case Kind::timestamp:
        return read_timestamp(*static_cast<Timestamp*>(target));
      case Kind::structure:
        return structure(*type.structure, target, path);
      case Kind::list:
        return read_list(type, target, path);
      case Kind::map:
        return read_map(type, target, path);
      case Kind::native:
      case Kind::stream:
        refuse("Unexpected field type");
    }
  }

  void read_small_integer(std::int32_t& target) {
    const std::int64_t integer = source_.read_integer();
    if (integer < std::numeric_limits<std::int32_t>::min() ||
        integer > std::numeric_limits<std::int32_t>::max())
      refuse("NUMBER_VALUE cannot be converted to Integer");
    target = static_cast<std::int32_t>(integer);
  }

  void read_timestamp(Timestamp& target) {
    const std::optional<Timestamp> time = timestamp_from_seconds(source_.read_seconds());
    if (!time) refuse("The value cannot be converted to Date");
    target = *time;
  }

  void read_list(const Type& type, void* list, const Path& path) {
    enter();
    std::size_t index = 0;
    for (auto elements = source_.open_array(); elements.next();) {
      const Path place = path.element(index++);
      if (source_.take_null())
        report_null(*type.element, place);
      else
        read(*type.element, type.list->append(list), place);
    }
    --depth_;
  }

  void read_map(const Type& type, void* map, const Path& path) {
    enter();
    std::string key;
    for (auto entries = source_.open_map(); entries.next();) {
      source_.read_text(key);
      const Path place = path.entry(key);
      if (source_.take_null()) {
        report_null(*type.element, place);
        continue;
      }
      bool inserted = false;
      void* target = type.map->insert(map, key, &inserted);
      if (!inserted) clear(*type.element, target);
      read(*type.element, target, place);
    }
    --depth_;
  }
};

}  // namespace

void read(const Structure& structure, std::string_view bytes, void* object,
          Violations* violations) {
  constexpr std::string_view empty_map("\xa0");
  Source source(bytes.empty() ? empty_map : bytes);
  Reader(source, violations).structure(structure, object, Path{});
  if (!source.at_end())
    refuse("Could not parse request body into cbor: bytes after the end of the document");
}

}  // namespace matinee::protocol::cbor

// The model's limits, applied to a decoded request.
#include "protocol/json_writer.h"
#include "protocol/path.h"
#include "protocol/pattern.h"
#include "protocol/utf8.h"
#include "protocol/violation.h"

namespace matinee::protocol {
namespace {

/// Longer values are cut in messages: clients get them in headers and logs.
constexpr std::size_t max_shown = 2048;

std::string show(const Type& type, const void* value) {
  if (type.sensitive) return "***";
  std::string text;
  if (type.kind == Kind::string)
    text = *static_cast<const std::string*>(value);
  else
    json::append_value(text, type, value);
  if (text.size() > max_shown) {
    std::size_t end = max_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    text += "...";
  }
  return text;
}

class Validator {
 public:
  explicit Validator(Violations& violations) : violations_(violations) {}

  void structure(const Structure& structure, const void* object, const Path& path) {
    for (const Field& field : structure.fields) {
      // A required member that the decoder missed is told of already, and empty for that reason.
      const void* found = field.find(object);
      if (!found || !needs_check(*field.type)) continue;
      const Path place = path.member(field.name);
      if (field.required && is_empty(*field.type, found) && was_missed(place)) continue;
      value(*field.type, field, found, place);
    }
  }

 private:
  Violations& violations_;
  bool missed_any_ = !violations_.empty();

  static bool needs_check(const Type& type) {
    return type.has_limits() || !type.pattern.empty() || !type.values.empty() ||
           type.kind == Kind::structure || type.kind == Kind::list || type.kind == Kind::map;
  }

  static bool is_empty(const Type& type, const void* value) {
    switch (type.kind) {
      case Kind::string:
        return static_cast<const std::string*>(value)->empty();
      case Kind::list:
        return type.list->size(value) == 0;
      case Kind::map:
        return type.map->size(value) == 0;
      default:
        return true;
    }
  }

  bool was_missed(const Path& path) const {
    if (!missed_any_) return false;
    const std::string text = path.text();
    for (const Violation& violation : violations_)
      if (violation.rule == Rule::required && violation.path == text) return true;
    return false;
  }

  void add(Rule rule, const Type& type, const Field& field, const void* value, const Path& path) {
    violations_.push_back({rule, path.text(), show(type, value), &type, &field});
  }

  void range(const Type& type, const Field& field, const void* value, const Path& path,
             double size) {
    if (!type.has_limits()) return;
    if (size < type.minimum) add(Rule::minimum, type, field, value, path);
    if (size > type.maximum) add(Rule::maximum, type, field, value, path);
  }

  void string(const Type& type, const Field& field, const std::string& text, const Path& path) {
    if (type.has_limits())
      range(type, field, &text, path, static_cast<double>(count_characters(text)));
    if (!type.pattern.empty() && !Pattern::of(type.pattern).matches(text))
      add(Rule::pattern, type, field, &text, path);
    if (type.values.empty()) return;
    for (const std::string_view allowed : type.values)
      if (text == allowed) return;
    add(Rule::one_of, type, field, &text, path);
  }

  void value(const Type& type, const Field& field, const void* found, const Path& path) {
    switch (type.kind) {
      case Kind::string:
        return string(type, field, *static_cast<const std::string*>(found), path);
      case Kind::integer:
        return range(type, field, found, path, *static_cast<const std::int32_t*>(found));
      case Kind::long_integer:
        return range(type, field, found, path,
                     static_cast<double>(*static_cast<const std::int64_t*>(found)));
      case Kind::single:
        return range(type, field, found, path, double{*static_cast<const float*>(found)});
      case Kind::floating:
        return range(type, field, found, path, *static_cast<const double*>(found));
      case Kind::blob:
        return range(type, field, found, path,
                     static_cast<double>(static_cast<const Blob*>(found)->bytes.size()));
      case Kind::structure:
        return structure(*type.structure, found, path);
      case Kind::list:
        return list(type, field, found, path);
      case Kind::map:
        return map(type, field, found, path);
      default:
        return;
    }
  }

  void list(const Type& type, const Field& field, const void* found, const Path& path) {
    const std::size_t size = type.list->size(found);
    range(type, field, found, path, static_cast<double>(size));
    if (!needs_check(*type.element)) return;
    for (std::size_t i = 0; i < size; ++i)
      value(*type.element, field, type.list->at(found, i), path.element(i));
  }

  void map(const Type& type, const Field& field, const void* found, const Path& path) {
    range(type, field, found, path, static_cast<double>(type.map->size(found)));
    struct Visit {
      Validator& validator;
      const Type& type;
      const Field& field;
      const Path& path;
    } visit{*this, type, field, path};
    type.map->each(found, &visit, [](void* context, const std::string& key, const void* entry) {
      auto& self = *static_cast<Visit*>(context);
      const Path place = self.path.entry(key);
      if (self.type.key) self.validator.string(*self.type.key, self.field, key, place);
      if (needs_check(*self.type.element))
        self.validator.value(*self.type.element, self.field, entry, place);
    });
  }
};

}  // namespace

void validate(const Structure& structure, const void* object, Violations& violations) {
  Validator(violations).structure(structure, object, Path{});
}

}  // namespace matinee::protocol

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

/// One value, and where it stands.
struct Subject {
  const Type& type;
  const Field& field;
  const void* value;
  const Path& path;
};

class Validator {
 public:
  explicit Validator(Violations& violations) : violations_(violations) {
    for (const Violation& violation : violations)
      if (violation.rule == Rule::required) missed_.insert(violation.path);
  }

  void structure(const Structure& structure, const void* object, const Path& path) {
    for (const Field& field : structure.fields) {
      // A required member that the decoder missed is told of already, and empty for that reason.
      const void* found = field.find(object);
      if (!found || !needs_check(*field.type)) continue;
      const Path place = path.member(field.name);
      if (field.required && is_empty(*field.type, found) && was_missed(place)) continue;
      check({*field.type, field, found, place});
    }
  }

 private:
  Violations& violations_;
  std::set<std::string, std::less<>> missed_;  // what the decoder has told of

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
    return !missed_.empty() && missed_.contains(path.text());
  }

  void add(Rule rule, const Subject& subject) {
    const auto& [type, field, value, path] = subject;
    violations_.push_back({rule, path.text(), show_value(type, value), &type, &field});
  }

  void range(const Subject& subject, double size) {
    const Type& type = subject.type;
    if (!type.has_limits()) return;
    if (size < type.minimum) add(Rule::minimum, subject);
    if (size > type.maximum) add(Rule::maximum, subject);
  }

  void string(const Subject& subject) {
    const Type& type = subject.type;
    const auto& text = *static_cast<const std::string*>(subject.value);
    if (type.has_limits()) range(subject, static_cast<double>(count_characters(text)));
    if (!type.pattern.empty() && !Pattern::of(type.pattern).matches(text))
      add(Rule::pattern, subject);
    if (type.values.empty()) return;
    for (const std::string_view allowed : type.values)
      if (text == allowed) return;
    add(Rule::one_of, subject);
  }

  template <class T>
  void number(const Subject& subject) {
    range(subject, static_cast<double>(*static_cast<const T*>(subject.value)));
  }

  void check(const Subject& subject) {
    if (violations_.is_full()) return;
    switch (subject.type.kind) {
      case Kind::string:
        return string(subject);
      case Kind::integer:
        return number<std::int32_t>(subject);
      case Kind::long_integer:
        return number<std::int64_t>(subject);
      case Kind::single:
        return number<float>(subject);
      case Kind::floating:
        return number<double>(subject);
      case Kind::blob:
        return range(subject,
                     static_cast<double>(static_cast<const Blob*>(subject.value)->bytes.size()));
      case Kind::structure:
        return structure(*subject.type.structure, subject.value, subject.path);
      case Kind::list:
        return list(subject);
      case Kind::map:
        return map(subject);
      default:
        return;
    }
  }

  void list(const Subject& subject) {
    const Type& type = subject.type;
    const std::size_t size = type.list->size(subject.value);
    range(subject, static_cast<double>(size));
    if (!needs_check(*type.element)) return;
    for (std::size_t i = 0; i < size; ++i)
      check(
          {*type.element, subject.field, type.list->at(subject.value, i), subject.path.element(i)});
  }

  void map(const Subject& subject) {
    range(subject, static_cast<double>(subject.type.map->size(subject.value)));
    struct Visit {
      Validator& validator;
      const Subject& subject;
    } visit{*this, subject};
    subject.type.map->each(subject.value, &visit,
                           [](void* context, const std::string& key, const void* entry) {
                             const auto& [validator, whole] = *static_cast<Visit*>(context);
                             const Type& type = whole.type;
                             const Path place = whole.path.entry(key);
                             if (type.key) validator.string({*type.key, whole.field, &key, place});
                             if (needs_check(*type.element))
                               validator.check({*type.element, whole.field, entry, place});
                           });
  }
};

}  // namespace

std::string show_value(const Type& type, const void* value) {
  if (type.sensitive) return "***";
  std::string text;
  if (type.kind == Kind::string)
    text = *static_cast<const std::string*>(value);
  else
    json::append_value(text, type, value);
  if (text.size() > max_shown) {
    const char close = text.back();
    text.resize(beginning(text, max_shown).size());
    text += "...";
    if (type.kind != Kind::string) text += close;
  }
  return text;
}

void validate(const Structure& structure, const void* object, Violations& violations) {
  Validator(violations).structure(structure, object, Path{});
}

}  // namespace matinee::protocol

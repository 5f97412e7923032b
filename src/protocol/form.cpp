#include "protocol/form.h"

#include <algorithm>
#include <charconv>

#include "protocol/error.h"
#include "protocol/path.h"
#include "protocol/text_value.h"

namespace matinee::protocol::form {
namespace {

struct Parameter {
  std::string_view name;
  std::string_view value;
  std::size_t order;  // among all: the first of equal names counts
};

/// The parameters below one place of the path: a range of the sorted parameters, all of which have
/// the same first `prefix` characters.
class Scope {
 public:
  explicit Scope(std::span<const Parameter> parameters, std::size_t prefix = 0)
      : parameters_(parameters), prefix_(prefix) {}

  bool empty() const { return parameters_.empty(); }

  /// The value of `name` itself, if there is one.
  const std::string_view* find(std::string_view name) const {
    const auto place = std::ranges::lower_bound(
        parameters_, name, {}, [&](const Parameter& p) { return p.name.substr(prefix_); });
    if (place == parameters_.end() || place->name.substr(prefix_) != name) return nullptr;
    return &place->value;
  }

  /// What is below "name.".
  Scope below(std::string_view name) const {
    const std::string start = std::string(name) + '.';
    const auto rest = [&](const Parameter& p) {
      return p.name.substr(prefix_).substr(0, start.size());
    };
    const auto found = std::ranges::equal_range(parameters_, std::string_view(start), {}, rest);
    return Scope({found.begin(), found.end()}, prefix_ + start.size());
  }

  struct Item {
    std::uint32_t number = 0;
    std::string_view text;  // "12"
  };
  /// The numbers that come next, ascending, each once.
  std::vector<Item> items() const {
    std::vector<Item> found;
    for (const Parameter& parameter : parameters_) {
      const std::string_view rest = parameter.name.substr(prefix_);
      const std::string_view text = rest.substr(0, rest.find('.'));
      if (!found.empty() && found.back().text == text) continue;
      std::uint32_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && end == text.data() + text.size()) found.push_back({number, text});
    }
    std::ranges::sort(found, {}, &Item::number);
    const auto repeated = std::ranges::unique(found, {}, &Item::number);
    found.erase(repeated.begin(), repeated.end());
    return found;
  }

 private:
  std::span<const Parameter> parameters_;
  std::size_t prefix_;
};

class Reader {
 public:
  explicit Reader(Violations& violations) : violations_(violations) {}

  void members(const Structure& structure, const Scope& scope, void* object, const Path& path) {
    for (const Field& field : structure.fields) {
      const Path place = path.member(field.name);
      if (read_field(field, scope, object, place) || !field.required) continue;
      violations_.push_back({Rule::required, place.text(), "null", field.type, &field});
    }
  }

 private:
  Violations& violations_;

  [[noreturn]] static void refuse(const Path& path) {
    throw ServiceError("MalformedInput", 400,
                       "The value of the parameter " + path.text() + " is malformed.");
  }

  /// Whether the member is there.
  bool read_field(const Field& field, const Scope& scope, void* object, const Path& path) {
    const std::string_view* own = scope.find(field.wire_name);
    if (is_scalar(*field.type)) {
      if (!own) return false;
      if (!parse_text(*field.type, *own, field.emplace(object))) refuse(path);
      return true;
    }
    const Scope inner = scope.below(field.wire_name);
    if (inner.empty() && !own) return false;
    void* value = field.emplace(object);
    // "AttributeName=All" without a number is a list of one.
    if (inner.empty() && !own->empty() && field.type->kind == Kind::list &&
        is_scalar(*field.type->element)) {
      if (!parse_text(*field.type->element, *own, field.type->list->append(value))) refuse(path);
      return true;
    }
    const Type& type = *field.type;
    read_composite(type, field.flattened ? inner : content(type, inner), value, path);
    return true;
  }

  /// Where the numbers of a list or map stand, which is a level deeper unless it is flattened.
  static Scope content(const Type& type, const Scope& scope) {
    if (type.flattened || type.kind == Kind::structure) return scope;
    return scope.below(type.kind == Kind::list ? type.element_name : "entry");
  }

  void read_composite(const Type& type, const Scope& scope, void* value, const Path& path) {
    if (type.kind == Kind::structure) return members(*type.structure, scope, value, path);
    if (type.kind == Kind::list) return read_list(type, scope, value, path);
    if (type.kind == Kind::map) return read_map(type, scope, value, path);
    refuse(path);
  }

  struct Place {
    const Scope& scope;
    std::string_view name;
  };

  void read_element(const Type& type, const Place& place, void* value, const Path& path) {
    if (!is_scalar(type))
      return read_composite(type, content(type, place.scope.below(place.name)), value, path);
    const std::string_view* text = place.scope.find(place.name);
    if (!text || !parse_text(type, *text, value)) refuse(path);
  }

  void read_list(const Type& type, const Scope& scope, void* list, const Path& path) {
    std::size_t index = 0;
    for (const Scope::Item& item : scope.items())
      read_element(*type.element, {scope, item.text}, type.list->append(list),
                   path.element(index++));
  }

  void read_map(const Type& type, const Scope& scope, void* map, const Path& path) {
    // "Attribute.Name=a&Attribute.Value=b" without a number is a map of one.
    if (scope.find(type.key_name)) read_entry(type, scope, map, path);
    for (const Scope::Item& item : scope.items())
      read_entry(type, scope.below(item.text), map, path);
  }

  void read_entry(const Type& type, const Scope& entry, void* map, const Path& path) {
    const std::string_view* key = entry.find(type.key_name);
    if (!key) refuse(path);
    bool inserted = false;
    void* value = type.map->insert(map, std::string(*key), &inserted);
    const bool has_value = entry.find(type.element_name) || !entry.below(type.element_name).empty();
    if (!has_value || !inserted) refuse(path.entry(*key));
    read_element(*type.element, {entry, type.element_name}, value, path.entry(*key));
  }
};

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void members(const Structure& structure, const void* object, const std::string& prefix) {
    for (const Field& field : structure.fields)
      if (const void* value = field.find(object))
        write(field, *field.type, value, prefix + std::string(field.wire_name));
  }

 private:
  std::string& out_;

  void pair(const std::string& name, std::string_view value) {
    out_ += '&';
    out_ += percent_encode(name);
    out_ += '=';
    out_ += percent_encode(value);
  }

  void write(const Field& field, const Type& type, const void* value, const std::string& name) {
    const bool flattened = type.flattened || (&type == field.type && field.flattened);
    if (type.kind == Kind::structure) return members(*type.structure, value, name + '.');
    if (type.kind == Kind::list) {
      const std::string start = flattened ? name : name + '.' + std::string(type.element_name);
      const std::size_t size = type.list->size(value);
      if (size == 0) pair(name, "");
      for (std::size_t i = 0; i < size; ++i)
        write(field, *type.element, type.list->at(value, i), start + '.' + std::to_string(i + 1));
      return;
    }
    if (type.kind == Kind::map)
      return write_map(field, type, value, flattened ? name : name + ".entry");
    std::string text;
    append_text(text, type, timestamp_format(field, TimestampFormat::iso8601), value);
    pair(name, text);
  }

  void write_map(const Field& field, const Type& type, const void* map, const std::string& name) {
    struct Visit {
      Writer& writer;
      const Field& field;
      const Type& type;
      const std::string& name;
      std::size_t number = 0;
    } visit{*this, field, type, name};
    type.map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
      auto& self = *static_cast<Visit*>(context);
      const std::string start = self.name + '.' + std::to_string(++self.number) + '.';
      self.writer.pair(start + std::string(self.type.key_name), key);
      self.writer.write(self.field, *self.type.element, value,
                        start + std::string(self.type.element_name));
    });
  }
};

}  // namespace

void read(const Structure& structure, const Parameters& parameters, void* object,
          Violations& violations) {
  std::vector<Parameter> sorted;
  sorted.reserve(parameters.size());
  for (const auto& [name, value] : parameters) sorted.push_back({name, value, sorted.size()});
  std::ranges::sort(sorted, {}, [](const Parameter& parameter) {
    return std::pair(parameter.name, parameter.order);
  });
  Reader(violations).members(structure, Scope(sorted), object, Path{});
}

void append(std::string& out, const Structure& structure, const void* object) {
  Writer(out).members(structure, object, "");
}

}  // namespace matinee::protocol::form

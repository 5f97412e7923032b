#include "services/cloudformation/special/differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "templates/reader.h"

namespace matinee::cloudformation {

using templates::Member;
using templates::Value;

namespace {

constexpr std::string_view nothing = "null";

std::string told(const Value& value) {
  return value.is_scalar() ? value.text() : templates::to_json(value);
}

bool is_tag(const Value& value) {
  return value.is_map() && value.members().size() == 2 && value.find("Key") && value.find("Value");
}

/// Services do not tell lists that are empty.
bool is_empty_list(const Value& value) {
  return value.is_list() && value.elements().empty();
}

/// Whether a list is one of tags, which are the same in any order.
bool is_of_tags(const Value& list) {
  return !list.elements().empty() && std::ranges::all_of(list.elements(), is_tag);
}

/// By their keys, without those of AWS.
Value by_key(const Value& tags) {
  Value map = Value::map();
  for (const Value& tag : tags.elements())
    if (const std::string key = tag.text_or("Key"); !key.starts_with("aws:"))
      map.set(key, tag.text_or("Value"));
  return map;
}

/// Documents are texts in some places, and objects in others.
std::optional<Value> document_of(const Value& value) {
  if (!value.is_string() || !value.text().starts_with('{')) return std::nullopt;
  try {
    return templates::read_value(value.text());
  } catch (const templates::TemplateError&) {
    return std::nullopt;
  }
}

class Comparison {
 public:
  Comparison(const resources::Schema& schema, const Value& expected)
      : schema_(schema), probe_(expected) {}

  void compare(const std::string& path, const Value& expected, const Value& actual) {
    if (expected.is_scalar() && actual.is_scalar()) return compare_scalars(path, expected, actual);
    if (expected.is_map() && actual.is_map()) return compare_maps(path, expected, actual);
    if (expected.is_list() && actual.is_list()) return compare_lists(path, expected, actual);
    const std::optional<Value> left = document_of(expected);
    const std::optional<Value> right = document_of(actual);
    if ((left && actual.is_map() && *left == actual) ||
        (right && expected.is_map() && *right == expected))
      return;
    add(path, told(expected), told(actual), "NOT_EQUAL");
  }

  std::vector<DifferenceRecord> take() { return std::move(found_); }

 private:
  const resources::Schema& schema_;
  Value probe_;  // the expected properties, of which copies are tried
  std::vector<DifferenceRecord> found_;

  void add(const std::string& path, std::string expected, std::string actual, std::string type) {
    found_.push_back({path, std::move(expected), std::move(actual), std::move(type)});
  }

  void compare_scalars(const std::string& path, const Value& expected, const Value& actual) {
    if (expected.text() == actual.text()) return;
    const std::optional<Value> left = document_of(expected);
    const std::optional<Value> right = document_of(actual);
    if (left && right && *left == *right) return;
    add(path, told(expected), told(actual), "NOT_EQUAL");
  }

  void compare_maps(const std::string& path, const Value& expected, const Value& actual) {
    for (const Member& member : expected.members()) {
      const std::string place = fmt::format("{}/{}", path, member.name);
      if (const Value* other = actual.find(member.name)) {
        compare(place, member.value, *other);
      } else if (!is_empty_list(member.value)) {
        add(place, told(member.value), std::string(nothing), "REMOVE");
      }
    }
    if (!has_keys_of_the_user(path)) return;
    for (const Member& member : actual.members())
      if (!expected.find(member.name))
        add(fmt::format("{}/{}", path, member.name), std::string(nothing), told(member.value),
            "ADD");
  }

  void compare_lists(const std::string& path, const Value& expected, const Value& actual) {
    if (is_of_tags(expected)) return compare_tags(path, by_key(expected), by_key(actual));
    if (is_set(path, expected)) return compare_sets(path, expected, actual);
    const std::size_t both = std::min(expected.elements().size(), actual.elements().size());
    for (std::size_t i = 0; i < both; ++i)
      compare(fmt::format("{}/{}", path, i), expected.elements()[i], actual.elements()[i]);
    for (std::size_t i = both; i < expected.elements().size(); ++i)
      add(fmt::format("{}/{}", path, i), told(expected.elements()[i]), std::string(nothing),
          "REMOVE");
    for (std::size_t i = both; i < actual.elements().size(); ++i)
      add(fmt::format("{}/{}", path, i), std::string(nothing), told(actual.elements()[i]), "ADD");
  }

  void compare_tags(const std::string& path, const Value& expected, const Value& actual) {
    std::size_t place = 0;
    for (const Member& tag : expected.members()) {
      const std::string at = fmt::format("{}/{}", path, place++);
      if (const Value* other = actual.find(tag.name)) {
        if (*other != tag.value) add(at + "/Value", told(tag.value), told(*other), "NOT_EQUAL");
      } else {
        add(at, told(tag.value), std::string(nothing), "REMOVE");
      }
    }
  }

  /// What is there and expected is left alone wherever it stands; the rest is compared in its
  /// order.
  void compare_sets(const std::string& path, const Value& expected, const Value& actual) {
    std::vector<bool> is_found(expected.elements().size());
    std::vector<const Value*> others;
    for (const Value& element : actual.elements()) {
      std::size_t place = 0;
      while (place < is_found.size() &&
             (is_found[place] || !is_same(expected.elements()[place], element)))
        ++place;
      if (place < is_found.size())
        is_found[place] = true;
      else
        others.push_back(&element);
    }
    auto other = others.begin();
    std::size_t place = 0;
    for (; place < is_found.size(); ++place) {
      if (is_found[place]) continue;
      const Value& wanted = expected.elements()[place];
      const std::string at = fmt::format("{}/{}", path, place);
      if (other != others.end())
        compare(at, wanted, **other++);
      else
        add(at, told(wanted), std::string(nothing), "REMOVE");
    }
    for (; other != others.end(); ++other)
      add(fmt::format("{}/{}", path, place++), std::string(nothing), told(**other), "ADD");
  }

  /// Whether all that is expected is there.
  static bool is_same(const Value& expected, const Value& actual) {
    if (expected.is_map() && actual.is_map())
      return std::ranges::all_of(expected.members(), [&](const Member& member) {
        const Value* other = actual.find(member.name);
        return other && is_same(member.value, *other);
      });
    if (expected.is_list() && actual.is_list())
      return std::ranges::equal(expected.elements(), actual.elements(), is_same);
    return told(expected) == told(actual);
  }

  /// Whether the schema lets an element stand there only once: it is tried with two. Such lists
  /// have no order, unless they are of texts (the layers of a function).
  bool is_set(const std::string& path, const Value& expected) const {
    if (path.empty() || expected.elements().size() < 2) return false;
    if (!std::ranges::all_of(expected.elements(), &Value::is_map)) return false;
    Value tried = probe_;
    Value* place = follow(tried, path);
    if (!place || !place->is_list() || place->elements().empty()) return false;
    place->append(Value(place->elements().front()));
    return std::ranges::any_of(schema_.check(tried), [&](const resources::Fault& fault) {
      return fault.path == path && fault.problem == "array items are not unique";
    });
  }

  /// Whether the schema lets a member of any name stand there: it is tried with one.
  bool has_keys_of_the_user(const std::string& path) const {
    constexpr std::string_view unusual = "MatineeTriesThisName";
    if (path.empty()) return false;
    Value tried = probe_;
    Value* place = follow(tried, path);
    if (!place || !place->is_map()) return false;
    place->set(unusual, "x");
    return std::ranges::none_of(schema_.check(tried), [&](const resources::Fault& fault) {
      return fault.rule == resources::Fault::Rule::extraneous && fault.name == unusual;
    });
  }

  static Value* follow(Value& root, std::string_view path) {
    Value* value = &root;
    while (value && !path.empty()) {
      path.remove_prefix(1);
      const std::size_t end = std::min(path.find('/'), path.size());
      const std::string_view name = path.substr(0, end);
      path.remove_prefix(end);
      if (value->is_list()) {
        const std::size_t index =
            static_cast<std::size_t>(Value(std::string(name)).integer().value_or(-1));
        value = index < value->elements().size() ? &value->elements()[index] : nullptr;
      } else {
        value = value->find(name);
      }
    }
    return value;
  }
};

}  // namespace

std::vector<DifferenceRecord> find_differences(const resources::Schema& schema,
                                               const Value& expected, const Value& actual) {
  Comparison comparison(schema, expected);
  for (const Member& member : expected.members()) {
    const std::string written = "/properties/" + member.name;
    const bool is_unreadable =
        std::ranges::any_of(schema.write_only(), [&](const std::string& path) {
          return path == written || path.starts_with(written + "/");
        });
    if (is_unreadable) continue;
    Value left = Value::map(member.name, member.value);
    Value right = Value::map();
    if (const Value* other = actual.find(member.name)) right.set(member.name, *other);
    comparison.compare("", left, right);
  }
  return comparison.take();
}

Value only_expected(const Value& expected, const Value& actual) {
  Value chosen = Value::map();
  for (const Member& member : expected.members())
    if (const Value* value = actual.find(member.name)) chosen.set(member.name, *value);
  return chosen;
}

}  // namespace matinee::cloudformation

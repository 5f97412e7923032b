#include "services/logs/filters/json_pattern.h"

#include <algorithm>

#include "services/logs/filters/fault.h"
#include "services/logs/filters/selector.h"
#include "services/logs/filters/values.h"

namespace matinee::logs::filters {

using simdjson::dom::element;
using simdjson::dom::element_type;

namespace {

/// Documented: of all selectors of a pattern together.
constexpr int most_wildcards = 3;
/// Parentheses within each other: more than anybody writes, and no danger for the stack.
constexpr int most_depth = 200;

enum class Test : std::uint8_t { all, any, compare, is_null, is_true, is_false, exists, missing };

void skip_spaces(std::string_view& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
}

bool take(std::string_view& text, std::string_view sign) {
  skip_spaces(text);
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(sign.size());
  return true;
}

/// A word in capital letters.
bool take_word(std::string_view& text, std::string_view word) {
  skip_spaces(text);
  if (!text.starts_with(word)) return false;
  const std::string_view rest = text.substr(word.size());
  if (!rest.empty() && ((rest.front() >= 'A' && rest.front() <= 'Z') || rest.front() == '_'))
    return false;
  text = rest;
  return true;
}

}  // namespace

struct JsonPattern::Condition {
  Test test = Test::all;
  std::vector<Condition> parts;  // of all and any
  Selector selector = {};
  Comparator comparator = Comparator::equal;
  Value value = {};

  bool holds(element root) const;
  /// Calls `visit(condition)` for each that has a selector.
  template <class Visit>
  void each(const Visit& visit) const {
    if (test != Test::all && test != Test::any) return visit(*this);
    for (const Condition& part : parts) part.each(visit);
  }

  static Condition take_any(std::string_view& text, int depth);
  static Condition take_all(std::string_view& text, int depth);
  static Condition take_one(std::string_view& text, int depth);

 private:
  bool compares(element found) const;
};

JsonPattern::Condition JsonPattern::Condition::take_any(std::string_view& text, int depth) {
  if (depth > most_depth) refuse_pattern();
  Condition condition{.test = Test::any};
  do {
    condition.parts.push_back(take_all(text, depth));
  } while (take(text, "||"));
  if (condition.parts.size() > 1) return condition;
  return Condition(std::move(condition.parts.front()));
}

JsonPattern::Condition JsonPattern::Condition::take_all(std::string_view& text, int depth) {
  Condition condition{.test = Test::all};
  do {
    condition.parts.push_back(take_one(text, depth));
  } while (take(text, "&&"));
  if (condition.parts.size() > 1) return condition;
  return Condition(std::move(condition.parts.front()));
}

JsonPattern::Condition JsonPattern::Condition::take_one(std::string_view& text, int depth) {
  if (take(text, "(")) {
    Condition inner = take_any(text, depth + 1);
    if (!take(text, ")")) refuse_pattern();
    return inner;
  }
  Condition condition{.test = Test::compare, .selector = Selector::take(text)};
  skip_spaces(text);
  if (take_word(text, "IS")) {
    if (take_word(text, "NULL"))
      condition.test = Test::is_null;
    else if (take_word(text, "TRUE"))
      condition.test = Test::is_true;
    else if (take_word(text, "FALSE"))
      condition.test = Test::is_false;
    else
      refuse_pattern();
    return condition;
  }
  if (take_word(text, "NOT")) {
    if (!take_word(text, "EXISTS")) refuse_pattern();
    condition.test = Test::missing;
    return condition;
  }
  if (take_word(text, "EXISTS")) {
    condition.test = Test::exists;
    return condition;
  }
  const std::optional<Comparator> comparator = take_comparator(text);
  if (!comparator) refuse_pattern();
  condition.comparator = *comparator;
  skip_spaces(text);
  condition.value = Value::take(text, ")} \t\r\n");
  const bool is_equality = *comparator == Comparator::equal || *comparator == Comparator::not_equal;
  if (!is_equality && !condition.value.number()) refuse_pattern();
  return condition;
}

bool JsonPattern::Condition::holds(element root) const {
  const auto holds_here = [root](const Condition& part) { return part.holds(root); };
  switch (test) {
    case Test::all:
      return std::ranges::all_of(parts, holds_here);
    case Test::any:
      return std::ranges::any_of(parts, holds_here);
    case Test::compare:
      return selector.leads_to(root, [this](element found) { return compares(found); });
    case Test::is_null:
      return selector.leads_to(root, [](element found) { return found.is_null(); });
    case Test::is_true:
      return selector.leads_to(root, [](element found) { return found.is_bool() && bool(found); });
    case Test::is_false:
      return selector.leads_to(root, [](element found) { return found.is_bool() && !bool(found); });
    case Test::exists:
      return selector.leads_to(root, [](element) { return true; });
    case Test::missing:
      return !selector.leads_to(root, [](element) { return true; });
  }
  return false;
}

/// Documented: what ends at a list or an object is neither equal nor unequal to anything.
bool JsonPattern::Condition::compares(element found) const {
  const bool is_equality = comparator == Comparator::equal || comparator == Comparator::not_equal;
  switch (found.type()) {
    case element_type::ARRAY:
    case element_type::OBJECT:
      return false;
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      if (value.number()) return value.fits_number(comparator, found.get_double().value_unsafe());
      return is_equality && value.fits(comparator, to_text(found));
    case element_type::STRING:
      return is_equality &&
             value.fits_text(std::string_view(found)) == (comparator == Comparator::equal);
    default:
      return is_equality && value.fits_text(to_text(found)) == (comparator == Comparator::equal);
  }
}

JsonPattern::JsonPattern(std::string_view pattern) {
  std::string_view text = trimmed(pattern);
  if (!text.ends_with('}'))
    throw PatternFault("If a filter pattern starts with '{' it must end with '}'");
  text = text.substr(1, text.size() - 2);
  root_ = std::make_unique<Condition>(Condition::take_any(text, 0));
  skip_spaces(text);
  if (!text.empty()) refuse_pattern();
  int wildcards = 0;
  root_->each([&](const Condition& condition) {
    regex_count_ += condition.value.is_regex() ? 1 : 0;
    wildcards += condition.selector.wildcards();
  });
  if (wildcards > most_wildcards) refuse_pattern();
}

JsonPattern::~JsonPattern() = default;

bool JsonPattern::matches(std::string_view message) const {
  return with_json(message, [this](element root) { return root_->holds(root); });
}

Extracted JsonPattern::extract(std::string_view message) const {
  Extracted extracted;
  with_json(message, [&](element root) {
    root_->each([&](const Condition& condition) {
      if (condition.selector.has_wildcard()) return;
      if (const auto found = condition.selector.find(root))
        extracted[condition.selector.text()] = to_text(*found);
    });
    return true;
  });
  return extracted;
}

std::optional<std::string> JsonPattern::find(std::string_view selector,
                                             std::string_view message) const {
  std::optional<std::string> value;
  try {
    const Selector wanted = Selector::take(selector);
    if (!selector.empty()) return std::nullopt;
    with_json(message, [&](element root) {
      if (const auto found = wanted.find(root))
        if (!found->is_null()) value = to_text(*found);
      return true;
    });
  } catch (const PatternFault&) {
    return std::nullopt;
  }
  return value;
}

namespace {

constexpr std::size_t most_flat_fields = 200;
constexpr int most_flat_depth = 20;

void flatten_into(Extracted& out, const std::string& path, element value, int depth) {
  if (out.size() >= most_flat_fields || depth > most_flat_depth) return;
  const auto below = [&path](std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  };
  simdjson::dom::object members;
  if (!value.get_object().get(members)) {
    for (const auto [name, inner] : members) flatten_into(out, below(name), inner, depth + 1);
    return;
  }
  simdjson::dom::array list;
  if (value.get_array().get(list)) {
    out.emplace(path, to_text(value));
    return;
  }
  std::size_t index = 0;
  for (const element inner : list)
    flatten_into(out, below(std::to_string(index++)), inner, depth + 1);
}

}  // namespace

Extracted flatten(std::string_view message) {
  Extracted fields;
  with_json(message, [&](element root) {
    if (root.is_object()) flatten_into(fields, "", root, 0);
    return true;
  });
  return fields;
}

}  // namespace matinee::logs::filters

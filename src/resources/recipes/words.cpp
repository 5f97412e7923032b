#include "resources/recipes/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "resources/recipes/through.h"
#include "templates/template_error.h"
#include "templates/text_readers.h"

namespace matinee::resources {

namespace {

using templates::Member;

const Value& part(const Value& argument, std::size_t index) {
  if (argument.elements().size() <= index)
    throw std::logic_error(fmt::format("a function without an argument: {}", to_json(argument)));
  return argument.elements()[index];
}

const Value& part(const Value& argument, std::string_view name) {
  const Value* found = argument.find(name);
  if (!found)
    throw std::logic_error(fmt::format("a function without {}: {}", name, to_json(argument)));
  return *found;
}

Value all(const Value& argument, const Scope& scope) {
  if (argument.is_string()) return scope.properties ? *scope.properties : Value();
  Value map = Value::map();
  for (const Value& name : argument.elements())
    if (const Value* value = scope.properties ? scope.properties->find(name.text()) : nullptr)
      map.set(name.text(), *value);
  return map;
}

Value all_of(const Value& argument, const Scope& scope) {
  const Value from = evaluate(part(argument, 0), scope);
  Value map = Value::map();
  for (std::size_t i = 1; i < argument.elements().size(); ++i)
    if (const Value* value = from.find(argument.elements()[i].text()))
      map.set(argument.elements()[i].text(), *value);
  return map;
}

Value without(const Value& argument, const Scope& scope) {
  Value map = evaluate(part(argument, 0), scope);
  for (std::size_t i = 1; i < argument.elements().size(); ++i)
    map.erase(argument.elements()[i].text());
  return map;
}

Value rename(const Value& argument, const Scope& scope) {
  const Value map = evaluate(part(argument, 0), scope);
  const Value& names = part(argument, 1);
  Value renamed = Value::map();
  for (const Member& member : map.members())
    renamed.members().push_back({names.text_or(member.name, member.name), member.value});
  return renamed;
}

Value merge(const Value& argument, const Scope& scope) {
  Value merged;
  for (const Value& element : argument.elements()) merged.merge(evaluate(element, scope));
  return merged;
}

Value changed(const Value& argument, const Scope& scope) {
  Value map;
  for (const Member& member : argument.members()) {
    const Value* after = scope.properties->find(member.name);
    const Value* before = scope.before ? scope.before->find(member.name) : nullptr;
    if (after ? (before && *before == *after) : !before) continue;
    Value value = after ? *after : evaluate(member.value, scope);
    if (!value.is_null()) map.set(member.name, std::move(value));
  }
  return map;
}

Value first(const Value& argument, const Scope& scope) {
  for (const Value& element : argument.elements())
    if (Value value = evaluate(element, scope); !value.is_null()) return value;
  return {};
}

Value choose(const Value& argument, const Scope& scope) {
  const bool condition = is_true(evaluate(part(argument, 0), scope));
  if (!condition && argument.elements().size() < 3) return {};
  return evaluate(part(argument, condition ? 1 : 2), scope);
}

Value equals(const Value& argument, const Scope& scope) {
  const Value one = evaluate(part(argument, 0), scope);
  const Value other = evaluate(part(argument, 1), scope);
  if (one.is_scalar() && other.is_scalar()) return one.text() == other.text();
  return one == other;
}

Value negate(const Value& argument, const Scope& scope) {
  return !is_true(evaluate(argument, scope));
}

Value both(const Value& argument, const Scope& scope) {
  return std::ranges::all_of(
      argument.elements(), [&](const Value& element) { return is_true(evaluate(element, scope)); });
}

Value either(const Value& argument, const Scope& scope) {
  return std::ranges::any_of(
      argument.elements(), [&](const Value& element) { return is_true(evaluate(element, scope)); });
}

Value is_list(const Value& argument, const Scope& scope) {
  return evaluate(argument, scope).is_list();
}

Value is_map(const Value& argument, const Scope& scope) {
  return evaluate(argument, scope).is_map();
}

/// A list, or the members of a map as {Key, Value}.
Value elements_of(const Value& value) {
  if (!value.is_map()) return value;
  Value pairs = Value::list();
  for (const Member& member : value.members())
    pairs.append(Value::map("Key", member.name).set("Value", member.value));
  return pairs;
}

Value pairs(const Value& argument, const Scope& scope) {
  return elements_of(evaluate(argument, scope));
}

Value find(const Value& argument, const Scope& scope) {
  const Value list = evaluate(part(argument, "in"), scope);
  const Value& where = part(argument, "where");
  for (const Value& element : list.elements()) {
    const bool is_it = std::ranges::all_of(where.members(), [&](const Member& member) {
      return element.is_map() &&
             element.text_or(member.name) == evaluate(member.value, scope).text();
    });
    if (is_it) return element;
  }
  return {};
}

Value each(const Value& argument, const Scope& scope) {
  const Value list = evaluate(part(argument, "in"), scope);
  if (list.is_null()) return {};
  Value made = Value::list();
  Scope inner = scope;
  for (const Value& element : elements_of(list).elements()) {
    inner.variables["item"] = element;
    if (Value value = evaluate(part(argument, "as"), inner); !value.is_null())
      made.append(std::move(value));
  }
  return made;
}

Value map(const Value& argument, const Scope& scope) {
  const Value list = evaluate(part(argument, "in"), scope);
  if (list.is_null()) return {};
  Value made = Value::map();
  Scope inner = scope;
  for (const Value& element : elements_of(list).elements()) {
    inner.variables["item"] = element;
    const Value key = evaluate(part(argument, "key"), inner);
    if (Value value = evaluate(part(argument, "value"), inner); key.is_scalar() && !value.is_null())
      made.set(key.text(), std::move(value));
  }
  return made;
}

Value minus(const Value& argument, const Scope& scope) {
  const Value from = evaluate(part(argument, 0), scope);
  const Value other = evaluate(part(argument, 1), scope);
  Value rest;
  for (const Value& element : from.elements())
    if (std::ranges::find(other.elements(), element) == other.elements().end())
      rest.append(element);
  return rest;
}

Value json(const Value& argument, const Scope& scope) {
  const Value value = evaluate(argument, scope);
  if (value.is_null() || value.is_string()) return value;
  return to_json(value);
}

Value parse(const Value& argument, const Scope& scope) {
  const Value value = evaluate(argument, scope);
  if (!value.is_string()) return value;
  if (value.text().empty()) return {};
  try {
    return templates::read_json(value.text());
  } catch (const templates::TemplateError&) {
    return value;
  }
}

Value split(const Value& argument, const Scope& scope) {
  const Value value = evaluate(part(argument, 0), scope);
  const std::string separator = part(argument, 1).text();
  if (!value.is_scalar()) return {};
  Value list = Value::list();
  std::string_view text = value.text();
  for (std::size_t end; (end = text.find(separator)) != text.npos;) {
    list.append(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  list.append(text);
  return list;
}

Value join(const Value& argument, const Scope& scope) {
  const Value list = evaluate(part(argument, 0), scope);
  if (!list.is_list()) return list;
  std::string text;
  for (const Value& element : list.elements())
    text += (text.empty() ? "" : part(argument, 1).text()) + element.text();
  return text;
}

/// The part of a text before or behind a separator; the whole where there is none.
template <bool is_last, bool is_behind>
Value cut(const Value& argument, const Scope& scope) {
  const Value value = evaluate(part(argument, 0), scope);
  const std::string& separator = part(argument, 1).text();
  if (!value.is_scalar()) return {};
  const std::string& text = value.text();
  const std::size_t place = is_last ? text.rfind(separator) : text.find(separator);
  if (place == text.npos) return value;
  return is_behind ? text.substr(place + separator.size()) : text.substr(0, place);
}

Value as_list(const Value& argument, const Scope& scope) {
  Value value = evaluate(argument, scope);
  return value.is_null() || value.is_list() ? value : Value::list({std::move(value)});
}

Value through(const Value& argument, const Scope& scope) {
  const Through function = find_through(part(argument, 0).text());
  if (!function)
    throw std::logic_error(fmt::format("there is no function {}", part(argument, 0).text()));
  return function(evaluate(part(argument, 1), scope), scope);
}

Value text(const Value& argument, const Scope&) {
  return argument;
}

struct NamedWord {
  std::string_view name;
  Word word;
};

constexpr NamedWord words[] = {
    {"all", all},
    {"all_of", all_of},
    {"without", without},
    {"rename", rename},
    {"merge", merge},
    {"changed", changed},
    {"first", first},
    {"if", choose},
    {"equals", equals},
    {"not", negate},
    {"and", both},
    {"or", either},
    {"is_list", is_list},
    {"is_map", is_map},
    {"pairs", pairs},
    {"find", find},
    {"each", each},
    {"map", map},
    {"minus", minus},
    {"json", json},
    {"parse", parse},
    {"split", split},
    {"join", join},
    {"after", cut<false, true>},
    {"before", cut<false, false>},
    {"after_last", cut<true, true>},
    {"before_last", cut<true, false>},
    {"list", as_list},
    {"through", through},
    {"text", text},
};

}  // namespace

Word find_word(std::string_view name) {
  const auto* found = std::ranges::find(words, name, &NamedWord::name);
  return found == std::end(words) ? nullptr : found->word;
}

}  // namespace matinee::resources

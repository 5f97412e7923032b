#include "resources/recipes/terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "resources/recipes/through.h"
#include "resources/recipes/words.h"

namespace matinee::resources {

namespace {

using templates::Member;

[[noreturn]] void refuse(const Value& term) {
  throw std::logic_error(fmt::format("no term: {}", to_json(term)));
}

/// What a path of members, numbers and stars leads to from a value.
Value follow(const Value& value, std::string_view path) {
  if (path.empty()) return value;
  const std::size_t point = path.find('.');
  const std::string_view step = path.substr(0, point);
  const std::string_view rest = point == path.npos ? "" : path.substr(point + 1);
  if (value.is_list()) {
    if (step == "*") {
      Value all = Value::list();
      for (const Value& element : value.elements())
        if (Value found = follow(element, rest); !found.is_null()) all.append(std::move(found));
      return all;
    }
    const auto index = Value(step).integer();
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= value.elements().size())
      return {};
    return follow(value.elements()[static_cast<std::size_t>(*index)], rest);
  }
  const Value* member = value.find(step);
  return member ? follow(*member, rest) : Value();
}

Value look_up(std::string_view path, const Scope& scope) {
  const std::size_t point = path.find('.');
  const std::string_view name = path.substr(0, point);
  const std::string_view rest = point == path.npos ? "" : path.substr(point + 1);
  if (const auto found = scope.variables.find(name); found != scope.variables.end())
    return follow(found->second, rest);
  const Value* property = scope.properties ? scope.properties->find(name) : nullptr;
  return property ? follow(*property, rest) : Value();
}

/// "arn:${partition}:..."; null where a part is missing.
Value put_together(std::string_view text, const Scope& scope) {
  std::string whole;
  for (;;) {
    const std::size_t start = text.find("${");
    whole += text.substr(0, start);
    if (start == text.npos) return whole;
    const std::size_t end = text.find('}', start);
    if (end == text.npos) throw std::logic_error("a term with ${ and no }");
    const Value part = look_up(text.substr(start + 2, end - start - 2), scope);
    if (!part.is_scalar()) return {};
    whole += part.text();
    text.remove_prefix(end + 1);
  }
}

Value evaluate_map(const Value& term, const Scope& scope) {
  Value map = Value::map();
  for (const Member& member : term.members())
    if (Value value = evaluate(member.value, scope); !value.is_null())
      map.members().push_back({.name = member.name, .value = std::move(value)});
  return map.members().empty() && !term.members().empty() ? Value() : map;
}

}  // namespace

Value evaluate(const Value& term, const Scope& scope) {
  if (term.is_string()) {
    const std::string_view text = term.text();
    if (text.find("${") != text.npos) return put_together(text, scope);
    return text.starts_with('$') ? look_up(text.substr(1), scope) : term;
  }
  if (term.is_list()) {
    Value list = Value::list();
    for (const Value& element : term.elements())
      if (Value value = evaluate(element, scope); !value.is_null()) list.append(std::move(value));
    return list;
  }
  if (!term.is_map()) return term;
  if (term.members().size() == 1 && term.members()[0].name.starts_with('$')) {
    const Member& member = term.members()[0];
    const Word word = find_word(std::string_view(member.name).substr(1));
    if (!word) refuse(term);
    return word(member.value, scope);
  }
  return evaluate_map(term, scope);
}

bool is_true(const Value& value) {
  return !value.is_null() &&
         !(value.is_scalar() && (value.text().empty() || value.text() == "false"));
}

void each_name(const Value& term, const std::function<void(std::string_view name)>& visit) {
  if (term.is_string()) {
    std::string_view text = term.text();
    if (text.find("${") == text.npos) {
      if (text.starts_with('$')) visit(text.substr(1, text.find('.') - 1));
      return;
    }
    while ((text.remove_prefix(std::min(text.find("${"), text.size())), !text.empty())) {
      const std::string_view path = text.substr(2, text.find('}') - 2);
      visit(path.substr(0, path.find('.')));
      text.remove_prefix(2);
    }
    return;
  }
  for (const Value& element : term.elements()) each_name(element, visit);
  for (const Member& member : term.members()) {
    if (member.name == "$all" && member.value.is_string()) visit("*");
    if (member.name == "$all")
      for (const Value& name : member.value.elements()) visit(name.text());
    if (member.name == "$changed")
      for (const Member& name : member.value.members()) visit(name.name);
    if (member.name != "$text" && member.name != "$all") each_name(member.value, visit);
  }
}

}  // namespace matinee::resources

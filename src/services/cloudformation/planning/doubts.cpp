#include "services/cloudformation/planning/doubts.h"

#include <algorithm>
#include <set>

namespace matinee::cloudformation {

namespace {

/// Values of one place; null where it has none.
using Places = std::vector<const Value*>;

bool is_same(const Value* a, const Value* b) {
  return a == b || (a && b && same_value(*a, *b));
}

bool has(const Value* list, const Value& element) {
  return list && std::ranges::any_of(list->elements(), [&](const Value& other) {
           return same_value(other, element);
         });
}

Value mixed_list(const Places& perhaps, const Value* wanted) {
  Value result = Value::list();
  for (const Value* one : perhaps) {
    if (!one) continue;
    for (const Value& element : one->elements())
      if (!has(wanted, element) && !has(&result, element)) result.append(element);
  }
  if (!wanted) return result;
  for (const Value& element : wanted->elements())
    if (std::ranges::all_of(perhaps, [&](const Value* one) { return has(one, element); }))
      result.append(element);
  return result;
}

std::optional<Value> mixed_place(const Places& perhaps, const Value* wanted);

Value mixed_map(const Places& perhaps, const Value* wanted) {
  std::set<std::string> names;
  for (const Value* one : perhaps)
    if (one)
      for (const templates::Member& member : one->members()) names.insert(member.name);
  Value result = Value::map();
  for (const std::string& name : names) {
    Places inside;
    for (const Value* one : perhaps) inside.push_back(one ? one->find(name) : nullptr);
    std::optional<Value> value = mixed_place(inside, wanted ? wanted->find(name) : nullptr);
    if (value) result.set(name, *std::move(value));
  }
  return result;
}

std::optional<Value> mixed_place(const Places& perhaps, const Value* wanted) {
  const auto all = [&](auto holds) {
    return (!wanted || holds(*wanted)) &&
           std::ranges::all_of(perhaps, [&](const Value* one) { return !one || holds(*one); });
  };
  const Value* first = perhaps.front();
  if (std::ranges::all_of(perhaps, [&](const Value* one) { return is_same(one, first); }))
    return first ? std::optional(*first) : std::nullopt;
  const bool may_be_missing = std::ranges::count(perhaps, nullptr) != 0;
  if (all([](const Value& value) { return value.is_map(); })) {
    Value result = mixed_map(perhaps, wanted);
    if (may_be_missing && result.members().empty()) return std::nullopt;
    return result;
  }
  if (all([](const Value& value) { return value.is_list(); })) {
    Value result = mixed_list(perhaps, wanted);
    if (may_be_missing && result.elements().empty()) return std::nullopt;
    // Lists that differ in their order only are changed as a whole.
    if (!wanted || !same_value(result, *wanted)) return result;
  }
  const auto other = std::ranges::find_if(perhaps.rbegin(), perhaps.rend(),
                                          [&](const Value* one) { return !is_same(one, wanted); });
  return *other ? std::optional(**other) : std::nullopt;
}

}  // namespace

void note_doubt(std::vector<ResourceState>& doubts, const ResourceState& state) {
  if (state.id.empty()) return;
  const bool is_noted = std::ranges::any_of(doubts, [&](const ResourceState& other) {
    return other.id == state.id && other.properties == state.properties &&
           other.references == state.references && other.tags == state.tags;
  });
  if (!is_noted) doubts.push_back(state);
}

std::vector<ResourceState> doubts_of(const ResourceRecord& record, std::string_view id) {
  std::vector<ResourceState> result;
  std::ranges::copy_if(record.doubts, std::back_inserter(result),
                       [&](const ResourceState& state) { return state.id == id; });
  return result;
}

std::vector<ResourceState> perhaps_of(const ResourceRecord& record, std::string_view id) {
  std::vector<ResourceState> result = doubts_of(record, id);
  if (record.state.id == id) result.push_back(record.state);
  return result;
}

Value mixed(const std::vector<Value>& perhaps, const Value& wanted) {
  Places places;
  for (const Value& one : perhaps) places.push_back(&one);
  return mixed_place(places, &wanted).value_or(Value());
}

Comparable comparable(const std::vector<ResourceState>& perhaps, const Value& wanted,
                      const std::map<std::string, std::string>& latest) {
  Comparable result = comparable(perhaps.back(), wanted, latest);
  if (perhaps.size() == 1) return result;
  std::vector<Value> before;
  for (const ResourceState& state : perhaps)
    before.push_back(comparable(state, wanted, latest).before);
  result.before = mixed(before, result.after);
  return result;
}

}  // namespace matinee::cloudformation

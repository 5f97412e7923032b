// Update expressions at work.
#include <algorithm>
#include <optional>
#include <span>

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::expressions {
namespace {

using Kind = UpdateAction::Kind;

// Thrown by what computes values; apply_update gives it the words of the update's style.
struct WrongType {};

protocol::ServiceError too_large() {
  return validation_error("Item size to update has exceeded the maximum allowed size");
}

template <class T>
const T& require_type(const AttributeValue& value) {
  const T* content = value.find<T>();
  if (!content) throw WrongType();
  return *content;
}

AttributeValue compute(const UpdateValue& value, const Item& item);

const AttributeValue& require_value(const DocumentPath& path, const Item& item) {
  const AttributeValue* found = find_value(path, item);
  if (found) return *found;
  throw validation_error(
      "The provided expression refers to an attribute that does not exist in the item");
}

AttributeValue compute_list(const UpdateValue& value, const Item& item) {
  AttributeValue first = compute(value.arguments[0], item);
  const AttributeValue second = compute(value.arguments[1], item);
  const List& tail = require_type<List>(second);
  // More elements than bytes never fit: a short expression must not make a list of any length.
  if (require_type<List>(first).size() + tail.size() > max_item_bytes) throw too_large();
  first.find<List>()->insert(first.find<List>()->end(), tail.begin(), tail.end());
  return first;
}

AttributeValue compute_sum(const UpdateValue& value, const Item& item) {
  const AttributeValue first = compute(value.arguments[0], item);
  const AttributeValue second = compute(value.arguments[1], item);
  const auto& left = require_type<Number>(first);
  const auto& right = require_type<Number>(second);
  return value.kind == UpdateValue::Kind::plus ? left.plus(right) : left.minus(right);
}

AttributeValue compute(const UpdateValue& value, const Item& item) {
  switch (value.kind) {
    case UpdateValue::Kind::literal:
      return *value.literal;
    case UpdateValue::Kind::path:
      return require_value(value.path, item);
    case UpdateValue::Kind::list_append:
      return compute_list(value, item);
    case UpdateValue::Kind::if_not_exists: {
      const AttributeValue* found = find_value(value.path, item);
      return found ? *found : compute(value.arguments.front(), item);
    }
    default:
      return compute_sum(value, item);
  }
}

template <class T>
bool unite_sets(AttributeValue& target, const AttributeValue& other) {
  const auto* added = other.find<Set<T>>();
  if (!added) return false;
  auto* set = target.find<Set<T>>();
  if (!set) throw WrongType();
  set->unite(*added);
  return true;
}

AttributeValue add(const AttributeValue* existing, const AttributeValue& added) {
  if (!existing) return added;
  AttributeValue result = *existing;
  if (const auto* number = added.find<Number>())
    return require_type<Number>(*existing).plus(*number);
  unite_sets<std::string>(result, added) || unite_sets<Number>(result, added) ||
      unite_sets<Binary>(result, added);
  return result;
}

template <class T>
bool subtract_sets(std::optional<AttributeValue>& target, const AttributeValue& other) {
  const auto* removed = other.find<Set<T>>();
  if (!removed) return false;
  auto* set = target->find<Set<T>>();
  if (!set) throw WrongType();
  set->subtract(*removed);
  if (set->members.empty()) target.reset();
  return true;
}

// What DELETE leaves of a set; nothing where that is empty.
std::optional<AttributeValue> erase(const AttributeValue& existing, const AttributeValue& removed) {
  std::optional<AttributeValue> result = existing;
  subtract_sets<std::string>(result, removed) || subtract_sets<Number>(result, removed) ||
      subtract_sets<Binary>(result, removed);
  return result;
}

// The map or list that holds the last element of a path.
struct Parent {
  Map* map = nullptr;
  List* list = nullptr;
  const PathElement* element = nullptr;
};

Parent require_parent(const DocumentPath& path, Item& item) {
  Parent parent{.map = &item, .element = &path.elements.back()};
  for (std::size_t i = 0; i + 1 < path.elements.size(); ++i) {
    const PathElement& element = path.elements[i];
    AttributeValue* value = nullptr;
    if (element.is_index) {
      if (parent.list && element.index < parent.list->size())
        value = &(*parent.list)[element.index];
    } else if (parent.map) {
      const auto found = parent.map->find(element.name);
      if (found != parent.map->end()) value = &found->second;
    }
    parent.map = value ? value->find<Map>() : nullptr;
    parent.list = value ? value->find<List>() : nullptr;
  }
  if (parent.element->is_index ? !parent.list : !parent.map) {
    throw validation_error(
        "The document path provided in the update expression is invalid for update");
  }
  return parent;
}

// An index past a list's end appends to it.
void store(const DocumentPath& path, AttributeValue value, Item& item) {
  const Parent parent = require_parent(path, item);
  if (!parent.list || !parent.element->is_index) {
    parent.map->insert_or_assign(parent.element->name, std::move(value));
  } else if (parent.element->index < parent.list->size()) {
    (*parent.list)[parent.element->index] = std::move(value);
  } else {
    parent.list->push_back(std::move(value));
  }
}

bool is_same_parent(const DocumentPath& left, const DocumentPath& right) {
  return std::ranges::equal(left.elements.begin(), left.elements.end() - 1, right.elements.begin(),
                            right.elements.end() - 1);
}

// Takes the elements with these indexes, in ascending order, out of a list in one pass.
void remove_elements(List& list, std::span<const DocumentPath* const> paths) {
  std::size_t kept = paths.front()->elements.back().index;
  for (std::size_t index = kept; index < list.size(); ++index) {
    if (!paths.empty() && paths.front()->elements.back().index == index)
      paths = paths.subspan(1);
    else
      list[kept++] = std::move(list[index]);
  }
  list.resize(kept);
}

// Removes what is at the paths, which all exist. Inner parts go first, so that indexes keep their
// meaning.
void remove_all(std::vector<const DocumentPath*> paths, Item& item) {
  std::ranges::sort(paths, [](const DocumentPath* left, const DocumentPath* right) {
    const std::size_t left_depth = left->elements.size();
    const std::size_t right_depth = right->elements.size();
    return left_depth != right_depth ? left_depth > right_depth : left->elements < right->elements;
  });
  for (auto first = paths.begin(); first != paths.end();) {
    const auto last = std::find_if(first, paths.end(), [&](const DocumentPath* path) {
      return !is_same_parent(*path, **first);
    });
    const Parent parent = require_parent(**first, item);
    if (parent.list) {
      remove_elements(*parent.list, {first, last});
    } else {
      for (auto path = first; path != last; ++path)
        parent.map->erase((*path)->elements.back().name);
    }
    first = last;
  }
}

// What an action puts at its path; nothing where it takes away what is there.
std::optional<AttributeValue> compute_outcome(const UpdateAction& action, const Item& item) {
  if (action.kind == Kind::set) return compute(action.value, item);
  if (action.kind == Kind::remove) return std::nullopt;
  const AttributeValue* existing = find_value(action.path, item);
  if (action.kind == Kind::add) return add(existing, *action.value.literal);
  if (!existing) return std::nullopt;
  return erase(*existing, *action.value.literal);
}

std::optional<AttributeValue> outcome(const Update& update, const UpdateAction& action,
                                      const Item& item) {
  try {
    return compute_outcome(action, item);
  } catch (const WrongType&) {
    throw validation_error(update.older_style
                               ? "Type mismatch for attribute to update"
                               : "An operand in the update expression has an incorrect data type");
  }
}

}  // namespace

void apply_update(const Update& update, Item& item) {
  struct Change {
    const DocumentPath* path;
    std::optional<AttributeValue> value;
    bool existed;
  };
  std::vector<Change> changes;
  changes.reserve(update.actions.size());
  std::size_t bytes = 0;  // all values become parts of the item
  for (const UpdateAction& action : update.actions) {
    std::optional<AttributeValue> value = outcome(update, action, item);
    if (value) bytes += size_of(*value);
    if (bytes > max_item_bytes) throw too_large();
    changes.push_back({&action.path, std::move(value), find_value(action.path, item) != nullptr});
  }

  // In the order of their paths, so that elements past a list's end are appended in the order of
  // their indexes; removals afterwards.
  std::ranges::sort(changes, [](const Change& left, const Change& right) {
    return left.path->elements < right.path->elements;
  });
  for (Change& change : changes)
    if (change.value) store(*change.path, *std::move(change.value), item);
  std::vector<const DocumentPath*> removed;
  for (const Change& change : changes) {
    if (change.value) continue;
    require_parent(*change.path, item);
    // What was not there is not removed, nor is what has been appended in its place.
    if (change.existed) removed.push_back(change.path);
  }
  remove_all(std::move(removed), item);
}

}  // namespace matinee::dynamodb::expressions

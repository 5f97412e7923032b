#include "services/dynamodb/expressions/evaluate.h"

#include <algorithm>

namespace matinee::dynamodb::expressions {
namespace {

// What an operand is for an item: a value in the item, in the request, or made here.
class Evaluated {
 public:
  Evaluated(const Operand& operand, const Item& item)
      : value_(operand.literal ? operand.literal : find_value(operand.path, item)) {
    if (operand.size_of && value_) take_size();
  }
  Evaluated(const Evaluated&) = delete;
  Evaluated& operator=(const Evaluated&) = delete;

  explicit operator bool() const { return value_ != nullptr; }
  const AttributeValue& operator*() const { return *value_; }
  const AttributeValue* operator->() const { return value_; }

 private:
  const AttributeValue* value_;
  AttributeValue made_;

  void take_size();
};

// Characters outside of Unicode's basic plane count twice.
std::size_t count_utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

// UTF-16 units of strings, bytes of binaries, elements of collections; others have no size.
void Evaluated::take_size() {
  std::size_t size = 0;
  if (const auto* text = value_->find<std::string>()) {
    size = count_utf16_units(*text);
  } else if (const auto* binary = value_->find<Binary>()) {
    size = binary->bytes.size();
  } else if (const auto* strings = value_->find<StringSet>()) {
    size = strings->members.size();
  } else if (const auto* numbers = value_->find<NumberSet>()) {
    size = numbers->members.size();
  } else if (const auto* binaries = value_->find<BinarySet>()) {
    size = binaries->members.size();
  } else if (const auto* list = value_->find<List>()) {
    size = list->size();
  } else if (const auto* map = value_->find<Map>()) {
    size = map->size();
  } else {
    value_ = nullptr;
    return;
  }
  made_ = Number(static_cast<std::int64_t>(size));
  value_ = &made_;
}

bool comparable(const Evaluated& left, const Evaluated& right) {
  return left && right && left->type() == right->type() && is_ordered(left->type());
}

bool matches_comparison(const Condition& condition, const Item& item) {
  const Evaluated left(condition.operands[0], item);
  const Evaluated right(condition.operands[1], item);
  if (condition.op == Operator::equal) return left && right && *left == *right;
  if (condition.op == Operator::not_equal) return !(left && right && *left == *right);
  if (!comparable(left, right)) return false;
  const auto order = compare(*left, *right);
  switch (condition.op) {
    case Operator::less:
      return order < 0;
    case Operator::less_equal:
      return order <= 0;
    case Operator::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool matches_between(const Condition& condition, const Item& item) {
  const Evaluated value(condition.operands[0], item);
  const Evaluated lower(condition.operands[1], item);
  const Evaluated upper(condition.operands[2], item);
  return comparable(value, lower) && comparable(value, upper) && compare(*lower, *value) <= 0 &&
         compare(*value, *upper) <= 0;
}

bool matches_in(const Condition& condition, const Item& item) {
  const Evaluated value(condition.operands[0], item);
  if (!value) return false;
  return std::any_of(condition.operands.begin() + 1, condition.operands.end(),
                     [&](const Operand& operand) {
                       const Evaluated candidate(operand, item);
                       return candidate && *candidate == *value;
                     });
}

bool begins_with(const AttributeValue& value, const AttributeValue& start) {
  if (const auto* text = value.find<std::string>()) {
    const auto* prefix = start.find<std::string>();
    return prefix && text->starts_with(*prefix);
  }
  const auto* binary = value.find<Binary>();
  const auto* prefix = start.find<Binary>();
  return binary && prefix && binary->bytes.starts_with(prefix->bytes);
}

template <class T>
bool set_contains(const AttributeValue& value, const AttributeValue& member) {
  const auto* set = value.find<Set<T>>();
  const auto* wanted = member.find<T>();
  return set && wanted && set->contains(*wanted);
}

// The term is what the operand stands for.
bool text_contains(std::string_view text, std::string_view term, const Operand& operand) {
  if (term.size() > text.size()) return false;
  if (operand.is_path()) return TextSearch(term).is_in(text);
  if (!operand.search) operand.search = std::make_shared<TextSearch>(term);
  return operand.search->is_in(text);
}

bool contains(const AttributeValue& value, const AttributeValue& part, const Operand& operand) {
  if (const auto* list = value.find<List>()) return std::ranges::find(*list, part) != list->end();
  if (const auto* text = value.find<std::string>()) {
    const auto* wanted = part.find<std::string>();
    return wanted && text_contains(*text, *wanted, operand);
  }
  if (const auto* binary = value.find<Binary>()) {
    const auto* wanted = part.find<Binary>();
    return wanted && text_contains(binary->bytes, wanted->bytes, operand);
  }
  return set_contains<std::string>(value, part) || set_contains<Number>(value, part) ||
         set_contains<Binary>(value, part);
}

bool matches_function(const Condition& condition, const Item& item) {
  const Evaluated first(condition.operands[0], item);
  if (condition.op == Operator::attribute_exists) return static_cast<bool>(first);
  if (condition.op == Operator::attribute_not_exists) return !first;
  const Evaluated second(condition.operands[1], item);
  if (!first || !second) return false;
  if (condition.op == Operator::begins_with) return begins_with(*first, *second);
  if (condition.op == Operator::contains) return contains(*first, *second, condition.operands[1]);
  const auto* name = second->find<std::string>();
  return name && type_name(first->type()) == *name;
}

}  // namespace

const AttributeValue* find_value(const DocumentPath& path, const Item& item) {
  const Item* map = &item;
  const AttributeValue* value = nullptr;
  for (const PathElement& element : path.elements) {
    if (value) map = value->find<Map>();
    if (element.is_index) {
      const List* list = value ? value->find<List>() : nullptr;
      if (!list || element.index >= list->size()) return nullptr;
      value = &(*list)[element.index];
    } else {
      if (!map) return nullptr;
      const auto found = map->find(element.name);
      if (found == map->end()) return nullptr;
      value = &found->second;
    }
  }
  return value;
}

bool matches(const Condition& condition, const Item& item) {
  const auto meets = [&item](const Condition& child) { return matches(child, item); };
  switch (condition.op) {
    case Operator::all_of:
      return std::ranges::all_of(condition.children, meets);
    case Operator::any_of:
      return std::ranges::any_of(condition.children, meets);
    case Operator::negation:
      return !matches(condition.children.front(), item);
    case Operator::between:
      return matches_between(condition, item);
    case Operator::in:
      return matches_in(condition, item);
    case Operator::equal:
    case Operator::not_equal:
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
      return matches_comparison(condition, item);
    default:
      return matches_function(condition, item);
  }
}

namespace {

// Copies what the paths from `first` to `last`, which share their elements before `depth`, select
// of `source`. Paths are sorted, so those that go on in the same way are neighbours.
using PathIterator = std::vector<const DocumentPath*>::const_iterator;

bool copy_selected(const AttributeValue& source, AttributeValue& target,
                   std::pair<PathIterator, PathIterator> paths, std::size_t depth);

PathIterator end_of_group(PathIterator first, PathIterator last, std::size_t depth) {
  return std::find_if(first, last, [&](const DocumentPath* path) {
    return path->elements[depth] != (*first)->elements[depth];
  });
}

Map copy_from_map(const Map& source, std::pair<PathIterator, PathIterator> paths,
                  std::size_t depth) {
  Map result;
  for (auto at = paths.first; at != paths.second;) {
    const auto end = end_of_group(at, paths.second, depth);
    const PathElement& element = (*at)->elements[depth];
    const auto found = element.is_index ? source.end() : source.find(element.name);
    AttributeValue part;
    if (found != source.end() && copy_selected(found->second, part, {at, end}, depth + 1))
      result.emplace(element.name, std::move(part));
    at = end;
  }
  return result;
}

List copy_from_list(const List& source, std::pair<PathIterator, PathIterator> paths,
                    std::size_t depth) {
  List result;
  for (auto at = paths.first; at != paths.second;) {
    const auto end = end_of_group(at, paths.second, depth);
    const PathElement& element = (*at)->elements[depth];
    AttributeValue part;
    if (element.is_index && element.index < source.size() &&
        copy_selected(source[element.index], part, {at, end}, depth + 1))
      result.push_back(std::move(part));
    at = end;
  }
  return result;
}

bool copy_selected(const AttributeValue& source, AttributeValue& target,
                   std::pair<PathIterator, PathIterator> paths, std::size_t depth) {
  if ((*paths.first)->elements.size() == depth) {
    target = source;
    return true;
  }
  if (const auto* map = source.find<Map>()) {
    Map part = copy_from_map(*map, paths, depth);
    if (part.empty()) return false;
    target = AttributeValue(std::move(part));
    return true;
  }
  const auto* list = source.find<List>();
  if (!list) return false;
  List part = copy_from_list(*list, paths, depth);
  if (part.empty()) return false;
  target = AttributeValue(std::move(part));
  return true;
}

}  // namespace

Item project(const Projection& projection, const Item& item) {
  std::vector<const DocumentPath*> paths;
  paths.reserve(projection.paths.size());
  for (const DocumentPath& path : projection.paths) paths.push_back(&path);
  std::ranges::sort(paths, [](const DocumentPath* left, const DocumentPath* right) {
    return left->elements < right->elements;
  });
  return copy_from_map(item, {paths.cbegin(), paths.cend()}, 0);
}

}  // namespace matinee::dynamodb::expressions

#include "templates/tree.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>

namespace matinee::templates {

Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Value::Value(std::string text) : kind_(Kind::string), text_(std::move(text)) {}
Value::Value(std::string_view text) : Value(std::string(text)) {}
Value::Value(const char* text) : Value(std::string(text)) {}
Value::Value(bool truth) : kind_(Kind::boolean), text_(truth ? "true" : "false") {}
Value::Value(int number) : Value(std::int64_t{number}) {}
Value::Value(std::int64_t number) : kind_(Kind::number), text_(std::to_string(number)) {}

Value Value::number(std::string text) {
  Value value(std::move(text));
  value.kind_ = Kind::number;
  return value;
}

Value Value::list(List elements) {
  Value value;
  value.kind_ = Kind::list;
  value.elements_ = std::move(elements);
  return value;
}

Value Value::map() {
  Value value;
  value.kind_ = Kind::map;
  return value;
}

Value Value::map(std::string name, Value value) {
  Value whole = map();
  whole.members_.push_back({std::move(name), std::move(value)});
  return whole;
}

std::optional<std::int64_t> Value::integer() const {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
  if (!is_scalar() || error != std::errc() || end != text_.data() + text_.size())
    return std::nullopt;
  return number;
}

const Value* Value::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.name == name) return &member.value;
  return nullptr;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

std::string Value::text_or(std::string_view name, std::string_view otherwise) const {
  const Value* value = find(name);
  return value && value->is_scalar() ? value->text() : std::string(otherwise);
}

Value& Value::operator[](std::string_view name) {
  if (is_null()) kind_ = Kind::map;
  if (Value* value = find(name)) return *value;
  return members_.emplace_back(std::string(name), Value()).value;
}

Value& Value::set(std::string_view name, Value value) {
  (*this)[name] = std::move(value);
  return *this;
}

bool Value::erase(std::string_view name) {
  return std::erase_if(members_, [&](const Member& member) { return member.name == name; }) > 0;
}

void Value::merge(const Value& more) {
  if (is_null()) kind_ = Kind::map;
  std::unordered_map<std::string_view, const Value*> rest;
  for (const Member& member : more.members_) rest.emplace(member.name, &member.value);
  for (Member& member : members_) {
    const auto found = rest.find(member.name);
    if (found == rest.end()) continue;
    member.value = *found->second;
    rest.erase(found);
  }
  for (const Member& member : more.members_)
    if (rest.contains(member.name)) members_.push_back(member);
}

void Value::append(Value element) {
  if (is_null()) kind_ = Kind::list;
  elements_.push_back(std::move(element));
}

bool Value::operator==(const Value& other) const {
  if (kind_ != other.kind_ || text_ != other.text_ || elements_ != other.elements_ ||
      members_.size() != other.members_.size())
    return false;
  // As a rule members stand in the same order.
  std::size_t same = 0;
  while (same < members_.size() && members_[same].name == other.members_[same].name) {
    if (!(members_[same].value == other.members_[same].value)) return false;
    ++same;
  }
  std::unordered_map<std::string_view, const Value*> rest;
  for (std::size_t i = same; i < members_.size(); ++i)
    rest.emplace(other.members_[i].name, &other.members_[i].value);
  return std::all_of(members_.begin() + static_cast<std::ptrdiff_t>(same), members_.end(),
                     [&](const Member& member) {
                       const auto found = rest.find(member.name);
                       return found != rest.end() && member.value == *found->second;
                     });
}

}  // namespace matinee::templates

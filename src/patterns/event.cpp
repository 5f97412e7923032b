#include "patterns/event.h"

#include <algorithm>
#include <cstring>

namespace matinee::patterns {
namespace {

constexpr std::size_t kSmallestChunk = 4096;
constexpr std::size_t kSmallestTable = 64;

std::size_t slot_of(PathHash hash, std::size_t slots) {
  return (hash ^ (hash >> 32)) & (slots - 1);
}

}  // namespace

Event::Event() {
  clear();
}

Event::Event(Event&&) noexcept = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

void Event::clear() {
  nodes_.assign(1, {.parent = 0, .name = {}, .hash = kEmptyPath});
  elements_.assign(1, {.parent = 0, .array = 0, .depth = 0});
  values_.assign(1, {.text = {}, .node = 0});
  groups_.clear();
  table_.assign(std::clamp(table_.size(), kSmallestTable, 16 * kSmallestTable), 0);
  arrays_ = 0;
  if (chunks_.size() > 1) {
    chunks_.erase(chunks_.begin(), chunks_.end() - 1);
  }
  chunk_used_ = 0;
}

char* Event::allocate(std::size_t size) {
  if (chunk_size_ - chunk_used_ < size || chunks_.empty()) {
    chunk_size_ = std::max(size, kSmallestChunk);
    chunk_used_ = 0;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_size_));
  }
  char* const begin = chunks_.back().get() + chunk_used_;
  chunk_used_ += size;
  return begin;
}

std::string_view Event::keep(std::string_view bytes) {
  if (bytes.empty()) return {};
  char* const copy = allocate(bytes.size());
  std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, bytes.size()};
}

std::uint32_t Event::add_node(std::uint32_t parent, std::string_view name) {
  PathHash hash = nodes_[parent].hash;
  if (parent != 0) hash = extend_path(hash, ".");
  nodes_.push_back({.parent = parent, .name = name, .hash = extend_path(hash, name)});
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t Event::add_element(std::uint32_t parent, std::uint32_t array) {
  elements_.push_back({.parent = parent, .array = array, .depth = elements_[parent].depth + 1});
  return static_cast<std::uint32_t>(elements_.size() - 1);
}

void Event::add_value(Value value) {
  const auto index = static_cast<std::uint32_t>(values_.size());
  const PathHash hash = nodes_[value.node].hash;
  const bool in_element = value.element != kNone;
  values_.push_back(value);
  if (!groups_.empty() && groups_.back().hash == hash) {
    Group& group = groups_.back();
    values_[group.last].next = index;
    group.last = index;
    group.in_elements = group.in_elements && in_element;
    group.has_elements = group.has_elements || in_element;
    return;
  }
  for (std::size_t slot = slot_of(hash, table_.size());; slot = (slot + 1) & (table_.size() - 1)) {
    if (table_[slot] == 0) {
      groups_.push_back({.hash = hash,
                         .first = index,
                         .last = index,
                         .in_elements = in_element,
                         .has_elements = in_element});
      table_[slot] = static_cast<std::uint32_t>(groups_.size());
      if (groups_.size() * 2 > table_.size()) grow_table();
      return;
    }
    Group& group = groups_[table_[slot] - 1];
    if (group.hash != hash) continue;
    values_[group.last].next = index;
    group.last = index;
    group.in_elements = group.in_elements && in_element;
    group.has_elements = group.has_elements || in_element;
    return;
  }
}

void Event::grow_table() {
  table_.assign(table_.size() * 4, 0);
  for (std::uint32_t i = 0; i < groups_.size(); ++i) {
    std::size_t slot = slot_of(groups_[i].hash, table_.size());
    while (table_[slot] != 0) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = i + 1;
  }
}

void Event::add_text(std::string_view name, std::string_view text) {
  const std::uint32_t node = add_node(0, keep(name));
  add_value({.text = keep(text), .node = node, .kind = ValueKind::text});
}

void Event::add_number(std::string_view name, std::string_view number) {
  const std::uint32_t node = add_node(0, keep(name));
  add_value({.text = keep(number), .node = node, .kind = ValueKind::number});
}

bool Event::has_member(std::string_view name) const {
  return std::any_of(nodes_.begin() + 1, nodes_.end(),
                     [&](const Node& node) { return node.parent == 0 && node.name == name; });
}

const Event::Group* Event::find(PathHash hash) const {
  for (std::size_t slot = slot_of(hash, table_.size());; slot = (slot + 1) & (table_.size() - 1)) {
    if (table_[slot] == 0) return nullptr;
    const Group& group = groups_[table_[slot] - 1];
    if (group.hash == hash) return &group;
  }
}

const Event::Group* Event::find(PathHash hash, std::string_view path) const {
  const Group* const group = find(hash);
  return group != nullptr && is_at(values_[group->first], path) ? group : nullptr;
}

bool Event::is_at(const Value& value, std::string_view path) const {
  std::uint32_t node = value.node;
  for (;;) {
    const Node& step = nodes_[node];
    if (!path.ends_with(step.name)) return false;
    path.remove_suffix(step.name.size());
    node = step.parent;
    if (node == 0) return path.empty();
    if (!path.ends_with('.')) return false;
    path.remove_suffix(1);
  }
}

std::string Event::path_of(const Value& value) const {
  std::vector<std::string_view> names;
  for (std::uint32_t node = value.node; node != 0; node = nodes_[node].parent)
    names.push_back(nodes_[node].name);
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (name != names.rbegin()) path += '.';
    path += *name;
  }
  return path;
}

bool Event::are_consistent(std::uint32_t one, std::uint32_t other) const {
  while (elements_[one].depth > elements_[other].depth) one = elements_[one].parent;
  while (elements_[other].depth > elements_[one].depth) other = elements_[other].parent;
  for (; one != other; one = elements_[one].parent, other = elements_[other].parent)
    if (elements_[one].array == elements_[other].array) return false;
  return true;
}

}  // namespace matinee::patterns

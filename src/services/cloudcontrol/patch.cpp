#include "services/cloudcontrol/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace matinee::cloudcontrol {

namespace {

using templates::Value;

/// The steps of a JSON Pointer, RFC 6901.
std::vector<std::string> steps_of(const std::string& pointer) {
  std::vector<std::string> steps;
  if (pointer.empty()) return steps;
  if (pointer[0] != '/') throw PatchError(fmt::format("{} is no JSON Pointer", pointer));
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      steps.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
      steps.back() += pointer[++i] == '1' ? '/' : '~';
    } else {
      steps.back() += pointer[i];
    }
  }
  return steps;
}

[[noreturn]] void refuse_path(const std::string& pointer) {
  throw PatchError(fmt::format("no such path in target JSON document: {}", pointer));
}

std::size_t index_of(const std::string& step, std::size_t most, const std::string& pointer) {
  const std::optional<std::int64_t> index = Value(step).integer();
  if (!index || *index < 0 || static_cast<std::size_t>(*index) > most) refuse_path(pointer);
  return static_cast<std::size_t>(*index);
}

/// What a pointer names, without its last step.
struct Target {
  Value* parent;
  std::string last;
};

Value* child(Value* value, const std::string& step, const std::string& pointer) {
  if (value->is_list()) {
    auto& elements = value->elements();
    const std::size_t index = index_of(step, elements.size(), pointer);
    if (index == elements.size()) refuse_path(pointer);
    return &elements[index];
  }
  Value* member = value->find(step);
  if (!member) refuse_path(pointer);
  return member;
}

Target find(Value& document, const std::string& pointer) {
  const std::vector<std::string> steps = steps_of(pointer);
  if (steps.empty()) throw PatchError("the document as a whole cannot be changed");
  Value* value = &document;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) value = child(value, steps[i], pointer);
  if (!value->is_list() && !value->is_map()) refuse_path(pointer);
  return {value, steps.back()};
}

const Value& need(const Value& operation, std::string_view member) {
  const Value* found = operation.find(member);
  if (!found) throw PatchError(fmt::format("an operation without {}", member));
  return *found;
}

void add(Value& document, const std::string& pointer, Value value) {
  const Target target = find(document, pointer);
  if (target.parent->is_map()) {
    target.parent->set(target.last, std::move(value));
    return;
  }
  auto& elements = target.parent->elements();
  const std::size_t index =
      target.last == "-" ? elements.size() : index_of(target.last, elements.size(), pointer);
  elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
}

Value take(Value& document, const std::string& pointer) {
  const Target target = find(document, pointer);
  Value* found = child(target.parent, target.last, pointer);
  Value taken = std::move(*found);
  if (target.parent->is_map()) {
    target.parent->erase(target.last);
  } else {
    auto& elements = target.parent->elements();
    elements.erase(elements.begin() + (found - elements.data()));
  }
  return taken;
}

Value& at(Value& document, const std::string& pointer) {
  if (pointer.empty()) return document;
  const Target target = find(document, pointer);
  return *child(target.parent, target.last, pointer);
}

/// Throws where what operations have added is more than a resource may have.
void count(std::size_t& room, const Value& added) {
  const std::size_t size = templates::to_json(added).size();
  if (size > room) throw PatchError("the document would have more than 1,048,576 bytes");
  room -= size;
}

void apply(Value& document, const Value& operation, std::size_t& room) {
  const std::string op = operation.text_or("op");
  const std::string path = need(operation, "path").text();
  if (op == "add") {
    count(room, need(operation, "value"));
    return add(document, path, need(operation, "value"));
  }
  if (op == "remove") {
    take(document, path);
  } else if (op == "replace") {
    count(room, need(operation, "value"));
    at(document, path) = need(operation, "value");
  } else if (op == "move") {
    add(document, path, take(document, need(operation, "from").text()));
  } else if (op == "copy") {
    Value copied = at(document, need(operation, "from").text());
    count(room, copied);
    add(document, path, std::move(copied));
  } else if (op == "test") {
    if (!(at(document, path) == need(operation, "value")))
      throw PatchError(fmt::format("value differs from expectations: {}", path));
  } else {
    throw PatchError(fmt::format("there is no operation {}", op));
  }
}

}  // namespace

templates::Value apply_patch(templates::Value document, const templates::Value& patch) {
  if (!patch.is_list()) throw PatchError("a patch is a list of operations");
  std::size_t room = 1 << 20;
  for (const Value& operation : patch.elements()) apply(document, operation, room);
  return document;
}

}  // namespace matinee::cloudcontrol

#include "json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <stdexcept>

namespace matinee::simulation::tables {
namespace {

Json convert(simdjson::dom::element element) {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::ARRAY: {
      Json::Array array;
      for (const simdjson::dom::element member : simdjson::dom::array(element))
        array.push_back(convert(member));
      return array;
    }
    case Type::OBJECT: {
      Json::Object object;
      for (const auto& [name, value] : simdjson::dom::object(element))
        object.emplace(std::string(name), convert(value));
      return object;
    }
    case Type::INT64:
      return std::int64_t(element);
    case Type::UINT64:
    case Type::DOUBLE: {
      Json number;
      number.content = double(element);
      return number;
    }
    case Type::STRING:
      return std::string(std::string_view(element));
    case Type::BOOL:
      return bool(element);
    default:
      return {};
  }
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  out += '"';
}

void append(std::string& out, const Json& json);

struct Append {
  std::string& out;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(double value) const { out += fmt::format("{}", value); }
  void operator()(const std::string& value) const { append_string(out, value); }
  void operator()(const Json::Array& array) const {
    out += '[';
    for (const Json& member : array) {
      if (&member != &array.front()) out += ',';
      append(out, member);
    }
    out += ']';
  }
  void operator()(const Json::Object& object) const {
    out += '{';
    bool is_first = true;
    for (const auto& [name, value] : object) {
      if (!std::exchange(is_first, false)) out += ',';
      append_string(out, name);
      out += ':';
      append(out, value);
    }
    out += '}';
  }
};

void append(std::string& out, const Json& json) {
  std::visit(Append{out}, json.content);
}

}  // namespace

Json Json::parse(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  const simdjson::padded_string padded(text);
  if (parser.parse(padded).get(element) != simdjson::SUCCESS)
    throw std::runtime_error(fmt::format("no JSON: {}", text));
  return convert(element);
}

std::string Json::text() const {
  std::string out;
  append(out, *this);
  return out;
}

const Json* Json::find(const std::string& name) const {
  const auto* members = std::get_if<Object>(&content);
  if (!members) return nullptr;
  const auto found = members->find(name);
  return found == members->end() ? nullptr : &found->second;
}

Json& Json::operator[](const std::string& name) {
  if (std::holds_alternative<std::monostate>(content)) content = Object();
  return object()[name];
}

}  // namespace matinee::simulation::tables

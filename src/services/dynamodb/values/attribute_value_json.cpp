// Attribute values in JSON: an object with one member, named after the type.
#include <fmt/format.h>

#include <utility>

#include "protocol/base64.h"
#include "protocol/json_reader.h"
#include "protocol/json_writer.h"
#include "protocol/weight.h"
#include "services/dynamodb/values/attribute_value.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

namespace json = protocol::json;

const Type* find_type(json::Key key) {
  static constexpr std::pair<std::string_view, Type> types[] = {
      {"S", Type::string},      {"N", Type::number},      {"B", Type::binary},
      {"SS", Type::string_set}, {"NS", Type::number_set}, {"BS", Type::binary_set},
      {"M", Type::map},         {"L", Type::list},        {"NULL", Type::null},
      {"BOOL", Type::boolean}};
  for (const auto& [name, type] : types)
    if (json::key_is(key, name)) return &type;
  return nullptr;
}

// What DynamoDB calls an empty set of each type.
constexpr std::string_view empty_set(const std::string&) {
  return "An string set  may not be empty";
}
constexpr std::string_view empty_set(const Number&) {
  return "An number set  may not be empty";
}
constexpr std::string_view empty_set(const Binary&) {
  return "Binary sets should not be empty";
}

Refusal invalid(const std::string& message) {
  return Refusal("One or more parameter values were invalid: " + message);
}

Refusal duplicates(const std::vector<std::string>& members) {
  constexpr std::string_view words = "Input collection [{}] contains duplicates.";
  const auto plain = invalid(fmt::format(words, fmt::join(members, ", ")));
  const auto quoted =
      invalid(fmt::format(words, fmt::format("\"{}\"", fmt::join(members, "\", \""))));
  return {plain.message(), quoted.counted()};
}
Refusal duplicates(const std::vector<Binary>& members) {
  std::vector<std::string> texts;
  for (const Binary& member : members) texts.push_back(protocol::base64_encode(member.bytes));
  return invalid(
      fmt::format("Input collection [{}]of type BS contains duplicates.", fmt::join(texts, ", ")));
}
Refusal duplicates(const std::vector<Number>&) {
  return Refusal("Input collection contains duplicates");
}

// Reads one value with all that is in it. What is wrong by DynamoDB's rules does not end the
// reading, because JSON that is wrong further on comes first.
class ValueReader {
 public:
  /// `levels` of lists and maps may still follow. Members that DynamoDB does not know are ignored.
  void read(json::Value& in, AttributeValue& out, int levels);

  /// The first thing that is wrong; null where nothing is.
  std::shared_ptr<const Refusal> fault() && { return std::move(fault_); }

 private:
  std::shared_ptr<const Refusal> fault_;

  void note(Refusal refusal) {
    if (!fault_) fault_ = std::make_shared<const Refusal>(std::move(refusal));
  }

  void read_member(json::Value& in, std::string& member) { json::read_string(in, member); }
  void read_member(json::Value& in, Binary& member) { json::read_blob(in, member.bytes); }
  void read_member(json::Value& in, Number& member);
  template <class T>
  Set<T> read_set(json::Value& in);
  AttributeValue read_collection(Type type, json::Value& in, int levels);
  AttributeValue read_content(Type type, json::Value& in, int levels);
};

void ValueReader::read_member(json::Value& in, Number& member) {
  std::string text;
  json::read_string(in, text);
  try {
    member = Number::parse(text);
  } catch (const protocol::ServiceError& error) {
    note(Refusal(error.message()));
  }
}

template <class T>
Set<T> ValueReader::read_set(json::Value& in) {
  std::vector<T> members;
  json::each_element(in,
                     [&](json::Value& element) { read_member(element, members.emplace_back()); });
  if (members.empty()) note(invalid(std::string(empty_set(T()))));
  Set<T> set = make_set(members);
  if (set.members.size() != members.size()) note(duplicates(members));
  return set;
}

AttributeValue ValueReader::read_collection(Type type, json::Value& in, int levels) {
  if (levels == 0) {
    note(too_deep());
    return {};
  }
  if (type == Type::list) {
    List list;
    json::each_element(
        in, [&](json::Value& element) { read(element, list.emplace_back(), levels - 1); });
    return list;
  }
  Map map;
  json::each_member(in, [&](json::Key key, json::Value& element) {
    const auto place = map.try_emplace(json::read_key(key)).first;
    if (place->first.size() > max_name_bytes) note(name_too_large());
    read(element, place->second, levels - 1);
  });
  return map;
}

AttributeValue ValueReader::read_content(Type type, json::Value& in, int levels) {
  const auto plain = [&]<class T>(T value) {
    read_member(in, value);
    return AttributeValue(std::move(value));
  };
  switch (type) {
    case Type::string:
      return plain(std::string());
    case Type::number:
      return plain(Number());
    case Type::binary:
      return plain(Binary());
    case Type::string_set:
      return read_set<std::string>(in);
    case Type::number_set:
      return read_set<Number>(in);
    case Type::binary_set:
      return read_set<Binary>(in);
    case Type::map:
    case Type::list:
      return read_collection(type, in, levels);
    case Type::boolean:
      return json::read_boolean(in);
    default:
      break;
  }
  json::read_boolean(in);  // AWS takes false for true
  return Null{};
}

void ValueReader::read(json::Value& in, AttributeValue& out, int levels) {
  int types = 0;
  json::each_member(in, [&](json::Key key, json::Value member) {
    const Type* type = find_type(key);
    if (!type || json::is_null(member)) return;
    ++types;
    out = read_content(*type, member, levels);
  });
  if (types == 1) return;
  note(Refusal(
      types == 0 ? "Supplied AttributeValue is empty, must contain exactly one of the supported "
                   "datatypes"
                 : "Supplied AttributeValue has more than one datatypes set, must contain exactly "
                   "one of the supported datatypes"));
}

/// For a catch block: JSON of a wrong type is refused in other words inside of values than around
/// them.
[[noreturn]] void refuse_inside_of_a_value(const protocol::ServiceError& refusal) {
  if (refusal.message() == "Unexpected field type")
    json::refuse("Unexpected value type in payload");
  if (refusal.message() == "Start of structure or map found where not expected.")
    json::refuse("Start of structure or map found where not expected");
  throw;
}

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void write(const AttributeValue& value) {
    if (value.find<Fault>()) {
      out_ += "{}";
      return;
    }
    out_ += '{';
    json::append_member(out_, type_name(value.type()));
    std::visit(*this, value.content());
    out_ += '}';
  }

  void operator()(const Fault&) {}
  void operator()(const Null&) { out_ += "true"; }
  void operator()(bool truth) { out_ += truth ? "true" : "false"; }
  void operator()(const std::string& text) { json::append_string(out_, text); }
  void operator()(const Binary& binary) { json::append_blob(out_, binary.bytes); }
  void operator()(const Number& number) {
    out_ += '"';
    number.append_to(out_);
    out_ += '"';
  }
  template <class T>
  void operator()(const Set<T>& set) {
    write_list(set.members, [this](const T& member) { (*this)(member); });
  }
  void operator()(const List& list) {
    write_list(list, [this](const AttributeValue& element) { write(element); });
  }
  void operator()(const Map& map) {
    char separator = '{';
    for (const auto& [name, element] : map) {
      out_ += std::exchange(separator, ',');
      json::append_string(out_, name);
      out_ += ':';
      write(element);
    }
    out_ += map.empty() ? "{}" : "}";
  }

 private:
  std::string& out_;

  template <class Elements, class Write>
  void write_list(const Elements& elements, Write write_element) {
    char separator = '[';
    for (const auto& element : elements) {
      out_ += std::exchange(separator, ',');
      write_element(element);
    }
    out_ += elements.empty() ? "[]" : "]";
  }
};

template <class Set>
std::size_t weight_of_members(const Set& set) {
  std::size_t weight = 0;
  for (const auto& member : set.members) {
    weight += protocol::weight_of_a_value;
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, std::string>)
      weight += member.size();
    else if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, Binary>)
      weight += member.bytes.size();
  }
  return weight;
}

// Lists and maps may have a million elements, so counting ends above the limit.
std::size_t weight_of(const AttributeValue& value, std::size_t limit) {
  std::size_t weight = protocol::weight_of_a_value;
  if (const auto* text = value.find<std::string>()) return weight + text->size();
  if (const auto* binary = value.find<Binary>()) return weight + binary->bytes.size();
  if (const auto* strings = value.find<StringSet>()) return weight + weight_of_members(*strings);
  if (const auto* numbers = value.find<NumberSet>()) return weight + weight_of_members(*numbers);
  if (const auto* binaries = value.find<BinarySet>()) return weight + weight_of_members(*binaries);
  if (const auto* list = value.find<List>()) {
    for (const AttributeValue& element : *list) {
      if (weight > limit) break;
      weight += weight_of(element, limit);
    }
  } else if (const auto* map = value.find<Map>()) {
    for (const auto& [name, element] : *map) {
      if (weight > limit) break;
      weight += name.size() + weight_of(element, limit);
    }
  }
  return weight;
}

}  // namespace

constinit const protocol::NativeAccess attribute_value_access = {
    .read_json =
        [](void* in, void* value) {
          ValueReader reader;
          auto& out = *static_cast<AttributeValue*>(value);
          try {
            reader.read(*static_cast<json::Value*>(in), out, max_nesting_levels);
          } catch (const protocol::ServiceError& refusal) {
            refuse_inside_of_a_value(refusal);
          }
          if (auto fault = std::move(reader).fault()) out = Fault{std::move(fault)};
        },
    .write_json =
        [](const void* value, std::string& out) {
          JsonWriter(out).write(*static_cast<const AttributeValue*>(value));
        },
    .weight =
        [](const void* value, std::size_t limit) {
          return weight_of(*static_cast<const AttributeValue*>(value), limit);
        }};

}  // namespace matinee::dynamodb

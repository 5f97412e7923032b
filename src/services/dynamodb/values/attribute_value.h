// The value of an attribute: one of DynamoDB's ten types. It stands for the model's shape
// AttributeValue in generated structures, in expressions and in storage.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/shape.h"
#include "services/dynamodb/values/number.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {

class AttributeValue;

/// An item, or the content of a map: attributes by name.
using Item = std::map<std::string, AttributeValue>;

struct Null {
  bool operator==(const Null&) const = default;
};

/// In the place of a value that a request gives and DynamoDB does not take: decoding keeps the
/// first thing that is wrong, so that it is told of when the parameter has its turn. Only a
/// parameter's own values are faults, never what is in a list or map. `require_values` throws them;
/// nothing else ever meets one.
struct Fault {
  std::shared_ptr<const Refusal> refusal;
  bool operator==(const Fault&) const = default;
};

struct Binary {
  std::string bytes;
  auto operator<=>(const Binary&) const = default;
};

/// Members are sorted and distinct; `make_set` brings them into that form. Never empty in an item.
template <class T>
struct Set {
  std::vector<T> members;
  bool operator==(const Set&) const = default;

  bool contains(const T& member) const;
  /// What is in this set, in the other, or in both.
  void unite(const Set& other);
  void subtract(const Set& other);
};

using StringSet = Set<std::string>;
using NumberSet = Set<Number>;
using BinarySet = Set<Binary>;
using List = std::vector<AttributeValue>;
using Map = Item;

/// Sorts the members; equal ones stay in once.
template <class T>
Set<T> make_set(std::vector<T> members);

enum class Type : std::uint8_t {
  null,
  boolean,
  string,
  number,
  binary,
  string_set,
  number_set,
  binary_set,
  list,
  map,
  fault
};

/// "S", "NULL" …: the name of a type in JSON and in attribute_type.
std::string_view type_name(Type type);
/// The type with that name; nothing for other text.
const Type* find_type(std::string_view name);

/// Values are equal if they have the same type and content: numbers by value, sets and maps without
/// regard to order.
class AttributeValue {
 public:
  using Content = std::variant<Null, bool, std::string, Number, Binary, StringSet, NumberSet,
                               BinarySet, List, Map, Fault>;

  /// NULL.
  AttributeValue() = default;
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, AttributeValue> &&
             !std::is_pointer_v<std::decay_t<T>> &&
             std::is_constructible_v<Content, std::in_place_type_t<std::remove_cvref_t<T>>, T>)
  AttributeValue(T&& value)  // NOLINT: a string is an S
      : content_(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value)) {}
  AttributeValue(const char* text)  // NOLINT
      : content_(std::in_place_type<std::string>, text) {}

  Type type() const { return static_cast<Type>(content_.index()); }

  /// The content if it is a T, else null.
  template <class T>
  const T* find() const {
    return std::get_if<T>(&content_);
  }
  template <class T>
  T* find() {
    return std::get_if<T>(&content_);
  }
  const Content& content() const { return content_; }

  bool operator==(const AttributeValue&) const = default;

 private:
  Content content_;
};

/// Whether a value has an order to others of its type: strings, numbers and binaries.
bool is_ordered(Type type);
/// Strings and binaries by their bytes, numbers by value. Both must have the same ordered type.
std::strong_ordering compare(const AttributeValue& left, const AttributeValue& right);

/// Of an attribute, and of a key in a map.
inline constexpr std::size_t max_name_bytes = 65'535;
/// What is told of a longer one.
Refusal name_too_large();
/// Throws that where a name is longer.
void require_name(const std::string& name);

/// Throws what is wrong with a value of a request, if anything is; with an item, with its names
/// too.
void require_value(const AttributeValue& value);
void require_values(const Item& item);
void require_values(const std::vector<AttributeValue>& values);

/// How AWS writes a value in messages: "{S:text}", "{N:1}".
std::string describe(const AttributeValue& value);

/// Levels of lists and maps in each other, in requests and in the store.
inline constexpr int max_nesting_levels = 32;
/// What is told of more; without a count in every operation.
Refusal too_deep();
/// Throws a ValidationException where lists and maps are nested deeper than that.
void require_nesting_within_limit(const Item& item);

/// How codecs read and write a value: {"S": "text"}, {"L": [{"N": "1"}]}. Reading throws
/// SerializationException for other JSON, and makes a Fault of what DynamoDB does not take as a
/// value.
extern const protocol::NativeAccess attribute_value_access;

}  // namespace matinee::dynamodb

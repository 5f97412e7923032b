// JSON as a value that functions can look into and build: small, strict (RFC 8259, UTF-8), and
// exact. Numbers stay the text that they were, so that 9.20 does not become 9.199999.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lambda {

/// Text that is no JSON, or a value that is not what it is taken for. what() is a sentence.
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct JsonMember;

class Json {
 public:
  using Array = std::vector<Json>;
  /// In the order they came; of members of one name the last counts.
  using Object = std::vector<JsonMember>;

  /// null
  Json();
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  // Values become JSON by themselves.
  Json(bool value);              // NOLINT
  Json(int value);               // NOLINT
  Json(std::int64_t value);      // NOLINT
  Json(std::string value);       // NOLINT
  Json(std::string_view value);  // NOLINT
  Json(const char* value);       // NOLINT
  Json(Array value);             // NOLINT
  static Json object();
  static Json array();
  /// A number by its text. Throws JsonError where JSON has no such number.
  static Json number(std::string_view text);

  /// Throws JsonError where `text` is not one JSON value, with the place. At most 200 levels deep.
  static Json parse(std::string_view text);
  /// Without white space, in UTF-8.
  std::string dump() const;

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<Number>(value_); }
  bool is_text() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // What it is taken for; they throw JsonError where it is something else.
  bool as_bool() const;
  const std::string& text() const;
  /// A whole number that fits.
  std::int64_t integer() const;
  double as_double() const;
  /// A number as it was written.
  const std::string& number_text() const;
  const Array& elements() const;
  const Object& members() const;

  /// The member, or null where there is none, or this is no object.
  const Json* find(std::string_view name) const;
  /// The member. Throws JsonError, with the name, where there is none.
  const Json& at(std::string_view name) const;
  /// The text of a member; `otherwise` where it is missing or null.
  std::string text_or(std::string_view name, std::string_view otherwise = "") const;

  /// Sets a member of an object, and returns the object.
  Json& set(std::string_view name, Json value);
  /// Appends to an array.
  void push(Json value);

  bool operator==(const Json& other) const;

 private:
  struct Number {
    std::string text;
    bool operator==(const Number&) const = default;
  };
  using Value = std::variant<std::monostate, bool, Number, std::string, Array, Object>;

  explicit Json(Value value);
  void append_to(std::string& out) const;
  template <class T>
  const T& get(std::string_view wanted) const;

  Value value_;

  friend class JsonParser;
};

struct JsonMember {
  std::string name;
  Json value;
  bool operator==(const JsonMember&) const = default;
};

/// In quotes and escaped. Bytes that are no UTF-8 become U+FFFD, so that the result always is.
void append_json_text(std::string& out, std::string_view text);

}  // namespace lambda

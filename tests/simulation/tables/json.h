// JSON, as the model of tables keeps, asks and answers it. Values of attributes stay in DynamoDB's
// own form: {"S": "text"}.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace matinee::simulation::tables {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json>;
  using Content =
      std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object>;

  Json() = default;
  Json(bool value) : content(value) {}                      // NOLINT
  Json(std::int64_t value) : content(value) {}              // NOLINT
  Json(int value) : content(std::int64_t{value}) {}         // NOLINT
  Json(std::string value) : content(std::move(value)) {}    // NOLINT
  Json(const char* value) : content(std::string(value)) {}  // NOLINT
  Json(Array value) : content(std::move(value)) {}          // NOLINT
  Json(Object value) : content(std::move(value)) {}         // NOLINT

  /// Throws std::runtime_error for text that is no JSON.
  static Json parse(std::string_view text);
  /// Without blanks, members of objects in the order of their names.
  std::string text() const;

  bool operator==(const Json&) const = default;

  const Object& object() const { return std::get<Object>(content); }
  Object& object() { return std::get<Object>(content); }
  const Array& array() const { return std::get<Array>(content); }
  Array& array() { return std::get<Array>(content); }
  const std::string& string() const { return std::get<std::string>(content); }
  std::int64_t integer() const { return std::get<std::int64_t>(content); }
  bool is_object() const { return std::holds_alternative<Object>(content); }
  bool is_array() const { return std::holds_alternative<Array>(content); }

  /// A member of an object; null where there is none, or this is no object.
  const Json* find(const std::string& name) const;
  /// A member that must be there.
  const Json& at(const std::string& name) const { return object().at(name); }
  /// Makes an object of nothing, and a member of it.
  Json& operator[](const std::string& name);

  Content content;
};

}  // namespace matinee::simulation::tables

// A template, or a part of it, as a tree: what YAML and JSON have in common, with the place of each
// value in its text. Maps keep the order in which their members stand there, numbers the text that
// they are written in ("1000.0", "0644"). Short forms of YAML (!Ref, !GetAtt, !Sub) are read as the
// long ones. A tree knows nothing of functions or references: `intrinsics.h` does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::templates {

/// Counted from 1; 0: not of a text.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Member;

class Value {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, list, map };
  using List = std::vector<Value>;
  using Map = std::vector<Member>;  // no name twice

  Value() = default;  // null
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  // Texts, truths and whole numbers become values by themselves.
  Value(std::string text);                // NOLINT
  Value(std::string_view text);           // NOLINT
  Value(const char* text);                // NOLINT
  Value(bool truth);                      // NOLINT
  Value(int number);                      // NOLINT
  Value(std::int64_t number);             // NOLINT
  static Value number(std::string text);  // as it is written: "1000.0"
  static Value list(List elements = {});
  static Value map();
  /// {name: value}
  static Value map(std::string name, Value value);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_map() const { return kind_ == Kind::map; }
  /// A string, a number or a truth: what functions take for a string.
  bool is_scalar() const {
    return kind_ == Kind::string || kind_ == Kind::number || kind_ == Kind::boolean;
  }

  /// Of a scalar: its text ("true", "1000.0"); empty for others.
  const std::string& text() const { return text_; }
  bool truth() const { return text_ == "true"; }
  /// Of a scalar that is a whole number, also in a string.
  std::optional<std::int64_t> integer() const;

  /// Of a list; empty for others.
  const List& elements() const { return elements_; }
  List& elements() { return elements_; }
  /// Of a map; empty for others.
  const Map& members() const { return members_; }
  Map& members() { return members_; }

  /// The member of a map; null where there is none, or this is no map.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  /// The text of a scalar member; `otherwise` where it is missing or no scalar.
  std::string text_or(std::string_view name, std::string_view otherwise = "") const;
  /// Sets a member of a map in its old place, or at the end, and returns the map. A null value
  /// becomes a map by it.
  Value& set(std::string_view name, Value value);
  /// The member, made as null at the end where it is missing.
  Value& operator[](std::string_view name);
  bool erase(std::string_view name);
  /// Sets all members of `more`, in linear time.
  void merge(const Value& more);
  void append(Value element);  // a null value becomes a list by it

  Place place() const { return place_; }
  Value&& at(Place place) && {
    place_ = place;
    return std::move(*this);
  }
  void set_place(Place place) { place_ = place; }

  /// Whether both say the same: kinds, texts and elements; places and the order of members do not
  /// count.
  bool operator==(const Value& other) const;

 private:
  Kind kind_ = Kind::null;
  Place place_;
  std::string text_;
  List elements_;
  Map members_;
};

struct Member {
  std::string name;
  Value value;
  Place place = {};  // of the name
};

/// Whether JSON has a number that is written so (RFC 8259).
bool is_json_number(std::string_view text);

/// JSON without white space; numbers as they are written, where JSON has them so (else in quotes).
std::string to_json(const Value& value);
/// With members in the order of their names, at every level: for hashes and comparisons.
std::string to_sorted_json(const Value& value);

}  // namespace matinee::templates
